"""OpenAI's image API, under ``/v1/images`` and as Google's own layer has it, ``/v1beta/openai``.

``n`` pictures are ``n`` requests of the gateway, admitted together and drawn side by side; of an
answer with drafts, the last picture is the answer. What a picture came from is remembered under its
digest, so that one that comes back is continued and not edited as pixels
(``conversations/signatures.py``). A server that speaks this API gets the body as it came
(``relaying.py``).
"""

import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.admission.via import Via
from pisang.assets import library
from pisang.catalog.models import Card, Resolution
from pisang.core.caller import Caller
from pisang.core.content import Blob
from pisang.core.current import bind
from pisang.core.events import Event, Finished, Image, Preview, Result
from pisang.gateway import Answer, Rest
from pisang.lanes.verbatim import Relayed
from pisang.surfaces.answers import SSE, Frames, Pieces, stream
from pisang.surfaces.asking import caller_of, deadline_of, parsed
from pisang.surfaces.bodies import again, whole
from pisang.surfaces.fanout import siblings, together
from pisang.surfaces.forms import form_of, is_form
from pisang.surfaces.merging import merged
from pisang.surfaces.openai.memory import recalled, remembered, remembering
from pisang.surfaces.openai.naming import (
    BASES,
    headers,
    is_openais,
    meant,
    particular,
    resolve,
)
from pisang.surfaces.openai.relaying import JSON, Body, answer, card_of, relay, relays
from pisang.surfaces.refusals import noted
from pisang.surfaces.shared import origin, shared
from pisang.telemetry.observer import STREAMS, asks
from pisang.wire import payload, sse
from pisang.wire.openai import image_answers, images, supplied
from pisang.wire.openai.blame import blaming_params
from pisang.wire.openai.image_answers import EDIT, GENERATION, Made
from pisang.wire.openai.image_calls import EDITS, GENERATIONS
from pisang.wire.openai.images import Ask
from pisang.wire.openai.peek import Peeked, model_of, peek_images, streams, tree_of
from pisang.wire.openai.schema import Parameters


@dataclass(frozen=True, slots=True)
class _Call:
    """One kind of call: how its body is read, what the frames of its stream are called, and what
    stands at the end of its address (empty: other servers do not have it)."""

    read: images.Reader
    kind: str
    method: str = ""


_GENERATION: Final = _Call(images.read_generation, GENERATION, GENERATIONS)
_EDIT: Final = _Call(images.read_edit, EDIT, EDITS)
_VARIATION: Final = _Call(images.read_variation, EDIT)


async def generations(call: Request) -> Response:
    """Pictures from words."""
    return await _served(call, _GENERATION)


async def edits(call: Request) -> Response:
    """Pictures from pictures and words; a mask limits what may change."""
    return await _served(call, _EDIT)


async def variations(call: Request) -> Response:
    """Fresh takes on one picture. Emulated: no model of ours has a word for it."""
    return await _served(call, _VARIATION)


async def _served(call: Request, what: _Call) -> Response:
    caller = await caller_of(call)
    body = Body(what.method, await whole(call), call.headers.get("content-type", JSON))
    gateway, rest = shared(call).gateway, None
    if what.method and relays(gateway, caller):
        got = await _relayed(call, caller, what, body)
        if isinstance(got, Relayed):
            return answer(got)
        rest = got
    found, ask = await _decoded(call, what, body.data)
    if ask.stream:
        asks(STREAMS)
    bind(model=found.card.id)
    via = replace(_via(found.card, what), named=particular(gateway, found.asked))
    with blaming_params(ask.request):
        ask = replace(ask, request=await recalled(call, caller, ask.request))
        supplied.check(ask.request)
    requests = siblings(ask.request, ask.count)
    if what is _VARIATION:
        requests = images.takes(requests)
    with blaming_params(ask.request):
        if ask.stream:
            answers = await gateway.generate_all(caller, requests, via=via, rest=rest)
        else:
            results = await together(call, gateway, caller, requests, via=via, rest=rest)
    if not ask.stream:
        return await _whole(call, caller, found, ask, results)
    drawn = noted(_drawn(call, caller, answers, ask, what.kind))
    frames = sse.framed(drawn, lambda frame: frame, failed=image_answers.failed)
    return await stream(call, frames, media_type=SSE, headers=lambda: headers(found, answers[0]))


async def _relayed(call: Request, caller: Caller, what: _Call, body: Body) -> Relayed | Rest | None:
    """The answer of a server that got the body as it came, or what is left to be tried."""
    found = await _peeked(call, what, body.data)
    if found is None:
        return None
    peeked, via = found
    return await relay(call, caller, body, peeked, via=via)


