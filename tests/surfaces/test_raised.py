"""What is raised is answered by whoever answers its class, and is else raised on."""

from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

from pisang.surfaces.raised import Raised


async def _answer(_: Request, error: Exception) -> Response:
    return PlainTextResponse(str(error), status_code=418)


async def sent_by(error: Exception, *, begin: bool = False) -> list[Message]:
    """What leaves where an application raises this, after it has begun to answer or before."""
    out: list[Message] = []

    async def app(_: Scope, __: Receive, send: Send) -> None:
        if begin:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise error

    async def send(message: Message) -> None:
        out.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    handlers: Any = {LookupError: _answer}
    await Raised(app, handlers=handlers)({"type": "http", "headers": []}, receive, send)
    return out


@pytest.mark.parametrize("error", [LookupError("one"), KeyError("one"), IndexError("one")])
async def test_an_error_is_answered_by_its_class_or_the_one_it_derives_from(
    error: Exception,
) -> None:
    start, body = await sent_by(error)
    assert start["status"] == 418
    assert b"one" in body["body"]


async def test_what_nobody_answers_is_raised_on() -> None:
    with pytest.raises(ZeroDivisionError):
        await sent_by(ZeroDivisionError())


async def test_an_answer_that_has_begun_is_followed_by_no_other() -> None:
    with pytest.raises(LookupError):
        await sent_by(LookupError("late"), begin=True)
