"""The Interactions API: create, get, follow, cancel, delete (surfaces contract, section 8).

What is said here is the same for the Gemini Developer API and for Vertex AI, and for both
generations of clients: the differences are values (``Google``, ``Generation``).
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.conversations.store import Conversation, Conversations, new_conversation_id
from pisang.core.caller import Caller
from pisang.core.clock import now
from pisang.core.content import Content
from pisang.core.current import bind
from pisang.core.errors import FailedPrecondition, MalformedRequest, NotFound, PisangError
from pisang.gateway import Answer
from pisang.surfaces.addresses import VERSION, VERTEX_VERSION
from pisang.surfaces.answers import SSE, Pieces, stream, unless_gone
from pisang.surfaces.asking import deadline_of, either, made_by, parsed
from pisang.surfaces.bodies import whole
from pisang.surfaces.google.following import follow, links_of
from pisang.surfaces.google.gemini import GEMINI
from pisang.surfaces.google.surface import POST, Google
from pisang.surfaces.google.vertex import PARENTS, VERTEX
from pisang.surfaces.shared import Shared, shared
from pisang.telemetry.observer import STREAMS, asks, in_conversation
from pisang.wire.interactions import inputs, stored
from pisang.wire.interactions.events import place_of
from pisang.wire.interactions.request import Asked, decode, flag_of
from pisang.wire.interactions.response import Interaction, pieces
from pisang.wire.interactions.schema import Status, generation_of
from pisang.works import KIND, Again, Plan, Work, standing

_FIRST_WORD: Final = 0.5
"""Seconds that a stream waits for the first thing said: what fails until then has a status."""

_LOOK_AGAIN: Final = 1.0


@dataclass(frozen=True, slots=True)
class Interactions:
    """The handlers, on one of Google's surfaces."""

    google: Google

    async def create(self, call: Request) -> Response:
        """A new interaction: whole, as a stream, or in the background."""
        caller = await self.google.caller(call)
        body = await whole(call)
        deadline = deadline_of(call.headers)
        asked = await parsed(body, lambda: decode(body, deadline=deadline))
        before = await self._before(call, caller, asked)
        asked, answer = await self._admitted(call, caller, asked, before)
        again = partial(
            shared(call).gateway.generate, caller, asked.after(before), via=self.google.via(call)
        )
        work = await _begun(shared(call), caller, asked, answer, again=again)

        def head() -> Mapping[str, str]:
            return {**self.google.tier_header(answer), **made_by(answer)}

        if asked.stream:
            return await _streamed(call, caller, work, background=asked.background, head=head)
        if asked.background:
            return Pieces(pieces(work.shown, generation_of(call.headers)), headers=head())
        try:
            await unless_gone(call, work.finished())
        finally:
            work.stop()
        if work.error is not None:
            raise work.error
        links = await links_of(call, caller, stored.assets_of(work.shown))
        return Pieces(pieces(work.shown, generation_of(call.headers), links=links), headers=head())

    async def get(self, call: Request) -> Response:
        """A stored interaction, whole or as the stream it is or was."""
        caller, query = await self.google.caller(call), call.query_params
        streamed = flag_of(query.get("stream"), "stream")
        include_input = flag_of(either(query, "include_input", "includeInput"), "include_input")
        last = either(query, "last_event_id", "lastEventId")
        if last is not None and not streamed:
            raise MalformedRequest(
                "last_event_id resumes a stream: send stream=true with it.", field="last_event_id"
            )
        record = _record(call)
        found = await _found(call, caller, record)
        shown = await standing(record, found)
        if not streamed:
            links = await links_of(call, caller, stored.assets_of(shown))
            form = partial(pieces, shown, generation_of(call.headers), links=links, stored=True)
            written = partial(form, include_input=include_input)
            return Pieces(await parsed(found.body, written))
        work = shared(call).works.find(caller.project_id, shown.id)
        if work is None and shown.status is Status.IN_PROGRESS:
            shown = await unless_gone(call, _ended(call, caller))
        frames = follow(call, caller, work, shown, resume=_place(last))
        return await stream(call, frames, media_type=SSE, headers=dict)

    async def cancel(self, call: Request) -> Response:
        """Stops a background interaction, and waits until it has stopped."""
        caller, record = await self.google.caller(call), _record(call)
        found = await _found(call, caller, record)
        work = shared(call).works.find(caller.project_id, found.id)
        if work is not None:
            work.stop()
            await unless_gone(call, work.finished())
        else:
            await record.change(
                caller.project_id,
                found.id,
                KIND,
                status=Status.CANCELLED,
                only_from=(Status.IN_PROGRESS,),
            )
        shown = await standing(record, await _found(call, caller, record))
        if shown.status is not Status.CANCELLED:
            raise FailedPrecondition(
                f"The interaction {shown.id} is {shown.status}: only one that is in progress can "
                "be cancelled.",
                field="id",
            )
        return Pieces(pieces(shown, generation_of(call.headers), stored=True))

    async def delete(self, call: Request) -> Response:
        """Forgets an interaction; one that is in progress is stopped."""
        caller, record = await self.google.caller(call), _record(call)
        found = await _found(call, caller, record)
        work = shared(call).works.find(caller.project_id, found.id)
        if work is not None:
            work.stop()
            await work.finished()
        await record.delete(caller.project_id, found.id, KIND)
        return Pieces([b"{}"])

    async def _before(self, call: Request, caller: Caller, asked: Asked) -> tuple[Content, ...]:
        """What was said before, by the interaction that this one continues."""
        if asked.previous_id is None:
            return ()
        record = _record(call)
        most = shared(call).settings.max_body_bytes  # what a client could send that keeps its own
        chain = await record.chain(caller.project_id, asked.previous_id, KIND, most_bytes=most)
        for turn in chain:
            status = (await standing(record, turn)).status if turn is chain[-1] else turn.status
            if status not in (Status.COMPLETED, Status.INCOMPLETE):
                raise FailedPrecondition(
                    f"The interaction {turn.id} is {status}, so there is nothing to continue. "
                    "Wait until it is completed, or continue the one before it.",
                    field="previous_interaction_id",
                )
        return await asyncio.to_thread(stored.contents_of, [turn.body for turn in chain])

    async def _admitted(
        self, call: Request, caller: Caller, asked: Asked, before: Sequence[Content]
    ) -> tuple[Asked, Answer]:
        """The answer that begins, and what was asked for with the files that it named: they are
        kept with it, because they may be gone when it is continued."""
        gateway, via = shared(call).gateway, self.google.via(call)
        asked = replace(asked, request=self.google.as_headers_say(call, asked.request))
        try:
            gateway.find(asked.request.model, via=via)
            if asked.store:
                fetched = await unless_gone(call, gateway.fetched(caller, asked.request))
                asked = replace(asked, request=fetched)
        except PisangError as error:
            asked.rename(error)
            raise
        try:
            admitted = gateway.generate(caller, asked.after(before), via=via)
            answer = await unless_gone(call, admitted)
        except PisangError as error:
            asked.rename(error, before=len(before))
            raise
        bind(model=answer.card.id)
        return asked, answer