async def _peeked(call: Request, what: _Call, body: bytes) -> tuple[Peeked, Via] | None:
    """What admission needs of the body; None for one that has to be read in any case."""
    gateway, form = shared(call).gateway, await _form(call, body)
    fields = form if form is not None else await parsed(body, lambda: tree_of(body))
    named = model_of(fields)
    if (model := meant(gateway, named)) != named and is_openais(named):
        return None  # what OpenAI's model would answer is known here, and told to who asked
    via = _via(gateway.catalog.get(model), what)
    if streams(fields):
        asks(STREAMS)
    peeked = peek_images(
        fields,
        form=form is not None,
        read=what.read,
        model=model,
        found=card_of(gateway, model, via),
        deadline=deadline_of(call.headers),
    )
    return peeked, via


async def _decoded(call: Request, what: _Call, body: bytes) -> tuple[Resolution, Ask]:
    """Reads the body, a form or JSON, and finds the model that it names."""
    form = await _form(call, body)
    gateway, lenient = shared(call).gateway, "layer" in call.path_params
    deadline = deadline_of(call.headers)

    def decode() -> tuple[Resolution, Ask]:
        if form is None:
            fields = Parameters(payload.read_object(body))
        else:
            fields = Parameters(images.unbracketed(form), form=True)
        asked = fields.text("model") or ""
        found = resolve(gateway, asked, via=_via(gateway.catalog.get(asked), what))
        ask = what.read(fields, card=found.card, asked=asked, lenient=lenient)
        return found, replace(ask, request=replace(ask.request, deadline=deadline))

    return await parsed(body, decode)


async def _form(call: Request, body: bytes) -> Mapping[str, object] | None:
    return await form_of(again(call, body)) if is_form(call) else None


def _via(card: Card | None, what: _Call) -> Via:
    """Imagen's models draw from words by a method of their own, and edit nothing here."""
    imagen = card is not None and card.family == "imagen" and what is _GENERATION
    return Via(method="predict" if imagen else "generateContent")


async def _whole(
    call: Request, caller: Caller, found: Resolution, ask: Ask, results: list[tuple[Answer, Result]]
) -> Response:
    finished = [result.finished for _, result in results]
    every = ([part for part in result.parts if isinstance(part, Image)] for _, result in results)
    drawn = [pictures[-1] for pictures in every if pictures]  # those before it are drafts
    if not drawn:
        raise image_answers.refusal(finished[0])
    await remembered(call, caller, drawn)
    made = [await _made(call, caller, image, ask, model=found.card.id) for image in drawn]
    usage = image_answers.added([each.usage for each in finished if each.usage])
    refused = ask.count - len(drawn)
    told = f"{refused} of {ask.count} pictures were refused." if refused > 0 else ""
    pieces = image_answers.whole(made, ask, usage=usage, created=int(time.time()))
    return Pieces(pieces, headers=headers(found, results[0][0], told))


async def _made(call: Request, caller: Caller, image: Image, ask: Ask, *, model: str) -> Made:
    """A finished picture, kept where a link to it is wanted."""
    assert isinstance(image.content, Blob)  # the gateway has made a file of it
    things, blob = shared(call), image.content
    if not ask.links:
        return Made(blob)
    days, minutes = things.settings.asset_days, things.settings.link_minutes
    asset = await library.keep(
        things.database, things.blobs, caller.project_id, blob, model=model, days=days
    )
    return Made(blob, library.link(origin(call), things.secret, asset, minutes))


async def _drawn(
    call: Request, caller: Caller, answers: Sequence[Answer], ask: Ask, kind: str
) -> Frames:
    """The frames of all pictures as they come about. Raises what was refused only where nothing
    was drawn."""
    refused = list[Finished]()
    sources = [
        _of_one(remembering(call, caller, answer.events), ask, kind, refused) for answer in answers
    ]
    async with aclosing(merged(sources)) as frames:
        async for frame in frames:
            yield frame
    if len(refused) == len(answers):
        raise image_answers.refusal(refused[0])


async def _of_one(
    events: AsyncGenerator[Event, None], ask: Ask, kind: str, refused: list[Finished]
) -> Frames:
    """The frames of one picture: its previews, then the picture with what it cost."""
    created, shown, drawn = int(time.time()), 0, list[Blob]()
    async with aclosing(events):
        async for event in events:
            match event:
                case Preview(content=Blob() as blob):
                    yield image_answers.preview(blob, ask, kind=kind, number=shown, created=created)
                    shown += 1
                case Image(content=Blob() as blob):
                    drawn.append(blob)
                case Finished() if not drawn:
                    refused.append(event)
                case Finished():
                    yield image_answers.completed(
                        drawn[-1], ask, kind=kind, usage=event.usage, created=created
                    )


ROUTES: Final[Sequence[Route]] = tuple(
    Route(f"{base}/images/{name}", endpoint, methods=["POST"])
    for base in BASES
    for name, endpoint in (
        ("generations", generations),
        ("edits", edits),
        ("variations", variations),
    )
)
