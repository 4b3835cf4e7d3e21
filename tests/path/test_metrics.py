"""/metrics through the whole application: what happened is counted, and nobody is named."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from pisang.accounts import keys, projects
from pisang.app import Application
from pisang.core.errors import StoreError
from pisang.core.terms import Dimension
from pisang.ledger import limits
from pisang.store.database import Database
from pisang.telemetry.metrics import LIMITS, METRICS
from pisang.testing import ScriptedEngine, Server, server
from tests.databases import Redis
from tests.path.asgi import call, generate, get, post
from tests.path.routed import google, routed
from tests.path.scraped import samples, scrape, scraped
from tests.path.test_relay import ADDRESS, BODY, GOOD, MODEL, USAGE
from tests.upstream import error, upstream, whole

_SUFFIXES = ("_bucket", "_count", "_sum")


def _from(address: str, app: ASGIApp) -> ASGIApp:
    """The same application, asked from somewhere else."""

    async def asked(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "client": (address, 1)}, receive, send)

    return asked


async def test_a_picture_is_counted_with_its_tokens_and_its_cost(pisang: Server) -> None:
    assert (await post(pisang, generate())).status == 200
    found = await scraped(pisang.app)
    labels = {"surface": "gemini_api", "method": "generateContent", "status": "200"}
    assert found.of("gen_ai_server_request_duration_seconds_count", **labels) == 1
    assert found.of("gen_ai_client_operation_duration_seconds_count", error_type="") == 1
    assert found.of("gen_ai_client_operation_time_to_first_chunk_seconds_count") == 1
    made = {"model": "gemini-3-pro-image", "engine": "scripted"}
    assert found.of("pisang_images_total", size="1K", **made) == 1
    assert found.of("pisang_answers_total", finish="STOP", **made) == 1
    tokens = {"gen_ai_token_type": "output", "modality": "image"}
    assert found.of("gen_ai_client_token_usage_sum", **tokens) == 1120
    cost = found.of("pisang_cost_usd_total", rehearsal="yes", **made)
    assert Decimal(str(round(cost, 9))) == Decimal("0.134502")
    assert found.of("pisang_cost_usd_total", rehearsal="no") == 0
    assert found.of("pisang_ledger_batch_operations_sum") >= 2  # the hold and the post


async def test_what_is_on_the_page_is_documented_and_the_reverse(tmp_path: Path) -> None:
    failing = error(503, "busy", word="UNAVAILABLE")
    async with (
        upstream(failing) as bad,
        upstream(GOOD) as good,
        routed(tmp_path / "data", {"bad": google(bad.url), "good": google(good.url)}) as pisang,
    ):
        assert (await pisang.post(ADDRESS, BODY)).status == 200
        assert (await pisang.post("/v1beta/nowhere", BODY)).status == 404
        found = set((await scraped(pisang.app)).found)
    bare = {_bare(name, found) for name in found}
    assert bare == {each.name for each in METRICS} - {LIMITS.name}


def _bare(name: str, all_: set[str]) -> str:
    """The metric that a sample belongs to."""
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and f"{name.removesuffix(suffix)}_bucket" in all_:
            return name.removesuffix(suffix)
    return name


async def test_what_an_engine_could_not_do_is_counted_by_kind(tmp_path: Path) -> None:
    failing = error(503, "busy", word="UNAVAILABLE")
    async with (
        upstream(failing) as bad,
        upstream(GOOD) as good,
        routed(
            tmp_path / "data",
            {"bad": google(bad.url), "good": google(good.url)},
            tries_before_next=1,
        ) as pisang,
    ):
        assert (await pisang.post(ADDRESS, BODY)).status == 200
        found = await scraped(pisang.app)
    assert found.of("pisang_attempts_total", engine="good", kind="ok") == 1
    assert found.of("pisang_attempts_total", engine="bad", kind="ok") == 0
    assert found.of("pisang_attempts_total", engine="bad") == 1
    assert found.of("pisang_further_attempts_total", engine="good", why="failover") == 1
    assert found.of("gen_ai_client_operation_duration_seconds_count", engine="bad") == 1
    tokens = {"gen_ai_provider_name": "gcp.gemini", "gen_ai_token_type": "input"}
    assert found.of("gen_ai_client_token_usage_sum", **tokens) == USAGE["promptTokenCount"]


async def test_each_attempt_is_counted_once(tmp_path: Path) -> None:
    async with (
        upstream(GOOD) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        for _ in range(3):
            assert (await pisang.post(ADDRESS, BODY)).status == 200
        found = await scraped(pisang.app)
    assert found.of("pisang_attempts_total") == 3
    assert found.of("pisang_engine_under_way", engine="studio") == 0
    assert found.of("pisang_engine_up", engine="studio") == 1


async def test_an_engine_whose_key_is_wrong_is_not_up(tmp_path: Path) -> None:
    wrong = error(400, "API key not valid. Please pass a valid API key.", word="INVALID_ARGUMENT")
    async with (
        upstream(wrong) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        assert (await pisang.post(ADDRESS, BODY)).status >= 400
        found = await scraped(pisang.app)
    assert found.of("pisang_engine_up") == 0
    assert frozenset({("engine", "studio")}) in found.found["pisang_engine_up"]


async def test_a_limit_that_is_used_up_is_counted_by_its_dimension(pisang: Server) -> None:
    key = await _limited(pisang.app, "crowd")
    assert (await post(pisang, generate(), key=key)).status == 200
    assert (await post(pisang, generate(), key=key)).status == 429
    found = await scraped(pisang.app)
    reason = {"reason": "RATE_LIMIT_EXCEEDED", "dimension": "rpm"}
    assert found.of("pisang_refused_total", **reason) == 1
    assert found.of("pisang_images_total") == 1


async def _limited(app: Application, name: str) -> str:
    """A key of a project that may ask once a minute."""
    async with app.database.write() as connection:
        project = await projects.create(connection, name)
        scope = f"project:{project.id}"
        await limits.put(connection, scope, MODEL, {Dimension.RPM: 1})
        return (await keys.create(connection, project, name="the-key-of-crowd")).key


async def test_neither_a_project_nor_a_key_is_ever_named(pisang: Server) -> None:
    key = await _limited(pisang.app, "crowd")
    for _ in range(2):
        await post(pisang, generate(), key=key)
    page = (await scrape(pisang.app)).body.decode()
    async with pisang.app.database.read() as connection:
        project = await projects.find(connection, "crowd")
        (listed,) = await keys.listed(connection, project)
    for secret in ("crowd", project.id, project.number, key, key[-4:], listed.id):
        assert secret not in page


async def test_what_callers_make_up_adds_no_label(tmp_path: Path) -> None:
    async with (
        upstream(GOOD) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        for number in range(3):
            model = f"made-up-{number}"
            address = f"/v1beta/models/{model}:generateContent"
            assert (await pisang.post(address, BODY)).status == 200
            await pisang.post(f"/{model}", BODY)
        await call(pisang.app.asgi, "MADEUP", "/v1beta/models")
        await call(pisang.app.asgi, "GET", "/v1beta//models/", headers={})
        found = await scraped(pisang.app)
    assert "made-up" not in found.page
    assert "MADEUP" not in found.page
    name = "gen_ai_client_operation_duration_seconds_count"
    assert found.of(name, gen_ai_request_model="other") == 3
    requests = "gen_ai_server_request_duration_seconds_count"
    assert found.of(requests, surface="other", method="other", status="404") == 3
    assert found.of(requests, surface="gemini_api", method="GET models") == 1


async def test_only_private_networks_may_ask_without_a_token(pisang: Server) -> None:
    for address, status in {
        "127.0.0.1": 200,
        "10.1.2.3": 200,
        "::1": 200,
        "192.168.7.7": 200,
        "8.8.8.8": 403,
        "2001:4860:4860::8888": 403,
    }.items():
        there = _from(address, pisang.app.asgi)
        assert (await call(there, "GET", "/metrics")).status == status, address


async def test_behind_a_proxy_the_callers_own_address_counts(tmp_path: Path) -> None:
    async with server(tmp_path / "data", trusted_proxies="127.0.0.1") as pisang:
        reply = await get(pisang, "/metrics", **{"x-forwarded-for": "8.8.8.8"})
        assert reply.status == 403
        assert "metrics_token" in reply.error["message"]


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "via", "x-real-ip"])
async def test_what_comes_through_a_proxy_that_nobody_named_may_come_from_anywhere(
    pisang: Server, header: str
) -> None:
    assert (await scrape(pisang.app, **{header: "10.0.0.7"})).status == 403


async def test_with_a_token_nobody_else_may(tmp_path: Path) -> None:
    async with server(tmp_path / "data", metrics_token="scrape-me-1") as pisang:
        there = _from("8.8.8.8", pisang.app.asgi)
        for said in ({}, {"authorization": "Bearer wrong"}, {"authorization": "scrape-me-1"}):
            assert (await call(there, "GET", "/metrics", headers=said)).status == 403
        reply = await call(
            there, "GET", "/metrics", headers={"authorization": "Bearer scrape-me-1"}
        )
        assert reply.status == 200


async def test_off_is_off(tmp_path: Path) -> None:
    async with server(tmp_path / "data", metrics="off") as pisang:
        assert (await post(pisang, generate())).status == 200
        reply = await scrape(pisang.app)
        assert reply.status == 404
        assert "metrics" in reply.error["message"]


async def test_a_prefix_is_no_part_of_its_address_nor_of_names(tmp_path: Path) -> None:
    async with server(tmp_path / "data", prefix="/gemini") as pisang:
        assert (await post(pisang, f"/gemini{generate()}")).status == 200
        found = await scraped(pisang.app)
    name = "gen_ai_server_request_duration_seconds_count"
    assert found.of(name, surface="gemini_api", method="generateContent") == 1


async def test_a_lost_database_leaves_out_what_only_it_knows(
    pisang: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post(pisang, generate())

    def lost(_: Database) -> None:
        raise StoreError("The database cannot be used.")

    monkeypatch.setattr(Database, "read", lost)
    found = await scraped(pisang.app)
    assert found.of("pisang_database_up") == 0
    assert "pisang_open_holds" not in found.found
    assert found.of("pisang_images_total") == 1


@pytest.mark.parametrize("lost", ["open", "closed", "local"])
async def test_a_lost_valkey_is_seen_whatever_requests_are_told(
    tmp_path: Path, own_redis: Redis, lost: str
) -> None:
    settings = {"limits_url": own_redis.url, "limits_lost": lost}
    async with server(tmp_path / "data", **settings) as pisang:
        before = await scraped(pisang.app)
        own_redis.kill()
        after = await scraped(pisang.app)
    assert before.of(LIMITS.name) == 1
    assert after.found[LIMITS.name] == {frozenset(): 0}
    assert after.of("pisang_database_up") == 1


async def test_a_hold_is_seen_while_it_is_open(tmp_path: Path) -> None:
    engine = ScriptedEngine(hold=True)
    async with server(tmp_path / "data", engine=engine) as pisang:
        key = await _limited(pisang.app, "crowd")  # whose holds are written before they are given
        asking = asyncio.create_task(post(pisang, generate(), key=key))
        await engine.begun.wait()
        found = await scraped(pisang.app)
        engine.go.set()
        assert (await asking).status == 200
        after = await scraped(pisang.app)
    assert (found.of("pisang_open_holds"), found.of("pisang_engine_under_way")) == (1, 1)
    assert found.of("pisang_held_usd") > 0.134
    assert (after.of("pisang_open_holds"), after.of("pisang_held_usd")) == (0, 0)


async def test_who_asks_for_openmetrics_gets_it(pisang: Server) -> None:
    accept = "application/openmetrics-text;version=1.0.0"
    reply = await scrape(pisang.app, accept=accept)
    assert reply.headers["content-type"].startswith("application/openmetrics-text")
    assert reply.body.endswith(b"# EOF\n")
    plain = await scrape(pisang.app)
    assert plain.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert samples(plain.body.decode())


async def test_refusals_are_counted_by_finish_reason(tmp_path: Path) -> None:
    refusal = {
        "candidates": [{"finishReason": "IMAGE_SAFETY", "finishMessage": "no"}],
        "usageMetadata": {"promptTokenCount": 5, "totalTokenCount": 5},
        "modelVersion": MODEL,
    }
    async with (
        upstream(whole(refusal)) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        assert (await pisang.post(ADDRESS, BODY)).status == 200
        found = await scraped(pisang.app)
    assert found.of("pisang_answers_total", finish="IMAGE_SAFETY") == 1
    assert found.of("pisang_images_total") == 0
