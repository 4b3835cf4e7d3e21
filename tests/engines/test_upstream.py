"""The manners of engines that are servers elsewhere: what they hear, hand on, and how they fail."""

import gzip
from pathlib import Path

import pytest

from pisang import __version__
from pisang.core.upstream import Broken, Dialect
from pisang.engines.base import UpstreamFault
from pisang.engines.upstream import Ask, Client, garbled, onward, query, starred, time_left
from tests.upstream import CUT, HANG, RESET, Answer, chunked, error, sse, upstream, whole

KEY = "AIzaSy-secret-of-ours"
_GZIP = {"content-encoding": "gzip"}


def ask(url: str, **more: object) -> Ask:
    return Ask(dialect=Dialect.GEMINI, url=url, body=(b"{}",), secrets=(KEY,), **more)  # type: ignore[arg-type]


async def fault(answer: Answer, **more: object) -> UpstreamFault:
    """What an answer that is none is told as."""
    client = Client()
    async with upstream(answer) as there:
        with pytest.raises(UpstreamFault) as caught:
            await client.fetch(ask(there.url, **more))
        await client.close()
    return caught.value


async def test_a_good_answer_is_handed_on_with_the_headers_that_mean_something() -> None:
    client = Client()
    headers = {
        "x-gemini-service-tier": "flex",
        "server-timing": "gfet4t7; dur=836",
        "set-cookie": "a=b",
        "server": "scaffolding on HTTPServer2",
        "x-ratelimit-remaining-requests": "12",
        "alt-svc": 'h3=":443"',
    }
    async with upstream(whole("{}", headers=headers), sse({"a": 1})) as there:
        passing = await client.forward(ask(there.url))
        assert passing.headers == {
            "content-type": "application/json; charset=UTF-8",
            "x-gemini-service-tier": "flex",
            "server-timing": "gfet4t7; dur=836",
        }
        assert passing.length == 2
        assert [chunk async for chunk in passing.chunks] == [b"{}"]
        passing = await client.forward(ask(there.url))
        assert (passing.length, passing.headers["content-type"]) == (None, "text/event-stream")
        assert [chunk async for chunk in passing.chunks] == [b'data: {"a": 1}\r\n\r\n']
        await client.close()
    assert there.requests[0].headers["user-agent"] == f"pisang/{__version__}"
    assert there.requests[0].headers["accept-encoding"] == "identity"


async def test_an_error_is_kept_whole() -> None:
    found = await fault(error(429, "no", word="RESOURCE_EXHAUSTED", headers={"Retry-After": "7"}))
    symptom = found.symptom
    assert (symptom.dialect, symptom.status, symptom.broken) == (Dialect.GEMINI, 429, None)
    assert symptom.headers["retry-after"] == "7"
    told = b'{"error": {"code": 429, "message": "no", "status": "RESOURCE_EXHAUSTED"}}'
    assert symptom.body == told


async def test_of_an_error_without_end_there_is_a_beginning() -> None:
    symptom = (await fault(whole(b"x" * 3_000_000, status=500))).symptom
    assert symptom.body == b"x" * 1_000_000
    symptom = (await fault(chunked(b"half of it", CUT, status=502))).symptom
    assert (symptom.status, symptom.body, symptom.broken) == (502, b"half of it", None)


async def test_our_secret_is_in_no_answer_that_repeats_it() -> None:
    repeated = error(400, f"key={KEY} is bad", headers={"www-authenticate": f"Bearer {KEY}"})
    found = await fault(repeated)
    assert KEY.encode() not in found.symptom.body
    assert b"key=******** is bad" in found.symptom.body
    assert found.symptom.headers["www-authenticate"] == "Bearer ********"
    assert KEY not in repr(ask("http://127.0.0.1/", headers={"x-goog-api-key": KEY}))


def test_what_is_too_short_to_be_a_secret_blanks_out_nothing() -> None:
    assert starred(b"a key of mine", ("key", "")) == b"a key of mine"


