import json

import httpx2
import pytest

from pisang import client
from pisang.client import Client, fetch
from pisang.core import errors
from pisang.core.content import Blob, Content, Part, Role
from pisang.core.events import Finished, FinishReason, Image, Result, Text, Usage
from pisang.core.request import GenerateRequest, ImageConfig
from pisang.wire import faults, payload
from pisang.wire.gemini import response

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")
REQUEST = GenerateRequest(
    model="gemini-3.1-flash-image",
    contents=(Content(Role.USER, (Part(text="a fox"),)),),
    image=ImageConfig(aspect_ratio="16:9"),
)
RESULT = Result(
    "pisang-sketch-1",
    (Text("A fox."), Image(Blob("image/png", PNG), b"signed")),
    Finished(FinishReason.STOP, usage=Usage(prompt_text=2, image_output=1120, images=1)),
)


def answering(status: int, body: bytes) -> httpx2.MockTransport:
    return httpx2.MockTransport(lambda _: httpx2.Response(status, content=body))


async def test_a_request_is_sent_as_the_dialect_writes_it_and_its_answer_read() -> None:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(
            200,
            content=response.encode(RESULT, response_id="r1"),
            headers={"x-pisang-notice": "another model"},
        )

    transport = httpx2.MockTransport(answer)
    async with Client("http://gw.example:99/pre/", "a-key", transport=transport) as it:
        result, notice = await it.generate(REQUEST)

    assert (result, notice) == (RESULT, "another model")
    assert str(seen[0].url) == (
        "http://gw.example:99/pre/v1beta/models/gemini-3.1-flash-image:generateContent"
    )
    assert seen[0].headers["x-goog-api-key"] == "a-key"
    assert json.loads(seen[0].content)["generationConfig"] == {
        "imageConfig": {"aspectRatio": "16:9"}
    }


@pytest.mark.parametrize(
    "error",
    [
        errors.InvalidKey("API key not valid."),
        errors.UnsupportedParameter("No size 2k.", field="generation_config.image_size"),
        errors.ModelNotFound("No such model."),
        errors.EngineUnavailable("Busy.", retry_after=3),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_an_error_of_the_server_is_raised_as_the_same_error(
    error: errors.PisangError,
) -> None:
    status, body = faults.google(error)
    transport = answering(status, b"".join(payload.pieces(body)))

    async with Client("http://gw.example", None, transport=transport) as it:
        with pytest.raises(type(error)) as caught:
            await it.generate(REQUEST)

    assert error.message in caught.value.message
    assert caught.value.field == error.field
    assert caught.value.retry_after == error.retry_after


async def test_a_page_that_is_no_api_is_an_error_that_shows_it() -> None:
    async with Client("http://gw.example", None, transport=answering(502, b"<html>Bad")) as it:
        with pytest.raises(errors.PisangError, match=r"HTTP 502: .*Bad"):
            await it.generate(REQUEST)


async def test_an_answer_that_cannot_be_read_is_an_engine_error() -> None:
    async with Client("http://gw.example", None, transport=answering(200, b"<html>")) as it:
        with pytest.raises(errors.EngineFailed):
            await it.generate(REQUEST)


async def test_no_server_is_unavailable_and_says_what_to_start() -> None:
    async with Client("http://127.0.0.1:1", None) as it:
        with pytest.raises(errors.EngineUnavailable, match=r"127\.0\.0\.1:1.*pisang serve"):
            await it.generate(REQUEST)


async def test_a_slow_server_is_a_timeout() -> None:
    def slow(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadTimeout("slow", request=request)

    async with Client("http://gw.example", None, transport=httpx2.MockTransport(slow)) as it:
        with pytest.raises(errors.EngineTimeout):
            await it.generate(REQUEST)


@pytest.mark.parametrize("server", ["localhost:8787", "ftp://x", "http://", "x"])
def test_what_is_no_address_is_refused_at_once(server: str) -> None:
    with pytest.raises(errors.SettingsError, match="http://127"):
        Client(server, None)


async def test_fetch_follows_redirects_and_returns_the_bytes() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/a":
            return httpx2.Response(302, headers={"location": "/b"})
        return httpx2.Response(200, content=PNG)

    assert await fetch("http://h.example/a", transport=httpx2.MockTransport(answer)) == PNG


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (httpx2.Response(404), "HTTP status 404"),
        (httpx2.Response(302, headers={"location": "file:///etc/passwd"}), "Cannot fetch"),
        (httpx2.Response(302, headers={"location": "/again"}), "Cannot fetch"),
        (httpx2.Response(200, content=b"x" * 101), "larger than"),
    ],
)
async def test_fetch_gives_up_with_a_reason(
    answer: httpx2.Response, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "FETCH_BYTES", 100)

    with pytest.raises(errors.RequestError, match=why):
        await fetch("http://h.example/a", transport=httpx2.MockTransport(lambda _: answer))


async def test_fetch_has_a_deadline_for_the_whole_download(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import asyncio

    async def stall(_: httpx2.Request) -> httpx2.Response:
        await asyncio.sleep(5)
        return httpx2.Response(200)

    monkeypatch.setattr(client, "FETCH_SECONDS", 0.05)

    with pytest.raises(errors.RequestError, match="did not arrive"):
        await fetch("http://h.example/a", transport=httpx2.MockTransport(stall))


async def test_a_signed_request_is_traded_for_a_token() -> None:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, json={"access_token": "pst_x", "expires_in": 60})

    got = await client.access_token(
        "http://gw.example/token", "a.b.c", transport=httpx2.MockTransport(answer)
    )
    assert got == ("pst_x", 60)
    assert seen[0].headers["content-type"] == "application/x-www-form-urlencoded"
    assert b"assertion=a.b.c" in seen[0].content


@pytest.mark.parametrize("address", ["nonsense", "ftp://gw.example/token", "http://[::1", ""])
async def test_a_token_uri_that_is_no_address_is_told(address: str) -> None:
    with pytest.raises(errors.RequestError, match="no address"):
        await client.access_token(address, "a.b.c")


async def test_a_refused_sign_in_says_why() -> None:
    said = b'{"error": "invalid_grant", "error_description": "Invalid JWT Signature."}'
    with pytest.raises(errors.InvalidToken, match="Invalid JWT Signature"):
        await client.access_token("http://gw.example/token", "a", transport=answering(400, said))


async def test_an_answer_that_breaks_off_is_no_missing_server() -> None:
    def break_off(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.RemoteProtocolError("peer closed connection")

    transport = httpx2.MockTransport(break_off)
    async with Client("http://gw.example", None, transport=transport) as it:
        with pytest.raises(errors.EngineGarbled, match=r"broke off .* Send the request again"):
            await it.generate(REQUEST)
