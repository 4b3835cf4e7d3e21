"""A picture as a stream: server-sent events, a JSON array, and errors in the middle."""

import asyncio
import json

from structlog.testing import capture_logs

from pisang.core.errors import EngineFailed, EngineUnavailable
from pisang.core.events import Started, Text
from pisang.testing import Server
from tests.path.asgi import PROMPT, call, post, streamed


def events(body: bytes) -> list[dict[str, object]]:
    assert body.endswith(b"\r\n\r\n")
    frames = body.removesuffix(b"\r\n\r\n").split(b"\r\n\r\n")
    assert all(frame.startswith(b"data: {") for frame in frames)
    return [json.loads(frame.removeprefix(b"data: ")) for frame in frames]


async def test_events_carry_text_then_a_whole_picture_then_the_end(pisang: Server) -> None:
    reply = await post(pisang, streamed())
    assert reply.status == 200
    assert reply.headers["content-type"] == "text/event-stream"
    assert "content-length" not in reply.headers
    values = events(reply.body)
    said = [part for value in values for part in value["candidates"][0]["content"]["parts"]]  # type: ignore[index]
    assert [next(iter(part)) for part in said] == ["text", "inlineData"]
    assert len({value["responseId"] for value in values}) == 1
    assert values[-1]["candidates"][0]["finishReason"] == "STOP"  # type: ignore[index]


async def test_without_alt_sse_the_stream_is_one_json_array(pisang: Server) -> None:
    for query in ("", "?alt=json", "?$alt=json;enum-encoding=int"):
        reply = await post(pisang, streamed(query))
        assert reply.headers["content-type"] == "application/json; charset=UTF-8"
        assert reply.json[-1]["candidates"][0]["finishReason"] == "STOP"


async def test_an_unknown_form_is_refused(pisang: Server) -> None:
    reply = await post(pisang, streamed("?alt=proto"))
    assert reply.status == 400
    assert "alt=sse" in reply.error["message"]


async def test_what_fails_before_the_first_part_has_a_status(pisang: Server) -> None:
    pisang.engine.script = [Started("m"), EngineUnavailable("Busy.", retry_after=2)]
    reply = await post(pisang, streamed())
    assert reply.status == 503
    assert (await post(pisang, streamed(), {"contents": []})).status == 400


async def test_what_fails_later_is_the_last_event(pisang: Server) -> None:
    pisang.engine.script = [Started("m"), Text("One."), Text("Two."), EngineFailed("It broke.")]
    reply = await post(pisang, streamed())
    assert reply.status == 200
    values = events(reply.body)
    assert next(iter(values[-1])) == "error"
    assert values[-1]["error"]["message"] == "It broke."  # type: ignore[index]
    array = await post(pisang, streamed(""))
    assert "error" in array.json[-1]


async def test_a_defect_is_in_the_log_once_whenever_it_happens(pisang: Server) -> None:
    for before in ([Started("m")], [Started("m"), Text("One."), Text("Two.")]):
        pisang.engine.script = [*before, ZeroDivisionError("secret detail")]
        with capture_logs() as logged:
            reply = await post(pisang, streamed())
        assert b"secret detail" not in reply.body
        failed = [line for line in logged if line["event"] == "failed"]
        assert [repr(line["exc_info"]) for line in failed] == ["ZeroDivisionError('secret detail')"]


async def test_who_hangs_up_in_the_middle_stops_the_work(pisang: Server) -> None:
    engine, gone = pisang.engine, asyncio.Event()
    engine.script = [Started("m"), Text("One."), Text("Two."), Text("Three.")]
    engine.hold = True
    waiting = asyncio.create_task(
        call(
            pisang.app.asgi,
            "POST",
            streamed(),
            headers={"x-goog-api-key": pisang.key},
            chunks=[json.dumps(PROMPT).encode()],
            hang_up=gone,
        )
    )
    await engine.begun.wait()
    gone.set()
    await asyncio.wait_for(waiting, 5)
    assert engine.cancelled == 1
