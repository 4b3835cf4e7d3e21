"""google-genai's own parsers on our bytes, without a server: what it shows, keeps and raises."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest

from pisang.core.content import Blob
from pisang.core.errors import EngineUnavailable
from pisang.core.events import (
    Event,
    Finished,
    FinishReason,
    Image,
    Result,
    Started,
    Text,
    Thought,
    Usage,
)
from pisang.wire.gemini import response

genai = pytest.importorskip("google.genai", reason="google-genai is a development dependency")

MODEL = "gemini-3.1-flash-image"
USAGE = Usage(prompt_text=3, image_output=1120, images=1)
PARTS = (Thought("plan"), Text("here"), Image(Blob("image/png", b"\xfb\xff\xfe\xef"), b"sig"))
STOP = Finished(FinishReason.STOP, None, USAGE)


@pytest.fixture
def client() -> Callable[[bytes], Any]:
    """Makes an SDK client that gets the same bytes in answer to whatever it sends."""

    def make(body: bytes) -> Any:
        def answer(_: httpx2.Request) -> httpx2.Response:
            return httpx2.Response(200, content=body)

        http = httpx2.Client(transport=httpx2.MockTransport(answer))
        options = genai.types.HttpOptions(base_url="http://pisang.test", httpx_client=http)
        return genai.Client(api_key="k", http_options=options)

    return make


async def stream(*events: Event | Exception, early: bool = False) -> bytes:
    async def play() -> AsyncIterator[Event]:
        for event in events:
            if isinstance(event, Exception):
                raise event
            yield event

    values = response.chunks(play(), response_id="r", include_thoughts=True, early=early)
    return b"".join([b"".join(pieces) async for pieces in response.as_sse(values)])


def test_a_whole_answer(client: Callable[[bytes], Any]) -> None:
    body = response.encode(Result("m", PARTS, STOP), response_id="r", include_thoughts=True)
    answer = client(body).models.generate_content(model=MODEL, contents="draw")
    thought, text, picture = answer.parts
    assert (thought.text, thought.thought, text.text) == ("plan", True, "here")
    assert picture.inline_data.data == b"\xfb\xff\xfe\xef"
    assert picture.thought_signature == b"sig"
    assert answer.candidates[0].finish_reason == genai.types.FinishReason.STOP
    assert answer.usage_metadata.total_token_count == 1123


def test_a_refusal_is_an_empty_loop_not_a_crash(client: Callable[[bytes], Any]) -> None:
    refused = Finished(FinishReason.IMAGE_SAFETY, "Try other words.", USAGE)
    body = response.encode(Result("m", (), refused), response_id="r")
    answer = client(body).models.generate_content(model=MODEL, contents="draw")
    assert list(answer.parts) == []
    assert answer.candidates[0].finish_reason == genai.types.FinishReason.IMAGE_SAFETY


async def test_a_streamed_chat_keeps_its_turn(client: Callable[[bytes], Any]) -> None:
    chat = client(await stream(Started("m"), *PARTS, STOP)).chats.create(model=MODEL)
    chunks = list(chat.send_message_stream("draw"))
    assert [part.text for chunk in chunks for part in chunk.parts] == ["plan", "here", None]
    assert chunks[-1].usage_metadata.total_token_count == 1123
    kept = [content.role for content in chat.get_history(curated=True)]
    assert kept == ["user", "model", "model", "model"]


async def test_an_early_chunk_is_read_but_loses_the_chats_turn(
    client: Callable[[bytes], Any],
) -> None:
    chat = client(await stream(Started("m"), *PARTS, STOP, early=True)).chats.create(model=MODEL)
    assert len(list(chat.send_message_stream("draw"))) == 4
    assert chat.get_history(curated=True) == []


async def test_an_error_in_the_middle_is_raised(client: Callable[[bytes], Any]) -> None:
    body = await stream(Started("m"), Text("a"), Text("b"), EngineUnavailable("Busy."))
    chunks = client(body).models.generate_content_stream(model=MODEL, contents="draw")
    assert next(chunks).text == "a"
    with pytest.raises(genai.errors.ServerError, match="Busy"):
        list(chunks)
