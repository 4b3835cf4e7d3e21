"""OpenAI's Responses, under ``/v1/responses``: answered, streamed, kept, continued, deleted.

Unless the caller says ``store: false``, what was asked and answered is kept as one exchange
(``conversations/store.py``), so that the next request names it and sends only what is new.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.admission.via import Via
from pisang.catalog.models import Resolution
from pisang.conversations.store import (
    MOST_BYTES,
    Conversation,
    Conversations,
    new_conversation_id,
)
from pisang.core.caller import Caller
from pisang.core.content import Content
from pisang.core.current import bind
from pisang.core.errors import FailedPrecondition, NotFound
from pisang.core.events import Event, Finished, fold
from pisang.gateway import Answer
from pisang.surfaces.answers import SSE, Pieces, stream, unless_gone
from pisang.surfaces.asking import caller_of, deadline_of, parsed
from pisang.surfaces.bodies import whole
from pisang.surfaces.openai.memory import continued, fetched, remembered, remembering
from pisang.surfaces.openai.naming import BASES, headers, particular, resolve
from pisang.surfaces.refusals import noted
from pisang.surfaces.shared import shared
from pisang.telemetry.observer import STREAMS, asks, in_conversation
from pisang.wire import payload, sse
from pisang.wire.openai import response_items, responses, stored
from pisang.wire.openai.blame import blaming_places
from pisang.wire.openai.response_answers import Object, Telling
from pisang.wire.openai.responses import ResponseRequest
from pisang.wire.openai.schema import WrongParameter
from pisang.wire.payload import Written

KIND: Final = "response"
_MOST_NAMED: Final = 50  # responses whose items one request may name


async def create(call: Request) -> Response:
    """Answers, whole or as a stream, and keeps the exchange."""
    caller = await caller_of(call)
    asked = await _asked(call, caller)
    bind(model=asked.found.card.id)
    with blaming_places(asked.places, else_="input") as places:
        request = await fetched(call, caller, asked.request)
        said = request.contents[len(request.contents) - asked.new :]
        request = await continued(call, caller, request, places)
        gateway = shared(call).gateway
        via = Via(named=particular(gateway, asked.found.asked))
        answer = await gateway.generate(caller, request, via=via)
    telling = Telling(asked, new_conversation_id(KIND), int(time.time()), answer.tier)
    in_conversation(asked.previous or telling.id)
    if asked.stream:
        asks(STREAMS)
        return await _streamed(call, caller, answer, telling, said)
    async with aclosing(answer.events):
        result = await unless_gone(call, fold(answer.events))
    for part in result.parts:
        list(telling.take(part))
    *_, last = telling.end(result.finished)
    await remembered(call, caller, result.parts)
    await _keep(call, caller, telling, said, last["response"])
    return Pieces(payload.pieces(last["response"]), headers=headers(asked.found, answer))


async def get(call: Request) -> Response:
    """A response that was kept."""
    if call.query_params.get("stream", "").lower() == "true":
        raise WrongParameter(
            "Invalid 'stream': only a response made in the background is streamed again, and none "
            "is here. Leave it out to get the whole response.",
            param="stream",
            code="unsupported_parameter",
        )
    kept = (await _kept(call)).body
    return Pieces(await parsed(kept, partial(stored.shown, kept)))


async def input_items(call: Request) -> Response:
    """What was asked in a response that was kept, the newest item first unless told otherwise."""
    kept = (await _kept(call)).body
    return Pieces(await parsed(kept, partial(stored.shown_input, kept, call.query_params)))


async def delete(call: Request) -> Response:
    """Forgets a response."""
    caller = await caller_of(call)
    name = str(call.path_params["id"])
    if not await _conversations(call).delete(caller.project_id, name, KIND):
        raise _not_found(name)
    return Pieces(payload.pieces({"id": name, "object": "response", "deleted": True}))


async def cancel(call: Request) -> Response:
    """Only what runs in the background can be cancelled, and nothing does here."""
    name = (await _kept(call)).id
    raise FailedPrecondition(
        f"Response '{name}' is done: only a response that was created with background=true can be "
        "cancelled. To stop one, close the connection."
    )


async def _asked(call: Request, caller: Caller) -> ResponseRequest:
    body, deadline = await whole(call), deadline_of(call.headers)
    tree = await parsed(body, lambda: payload.read_object(body))
    before = await _before(call, caller, tree.get("previous_response_id"))
    known = await _known(call, caller, response_items.references(tree))
    gateway = shared(call).gateway

    def find(name: str | None) -> Resolution:
        return resolve(gateway, name)

    return await parsed(
        max([body, *before], key=len),
        lambda: responses.decode(
            tree,
            find=find,
            lenient=not gateway.rules.strict_models,
            before=before,
            known=known,
            deadline=deadline,
        ),
    )


async def _streamed(
    call: Request, caller: Caller, answer: Answer, telling: Telling, said: Sequence[Content]
) -> Response:
    events = remembering(call, caller, answer.events)
    values = noted(_told(call, caller, events, telling, said))
    frames = sse.framed(values, _frame, failed=lambda error: _frame(telling.fail(error)))
    told = partial(headers, telling.asked.found, answer)
    return await stream(call, frames, media_type=SSE, headers=told)


async def _told(
    call: Request,
    caller: Caller,
    events: AsyncGenerator[Event, None],
    telling: Telling,
    said: Sequence[Content],
) -> AsyncGenerator[Object, None]:
    """The events of a stream. The last one is told when the exchange is kept."""
    begun = False
    async with aclosing(events):
        async for event in events:
            for told in () if begun else telling.begin():
                yield told
            begun = True
            for told in telling.take(event):
                yield told
            if isinstance(event, Finished):
                last = list(telling.end(event))
                await _keep(call, caller, telling, said, last[-1]["response"])
                for told in last:
                    yield told


def _frame(told: Object) -> list[bytes]:
    return sse.frame(payload.pieces(told), name=str(told["type"]))


async def _keep(
    call: Request, caller: Caller, telling: Telling, said: Sequence[Content], response: Written
) -> None:
    asked = telling.asked
    if not asked.store:
        return
    await _conversations(call).keep(
        project_id=caller.project_id,
        kind=KIND,
        status="completed",
        model=asked.found.card.id,
        body=await asyncio.to_thread(
            stored.dump, said, asked.system, response, response_id=telling.id
        ),
        days=shared(call).settings.conversation_days,
        id=telling.id,
        previous_id=asked.previous,
    )


async def _before(call: Request, caller: Caller, previous: object) -> list[bytes]:
    """The stored exchanges that the request continues, oldest first."""
    if not isinstance(previous, str):
        return []
    try:
        chain = await _conversations(call).chain(caller.project_id, previous, KIND)
    except NotFound as error:
        raise WrongParameter(
            f"Previous response with id '{previous[:80]}' not found: {error.message}",
            param="previous_response_id",
            code="previous_response_not_found",
        ) from None
    return [each.body for each in chain]


async def _known(call: Request, caller: Caller, names: set[str]) -> dict[str, object]:
    """The items, by id, of the stored responses with these ids, which are all in memory at once.

    Raises ``FailedPrecondition`` where they hold more than a conversation may.
    """
    found: dict[str, object] = {}
    size = 0
    for name in sorted(names)[:_MOST_NAMED]:
        kept = await _conversations(call).find(caller.project_id, name, KIND)
        if kept is None:
            continue
        size += len(kept.body)
        if size > MOST_BYTES:
            raise FailedPrecondition(
                f"The responses whose items 'input' names hold more than {MOST_BYTES // 1_000_000} "
                "MB, the most that one request may continue. Name fewer of them.",
                field="input",
            )
        found |= await parsed(kept.body, partial(stored.by_id, kept.body))
    return found


async def _kept(call: Request) -> Conversation:
    caller = await caller_of(call)
    name = str(call.path_params["id"])
    found = await _conversations(call).find(caller.project_id, name, KIND)
    if found is None:
        raise _not_found(name)
    return found


def _not_found(name: str) -> NotFound:
    return NotFound(
        f"Response with id '{name[:80]}' not found: it was never stored, was deleted, or its time "
        "is over."
    )


def _conversations(call: Request) -> Conversations:
    return Conversations(shared(call).database, shared(call).blobs)


ROUTES: Final[Sequence[Route]] = tuple(
    Route(f"{base}/responses{rest}", endpoint, methods=[method])
    for base in BASES
    for method, rest, endpoint in (
        ("POST", "", create),
        ("GET", "/{id}", get),
        ("DELETE", "/{id}", delete),
        ("GET", "/{id}/input_items", input_items),
        ("POST", "/{id}/cancel", cancel),
    )
)
