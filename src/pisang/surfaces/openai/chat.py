"""OpenAI's chat, under ``/v1/chat`` and in Google's layer, ``/v1beta/openai/chat``.

A chat sends its whole history with every turn and carries no signatures, so those of its pictures
are looked up before, and remembered after (``memory.py``). A server that speaks this API gets the
body as it came (``relaying.py``).
"""

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.admission.via import Via
from pisang.core.caller import Caller, ChatImages
from pisang.core.current import bind
from pisang.core.errors import NotFound
from pisang.core.events import Event, Usage
from pisang.core.ids import new_id
from pisang.gateway import Answer, Rest
from pisang.lanes.verbatim import Relayed
from pisang.surfaces.answers import SSE, Frames, Pieces, stream
from pisang.surfaces.asking import caller_of, deadline_of, parsed
from pisang.surfaces.bodies import whole
from pisang.surfaces.fanout import siblings, together
from pisang.surfaces.merging import merged
from pisang.surfaces.openai.memory import continued, fetched, remembered, remembering
from pisang.surfaces.openai.naming import (
    BASES,
    headers,
    is_openais,
    meant,
    particular,
    resolve,
)
from pisang.surfaces.openai.relaying import Body, answer, card_of, relay, relays
from pisang.surfaces.refusals import noted
from pisang.surfaces.shared import shared
from pisang.telemetry.observer import STREAMS, asks
from pisang.wire.openai import chat, completions
from pisang.wire.openai.blame import blaming_places
from pisang.wire.openai.chat import ChatRequest
from pisang.wire.openai.chat_calls import CHAT
from pisang.wire.openai.completions import Head
from pisang.wire.openai.peek import Peeked, model_of, peek_chat, streams, tree_of
from pisang.wire.openai.words import ANYTHING

IMAGES_HEADER: Final = "x-pisang-chat-images"


async def create(call: Request) -> Response:
    """Answers the last message of a chat, whole or as a stream."""
    caller = await caller_of(call)
    said = chat.read_images(call.headers.get(IMAGES_HEADER), IMAGES_HEADER)
    body = Body(CHAT, await whole(call))
    rest = None
    if relays(shared(call).gateway, caller):
        got = await _relayed(call, caller, body, said)
        if isinstance(got, Relayed):
            return answer(got)
        rest = got
    asked = await _asked(call, body.data)
    bind(model=asked.found.card.id)
    if asked.stream:
        asks(STREAMS)
    images = said or asked.images or caller.chat_images
    with blaming_places(asked.places, else_="messages") as places:
        request = await fetched(call, caller, asked.request)
        request = await continued(call, caller, request, places)
        asked = replace(asked, request=request)
        if asked.stream:
            return await _streamed(call, caller, asked, images, rest)
        return await _whole(call, caller, asked, images, rest)


async def nothing(call: Request) -> Response:
    """OpenAI's older text completions, and its embeddings: models that make pictures have none."""
    await caller_of(call)
    raise NotFound(
        "pisang makes pictures and serves no text completions and no embeddings. Pictures are at "
        "/v1/images/generations, /v1/chat/completions and /v1/responses.",
    )


async def _relayed(
    call: Request, caller: Caller, body: Body, said: ChatImages | None
) -> Relayed | Rest | None:
    """The answer of a server that got the body as it came, or what is left to be tried."""
    gateway, deadline = shared(call).gateway, deadline_of(call.headers)

    def peeked() -> Peeked | None:
        fields = tree_of(body.data)
        named = model_of(fields)
        if (model := meant(gateway, named)) != named and is_openais(named):
            return None
        found = card_of(gateway, model, Via())
        if streams(fields):
            asks(STREAMS)
        return peek_chat(body.data, fields, model=model, found=found, deadline=deadline)

    found = await parsed(body.data, peeked)
    if found is None:
        return None
    if found.wanted is not ANYTHING:
        place = said or found.wanted.place or caller.chat_images
        found = replace(found, wanted=replace(found.wanted, place=place))
    return await relay(call, caller, body, found, via=Via())


async def _asked(call: Request, body: bytes) -> ChatRequest:
    gateway, deadline = shared(call).gateway, deadline_of(call.headers)
    return await parsed(
        body,
        lambda: chat.decode(body, find=lambda name: resolve(gateway, name), deadline=deadline),
    )


async def _whole(
    call: Request, caller: Caller, asked: ChatRequest, images: ChatImages, rest: Rest | None
) -> Response:
    requests = siblings(asked.request, asked.choices)
    gateway, via = shared(call).gateway, _via(call, asked)
    made = await together(call, gateway, caller, requests, via=via, rest=rest)
    for _, result in made:
        await remembered(call, caller, result.parts)
    first = made[0][0]
    pieces = completions.pieces([result for _, result in made], _head(first, images))
    return Pieces(pieces, headers=headers(asked.found, first))


async def _streamed(
    call: Request, caller: Caller, asked: ChatRequest, images: ChatImages, rest: Rest | None
) -> Response:
    gateway = shared(call).gateway
    requests = siblings(asked.request, asked.choices)
    via = _via(call, asked)
    answers = await gateway.generate_all(caller, requests, via=via, rest=rest)
    events = [remembering(call, caller, each.events) for each in answers]
    values = _values(events, _head(answers[0], images), include_usage=asked.include_usage)
    frames = completions.as_sse(noted(values))
    told = partial(headers, asked.found, answers[0])
    return await stream(call, frames, media_type=SSE, headers=told)


def _via(call: Request, asked: ChatRequest) -> Via:
    return Via(named=particular(shared(call).gateway, asked.found.asked))


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


def _head(made: Answer, images: ChatImages) -> Head:
    return Head(
        id=new_id("chatcmpl").replace("_", "-"),
        created=int(time.time()),
        model=made.model,
        tier=made.tier,
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
