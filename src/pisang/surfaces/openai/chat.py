"""OpenAI's chat, under ``/v1/chat`` and in Google's layer, ``/v1beta/openai/chat``.

A chat sends its whole history with every turn and carries no signatures, so those of its pictures
are looked up before, and remembered after (``memory.py``).
"""

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.contextvars import bind_contextvars

from pisang.core.caller import Caller, ChatImages
from pisang.core.errors import NotFound
from pisang.core.events import Event, Usage
from pisang.core.ids import new_id
from pisang.gateway import Answer, Via
from pisang.surfaces.answers import SSE, Frames, Pieces, stream
from pisang.surfaces.asking import caller_of, deadline_of, made_by, parsed
from pisang.surfaces.bodies import whole
from pisang.surfaces.fanout import siblings, together
from pisang.surfaces.merging import merged
from pisang.surfaces.openai.memory import continued, fetched, remembered, remembering
from pisang.surfaces.openai.naming import BASES, resolve
from pisang.surfaces.refusals import noted
from pisang.surfaces.shared import shared
from pisang.wire.openai import chat, completions
from pisang.wire.openai.blame import blaming_places
from pisang.wire.openai.chat import ChatRequest
from pisang.wire.openai.completions import Head

IMAGES_HEADER: Final = "x-pisang-chat-images"


async def create(call: Request) -> Response:
    """Answers the last message of a chat, whole or as a stream."""
    caller = await caller_of(call)
    images = chat.read_images(call.headers.get(IMAGES_HEADER), IMAGES_HEADER)
    asked = await _asked(call)
    bind_contextvars(model=asked.found.card.id)
    images = images or asked.images or caller.chat_images
    with blaming_places(asked.places, else_="messages") as places:
        request = await fetched(call, caller, asked.request)
        request = await continued(call, caller, request, places)
        asked = replace(asked, request=request)
        if asked.stream:
            return await _streamed(call, caller, asked, images)
        return await _whole(call, caller, asked, images)


async def nothing(call: Request) -> Response:
    """OpenAI's older text completions, and its embeddings: models that make pictures have none."""
    await caller_of(call)
    raise NotFound(
        "pisang makes pictures and serves no text completions and no embeddings. Pictures are at "
        "/v1/images/generations, /v1/chat/completions and /v1/responses.",
    )


async def _asked(call: Request) -> ChatRequest:
    body, deadline = await whole(call), deadline_of(call.headers)
    gateway = shared(call).gateway
    return await parsed(
        body,
        lambda: chat.decode(body, find=lambda name: resolve(gateway, name), deadline=deadline),
    )


async def _whole(call: Request, caller: Caller, asked: ChatRequest, images: ChatImages) -> Response:
    requests = siblings(asked.request, asked.choices)
    made = await together(call, shared(call).gateway, caller, requests, via=Via())
    for _, result in made:
        await remembered(call, caller, result.parts)
    answer = made[0][0]
    pieces = completions.pieces([result for _, result in made], _head(answer, images))
    return Pieces(pieces, headers=made_by(answer))


async def _streamed(
    call: Request, caller: Caller, asked: ChatRequest, images: ChatImages
) -> Response:
    gateway = shared(call).gateway
    requests = siblings(asked.request, asked.choices)
    answers = [await gateway.generate(caller, each) for each in requests]
    events = [remembering(call, caller, answer.events) for answer in answers]
    values = _values(events, _head(answers[0], images), include_usage=asked.include_usage)
    frames = completions.as_sse(noted(values))
    return await stream(call, frames, media_type=SSE, headers=lambda: made_by(answers[0]))


async def _values(
    answers: Sequence[AsyncGenerator[Event, None]], head: Head, *, include_usage: bool
) -> Frames:
    """The values of a stream; all choices come about side by side."""
    used: list[Usage | None] | None = [] if include_usage else None
    choices = [
        completions.choice(events, head, index=index, used=used)
        for index, events in enumerate(answers)
    ]
    async with aclosing(merged(choices)) as values:
        async for value in values:
            yield value
    if used is not None:
        yield completions.used_chunk(head, used)


def _head(answer: Answer, images: ChatImages) -> Head:
    return Head(
        id=new_id("chatcmpl").replace("_", "-"),
        created=int(time.time()),
        model=answer.card.id,
        tier=answer.tier,
        images=images,
    )


ROUTES: Final[Sequence[Route]] = (
    *(Route(f"{base}/chat/completions", create, methods=["POST"]) for base in BASES),
    *(
        Route(f"{base}/{name}", nothing, methods=["POST"], include_in_schema=False)
        for base in BASES
        for name in ("completions", "embeddings")
    ),
)