@pytest.mark.parametrize(
    ("answer", "broken", "status"),
    [
        ((RESET,), Broken.RESET, None),
        ((HANG,), Broken.TIMEOUT, None),
        (whole("{", length=100), Broken.CUT, 200),
        (chunked(b"{", RESET), Broken.CUT, 200),
        (chunked(b"{", HANG), Broken.TIMEOUT, 200),
        (whole("<html>", content_type="text/html"), Broken.GARBLED, 200),
        (whole(b"\x1f\x8b", headers=_GZIP), Broken.GARBLED, 200),
        (whole(b"{}", headers={"content-encoding": "br"}), Broken.GARBLED, 200),
        (whole(gzip.compress(b"{}"), length=90, headers=_GZIP), Broken.CUT, 200),
        (whole(""), Broken.GARBLED, 200),
        ((b"SSH-2.0-OpenSSH_9.2\r\n", CUT), Broken.GARBLED, None),
    ],
)
async def test_what_is_no_answer_is_told_by_what_was_seen(
    answer: Answer, broken: Broken, status: int | None
) -> None:
    symptom = (await fault(answer, seconds=0.4)).symptom
    assert (symptom.broken, symptom.status) == (broken, status)
    assert symptom.detail.endswith(".")


async def test_the_page_of_a_proxy_is_shown() -> None:
    symptom = (await fault(whole("<h1>Sign in</h1>", content_type="text/html"))).symptom
    assert symptom.body == b"<h1>Sign in</h1>"
    assert symptom.headers["content-type"] == "text/html"


async def test_nobody_there_is_told_as_that() -> None:
    client = Client()
    with pytest.raises(UpstreamFault) as caught:
        await client.fetch(ask("http://127.0.0.1:1/"))
    assert caught.value.symptom.broken is Broken.CONNECT
    assert "127.0.0.1:1" in caught.value.symptom.detail


def test_only_what_an_upstream_should_hear_of_a_caller_goes_up() -> None:
    said = {
        "x-vertex-ai-llm-shared-request-type": "flex",
        "x-vertex-ai-llm-request-type": "shared",
        "authorization": "Bearer theirs",
        "x-goog-api-key": "theirs",
        "x-goog-user-project": "theirs",
        "x-goog-request-params": "model=projects/theirs",
        "cookie": "a=b",
        "x-pisang-fault": "busy",
        "x-forwarded-for": "10.0.0.1",
        "idempotency-key": "1",
    }
    assert onward(said) == {
        "x-vertex-ai-llm-shared-request-type": "flex",
        "x-vertex-ai-llm-request-type": "shared",
    }


def test_only_the_form_of_the_answer_goes_up_of_a_query() -> None:
    assert query({"alt": "sse", "key": "theirs", "fields": "candidates"}) == "?alt=sse"
    assert query({"alt": "proto"}) == ""
    assert query({"$alt": "json;enum-encoding=int"}) == ""


@pytest.mark.parametrize(("seconds", "told"), [(599.2, "599"), (1, "1"), (0.001, "1")])
def test_the_upstream_is_told_how_long_we_wait(seconds: float, told: str) -> None:
    assert time_left(seconds) == {"x-server-timeout": told}


def test_what_cannot_be_read_is_kept_to_its_first_megabyte() -> None:
    symptom = garbled(Dialect.OPENAI, "It is no JSON.", b"x" * 2_000_000).symptom
    assert (symptom.broken, len(symptom.body)) == (Broken.GARBLED, 1_000_000)


async def test_an_authority_of_ones_own_has_to_be_a_certificate(tmp_path: Path) -> None:
    (tmp_path / "not.pem").write_text("hello")
    client = Client(ca_file=tmp_path / "not.pem")
    with pytest.raises(UpstreamFault) as caught:
        await client.fetch(ask("https://127.0.0.1:1/"))
    assert caught.value.symptom.broken is Broken.TLS


@pytest.mark.parametrize("media_type", ["application/octet-stream", "Application/JSON"])
async def test_an_answer_whose_type_tells_nothing_is_looked_at(media_type: str) -> None:
    client = Client()
    async with upstream(whole('{"a": 1}', content_type=media_type)) as there:
        assert await client.fetch(ask(there.url)) == b'{"a": 1}'
        await client.close()