async def _begun(
    inside: Shared, caller: Caller, asked: Asked, answer: Answer, *, again: Again
) -> Work:
    """The work, started; it has a row already where somebody else may ask for it."""
    began = now()
    shown = Interaction(
        id=new_conversation_id(KIND),
        model=asked.request.model,
        status=Status.IN_PROGRESS,
        created=began,
        updated=began,
        tier=answer.tier.value,
        previous_id=asked.previous_id,
        input=inputs.write_steps(asked.request.contents),
    )
    in_conversation(asked.previous_id or shown.id)
    if asked.stream:
        asks(STREAMS)
    plan = Plan(
        database=inside.database,
        blobs=inside.blobs,
        settings=inside.settings,
        project_id=caller.project_id,
        store=asked.store,
        by_link=asked.delivery == "uri",
        again=again if asked.background else None,
    )
    work = Work(shown, plan)
    if asked.store and (asked.stream or asked.background):
        await work.keep()
    inside.works.begin(work, answer, caller.project_id)
    return work


async def _streamed(
    call: Request,
    caller: Caller,
    work: Work,
    *,
    background: bool,
    head: Callable[[], Mapping[str, str]],
) -> Response:
    """A new interaction as a stream, which ends with its reader unless in the background."""
    try:
        if not background:
            await unless_gone(call, work.first_word(_FIRST_WORD))
            if work.error is not None and not work.ops:
                raise work.error
        frames = follow(call, caller, work, work.shown, ends=not background)
        return await stream(call, frames, media_type=SSE, headers=head)
    except BaseException:
        if not background:
            work.stop()
        raise


async def _ended(call: Request, caller: Caller) -> Interaction:
    """The end of an interaction that another process of this server makes."""
    record = _record(call)
    while True:
        found = await _found(call, caller, record)
        shown = await standing(record, found)
        if shown.status is not Status.IN_PROGRESS:
            return shown
        await asyncio.sleep(_LOOK_AGAIN)


def _record(call: Request) -> Conversations:
    return Conversations(shared(call).database, shared(call).blobs)


async def _found(call: Request, caller: Caller, record: Conversations) -> Conversation:
    asked = str(call.path_params["id"])
    found = await record.find(caller.project_id, asked, KIND)
    if found is None:
        raise NotFound(
            f"There is no interaction '{asked[:80]}' in your project: it was not stored, was "
            "deleted, or its time is over (conversation_days).",
            field="id",
        )
    return found


def _place(last_event_id: str | None) -> int:
    if last_event_id is None:
        return -1
    place = place_of(last_event_id)
    if place is None:
        raise MalformedRequest(
            f"last_event_id '{last_event_id[:40]}' is no event of a stream. Send the event_id of "
            "the last event that you received.",
            field="last_event_id",
        )
    return place


async def proto_form(call: Request) -> Response:
    """Vertex AI's form of this API for gRPC's sake, which no client of Google's sends."""
    await VERTEX.caller(call)
    raise NotFound(
        "The proto form of the Interactions API (interactions:create) is not served. POST the JSON "
        "that Google's clients send to .../interactions; stream is a field of it."
    )


def _routes(on: Interactions, address: str, *, told: bool = True) -> list[Route]:
    """The methods at an address; ``told`` is whether the reference lists them."""
    one = address + "/{id}"
    return [
        Route(address, on.create, methods=POST, include_in_schema=told),
        Route(one, on.get, include_in_schema=told),
        Route(one, on.delete, methods=("DELETE",), include_in_schema=told),
        Route(one + "/cancel", on.cancel, methods=POST, include_in_schema=told),
    ]


_ON_VERTEX: Final = Interactions(VERTEX)

ROUTES: Final[Sequence[Route]] = (
    *_routes(Interactions(GEMINI), f"/{VERSION}/interactions"),
    *_routes(_ON_VERTEX, f"/{VERTEX_VERSION}/interactions", told=False),  # express mode
    *(
        route
        for parent in PARENTS
        for word in ("interactions", "interactionsHttp")
        for route in _routes(
            _ON_VERTEX, f"{parent}/{word}", told=parent is PARENTS[0] and word == "interactions"
        )
    ),
    *(
        Route(f"{parent}/interactions:{{verb}}", proto_form, methods=POST, include_in_schema=False)
        for parent in PARENTS
    ),
)
