"""OpenAI's bodies for servers that speak OpenAI's API: sent on as they came, where they can be.

A body goes on verbatim to a server that understands every word of it that matters; for all others
it is read, and drawn by whichever engine is next. A model that the catalog does not know goes on in
any case, where a route leads to such a server: nobody else could read it.
"""

from dataclasses import dataclass, replace
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from pisang.admission.via import Via
from pisang.catalog.models import Resolution
from pisang.core.caller import Caller
from pisang.core.errors import ModelNotFound
from pisang.core.upstream import Dialect
from pisang.gateway import Gateway, Rest
from pisang.lanes.verbatim import Relayed, Sent
from pisang.surfaces import relaying
from pisang.surfaces.answers import unless_gone
from pisang.surfaces.openai.naming import is_openais, resolve
from pisang.surfaces.shared import shared
from pisang.wire.openai.faults import openai
from pisang.wire.openai.peek import Peeked
from pisang.wire.openai.rename import at_standard
from pisang.wire.openai.tap import Tap

JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Body:
    """A body as it came; ``method`` stands at the end of its address."""

    method: str
    data: bytes
    media_type: str = JSON


def relays(gateway: Gateway, caller: Caller) -> bool:
    """Whether there is any server to send such bodies on to; a fault that was asked for is no
    server's."""
    return gateway.relays(Dialect.OPENAI) and not caller.fault


def card_of(gateway: Gateway, model: str, via: Via) -> Resolution | None:
    """The card of a model; None where the catalog has none."""
    try:
        return gateway.find(model, via=via)
    except ModelNotFound:
        return None


async def relay(
    call: Request, caller: Caller, body: Body, peeked: Peeked, *, via: Via
) -> Relayed | Rest | None:
    """The answer of a server that got the body as it came, or what is left to be tried."""
    gateway = shared(call).gateway
    if peeked.ours:
        return None
    card = found.card if (found := card_of(gateway, peeked.request.model, via)) else None
    size = peeked.request.image.image_size or (card.default_size if card else "")
    each = card.image_tokens.get(size, 0) if card else 0

    def standard() -> Sent:
        plain = at_standard(body.data, body.media_type)
        asked = replace(peeked.request, service_tier=None)
        return replace(sent, asked=asked, written=lambda _, __: ((plain,), call.headers))

    sent = Sent(
        dialect=Dialect.OPENAI,
        method=body.method,
        asked=peeked.request,
        trouble=peeked.trouble,
        written=lambda _, __: ((body.data,), call.headers),
        tap=lambda: Tap(each=each),
        images=peeked.count,
        media_type=body.media_type,
        wanted=peeked.wanted,
        readable=is_openais(peeked.request.model),
        at_standard=standard,
    )
    try:
        return await unless_gone(call, gateway.relay(caller, sent, via=via))
    except ModelNotFound:
        resolve(gateway, peeked.request.model, via=via)  # raises it in OpenAI's words
        raise


def answer(got: Relayed) -> Response:
    """An answer on its way through."""
    return relaying.relayed(got, lambda error: openai(error)[1])
