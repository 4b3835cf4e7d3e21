"""One id finds all that a request left behind: the log, the trace, the ledger and the audit log."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pisang import journal
from pisang.accounts import keys, projects
from pisang.app import Application
from pisang.core.caller import Allowance
from pisang.testing import server
from tests.path.asgi import Reply, call, generate, post
from tests.path.routed import google, routed
from tests.path.test_relay import ADDRESS, BODY, PICTURE
from tests.telemetry.collector import Collector, collector
from tests.upstream import error, upstream

_PROMPT = {"contents": [{"parts": [{"text": "a whispered xylophone"}]}]}
_TOP_UP = "/admin/v1/ledger/top-ups"


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collector() as running:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", running.url)
        yield running


async def _operator(app: Application) -> str:
    """A key of an operator of the server."""
    async with app.database.write() as connection:
        project = await projects.find(connection, "default")
        made = await keys.create(
            connection, project, name="operator", allowed=frozenset({Allowance.ADMIN})
        )
        return made.key


async def _ask(app: Application, key: str, method: str, address: str, body: Any = None) -> Reply:
    sent = {"x-goog-api-key": key, "content-type": "application/json"}
    data = b"" if body is None else json.dumps(body).encode()
    return await call(app.asgi, method, address, headers=sent, chunks=[data])


def _lines(written: str, **fields: str) -> list[dict[str, Any]]:
    """Log lines that have these fields."""
    lines = [json.loads(line) for line in written.splitlines()]
    return [line for line in lines if fields.items() <= line.items()]


async def test_a_pictures_id_finds_its_lines_its_trace_and_its_entries(
    tmp_path: Path, collected: Collector, capsys: pytest.CaptureFixture[str]
) -> None:
    journal.set_up(level="info", form="json")
    async with server(tmp_path / "data") as pisang:
        key = await _operator(pisang.app)
        reply = await post(pisang, generate())
        request = reply.headers["x-request-id"]
        address = f"/admin/v1/ledger/entries?request={request}"
        listed = await _ask(pisang.app, key, "GET", address)
    entries = {entry["kind"]: entry for entry in listed.json["entries"]}
    assert set(entries) == {"hold", "post"}
    lines = _lines(capsys.readouterr().err, request=request)
    assert {"answered", "request"} <= {line["event"] for line in lines}
    (span,) = (s for s in collected.spans if s.attributes.get("pisang.request") == request)
    (attempt,) = (s for s in collected.spans if s.parent == span.id)
    assert {line["trace_id"] for line in lines} == {span.trace}
    assert attempt.attributes["pisang.hold"] == entries["post"]["hold_id"]


async def test_a_top_ups_id_finds_all_four(
    tmp_path: Path, collected: Collector, capsys: pytest.CaptureFixture[str]
) -> None:
    journal.set_up(level="info", form="json")
    async with server(tmp_path / "data") as pisang:
        key = await _operator(pisang.app)
        body = {"project": "default", "amount_usd": "5.00"}
        reply = await _ask(pisang.app, key, "POST", _TOP_UP, body)
        assert reply.status == 201
        request = reply.headers["x-request-id"]
        entries = await _ask(pisang.app, key, "GET", f"/admin/v1/ledger/entries?request={request}")
        audit = await _ask(pisang.app, key, "GET", f"/admin/v1/audit?request={request}")
    (entry,) = entries.json["entries"]
    assert (entry["kind"], entry["amount_usd"]) == ("top_up", "5.00")
    (line,) = audit.json["entries"]
    assert line["target"] == f"entries/{entry['id']}"
    (logged,) = _lines(capsys.readouterr().err, request=request, event="request")
    (span,) = (s for s in collected.spans if s.attributes["pisang.request"] == request)
    assert logged["trace_id"] == span.trace
    assert span.name == "POST /admin/v1/ledger/top-ups"


async def test_the_log_has_no_secret_and_nothing_of_what_was_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """At its most talkative, with an upstream that repeats what it was sent."""
    journal.set_up(level="debug", form="json")
    told = error(400, "API key not valid: upstream-key-1", word="INVALID_ARGUMENT")
    async with (
        upstream(told) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        body = json.dumps(_PROMPT).encode()
        for address in (ADDRESS, f"{ADDRESS}?key={pisang.key}", "/v1beta/nowhere"):
            await pisang.post(address, body)
        await pisang.post("/v1/images/generations", b'{"model":"gpt-image-1","prompt":"xylophone"}')
        await pisang.post(ADDRESS, b'{"contents": "xylophone"')
        await pisang.post(ADDRESS, BODY.replace(b"a field", PICTURE.encode()))
        operator = await _operator(pisang.app)
        signing = {"email": "a@example.com", "password": "a-password-of-somebody"}
        await _ask(pisang.app, operator, "POST", "/admin/v1/sessions", signing)
        await _ask(pisang.app, operator, "POST", "/admin/v1/keys", {"project": "default"})
        secrets = (
            pisang.key,
            operator,
            "upstream-key-1",
            "xylophone",
            "a-password-of-somebody",
            PICTURE[:80],
        )
    written = capsys.readouterr().err
    assert len(_lines(written, event="request")) == 8
    for secret in secrets:
        assert secret not in written
