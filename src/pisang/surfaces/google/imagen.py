"""Imagen's ``:predict`` on both of Google's surfaces (surfaces contract, section 5).

Google has shut Imagen down; here its cards still draw, with their own pixels and list price, unless
the ``compatibility`` setting is strict (docs/decisions/0013-imagen-emulation.md). Where a route
leads to an upstream, its successor draws. One request makes up to four pictures, side by side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.admission.samples import check_count
from pisang.admission.via import Via
from pisang.core.caller import Caller
from pisang.core.content import Blob
from pisang.core.current import bind
from pisang.core.errors import FetchFailed, NotFound, RequestError, StoreError
from pisang.core.ids import new_id
from pisang.core.upstream import Dialect
from pisang.gateway import Rest
from pisang.lanes.verbatim import Relayed, Sent
from pisang.surfaces.addresses import VERSION
from pisang.surfaces.answers import Pieces, unless_gone
from pisang.surfaces.asking import deadline_of, parsed, peeked, served_by
from pisang.surfaces.bodies import whole
from pisang.surfaces.fanout import fan_out
from pisang.surfaces.google.gemini import GEMINI
from pisang.surfaces.google.surface import POST, Google, for_upstreams
from pisang.surfaces.google.vertex import PUBLISHERS, VERTEX
from pisang.surfaces.relaying import relayed
from pisang.surfaces.shared import shared
from pisang.wire import faults
from pisang.wire.imagen import request, response
from pisang.wire.imagen.faults import rename
from pisang.wire.imagen.peek import peek
from pisang.wire.imagen.request import Predict
from pisang.wire.imagen.response import Prediction, Stored
from pisang.wire.imagen.tap import Tap

log = structlog.get_logger("pisang.requests")

_NOT_STORED: Final = "What could not be written to storageUri is in the answer."
_STORAGE: Final = "parameters.storage_uri"
_ENDINGS: Final = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


@dataclass(frozen=True, slots=True)
class Imagen:
    """Imagen's methods on one of Google's surfaces."""

    google: Google

    async def predict(self, call: Request) -> Response:
        """Pictures from a prompt, an edit, an enlargement: all that Imagen did."""
        caller = await self.google.caller(call)
        body = await whole(call)
        model, via = self.google.model(call), self.google.via(call, "predict")
        gateway = shared(call).gateway
        bind(model=model)
        got = await self._relayed(call, caller, body, model, via)
        if isinstance(got, Relayed):
            return relayed(got, lambda error: faults.google(error)[1])
        found = gateway.find(model, via=via)
        bind(model=found.card.id)
        deadline = deadline_of(call.headers)
        asked = await parsed(body, lambda: request.decode(body, model=model, deadline=deadline))
        check_count(asked.count, found.card)
        if asked.storage:
            shared(call).buckets.check(f"{asked.storage}/sample", field=_STORAGE)
        try:
            made = await fan_out(
                call, gateway, caller, asked.request, count=asked.count, via=via, rest=got
            )
        except RequestError as error:
            rename(error, asked.paths)
            raise
        predictions = response.predictions([result for _, result in made])
        answered = await _stored(call, asked, predictions)
        pieces = response.pieces(
            answered,
            card=found.card,
            with_reasons=asked.with_reasons,
            with_attributes=asked.with_attributes,
            vertex=via.surface == "vertex",
        )
        answer = made[0][0]
        notice = answer.notice
        if asked.storage and any(isinstance(one, Blob) for one in answered):
            notice = f"{notice or ''} {_NOT_STORED}".strip()
        return Pieces(pieces, headers=served_by(answer.card.id, notice, answer.served))

    async def _relayed(
        self, call: Request, caller: Caller, body: bytes, model: str, via: Via
    ) -> Relayed | Rest | None:
        """The answer of an upstream that still has Imagen, as it came. None where the pictures are
        to be stored in a bucket of ours, which would be none of the upstream's own."""
        gateway = shared(call).gateway
        if not gateway.relays(Dialect.IMAGEN):
            return None
        deadline = deadline_of(call.headers)
        seen = await peeked(body, lambda found: peek(found, model=model, deadline=deadline))
        asked, card = seen.asked, gateway.catalog.get(model)
        if card is not None and card.sample_count_max and seen.trouble is None:
            check_count(asked.count, card)
        if asked.storage and shared(call).buckets.has(asked.storage):
            return None
        sent = Sent(
            dialect=Dialect.IMAGEN,
            method="predict",
            asked=asked.request,
            trouble=seen.trouble,
            written=lambda _, __: ((body,), call.headers),
            tap=Tap,
            images=asked.count,
            version=via.api_version,
            query=for_upstreams(call.query_params),
        )
        try:
            return await unless_gone(call, gateway.relay(caller, sent, via=via))
        except RequestError as error:
            rename(error, asked.paths)
            raise

    async def no_video(self, call: Request) -> Response:
        """The method of Google's video models."""
        await self.google.caller(call)
        raise NotFound("predictLongRunning makes video, which is not served here.")


async def _stored(
    call: Request, asked: Predict, predictions: Sequence[Blob | response.Filtered]
) -> list[Prediction]:
    """The pictures written to the caller's bucket. One that cannot be written stays in the answer:
    it was made, and must not be lost."""
    if not asked.storage:
        return list(predictions)
    folder, out = f"{asked.storage}/{new_id('prd')}", list[Prediction]()
    for number, picture in enumerate(predictions):
        if isinstance(picture, Blob):
            uri = f"{folder}/sample_{number}.{_ENDINGS.get(picture.mime_type, 'bin')}"
            try:
                await shared(call).buckets.write(uri, picture.data, field=_STORAGE)
            except (FetchFailed, StoreError) as error:
                log.error("bucket", uri=uri, why=error.message)
                out.append(picture)
            else:
                out.append(Stored(uri, picture.mime_type))
        else:
            out.append(picture)
    return out


def routes_under(address: str, google: Google, *, told: bool = True) -> Sequence[Route]:
    """The methods of Imagen below ``address``, which ends in ``{model:path}``; ``told`` is whether
    the reference lists them."""
    imagen, video = Imagen(google), f"{address}:predictLongRunning"
    return (
        Route(f"{address}:predict", imagen.predict, methods=POST, include_in_schema=told),
        Route(video, imagen.no_video, methods=POST, include_in_schema=False),
    )


ROUTES: Final[Sequence[Route]] = (
    *routes_under(f"/{VERSION}/models/{{model:path}}", GEMINI),
    *(
        route
        for publisher, told in PUBLISHERS
        for route in routes_under(f"{publisher}/models/{{model:path}}", VERTEX, told=told)
    ),
)
