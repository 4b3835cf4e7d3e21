"""What a conversation with OpenAI's clients needs beyond one request: the signatures of pictures,
which they cannot carry, are kept when a picture leaves and put on it when it comes back."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta

from starlette.requests import Request

from pisang.admission.signatures import vouched
from pisang.conversations import signatures
from pisang.core.caller import Caller
from pisang.core.clock import now
from pisang.core.content import Blob
from pisang.core.events import Event, Image
from pisang.core.request import GenerateRequest
from pisang.surfaces.answers import unless_gone
from pisang.surfaces.shared import shared


async def fetched(call: Request, caller: Caller, request: GenerateRequest) -> GenerateRequest:
    """The request with its files brought here."""
    return await unless_gone(call, shared(call).gateway.fetched(caller, request))


async def recalled(call: Request, caller: Caller, request: GenerateRequest) -> GenerateRequest:
    """The request with its files brought here, and with what our pictures came from."""
    return await continued(call, caller, await fetched(call, caller, request))


async def continued(
    call: Request,
    caller: Caller,
    request: GenerateRequest,
    places: dict[str, str] | None = None,
) -> GenerateRequest:
    """The request with every picture of ours under its signature, so that it is continued from its
    scene; one that a mask limits is edited as the pixels that it is. Where that makes more turns,
    ``places`` are forgotten: a wrong place is worse than none."""
    if request.edit is not None:
        return vouched(request)
    inside = shared(call)
    contents = await signatures.recall(
        inside.database, inside.blobs, caller.project_id, request.contents, supplied=True
    )
    if places and len(contents) != len(request.contents):
        places.clear()
    return vouched(replace(request, contents=contents))


async def remembered(call: Request, caller: Caller, parts: Iterable[object]) -> None:
    """Keeps the signature of every picture among the parts of an answer."""
    inside = shared(call)
    until = now() + timedelta(days=inside.settings.conversation_days)
    for part in parts:
        if isinstance(part, Image) and isinstance(part.content, Blob):
            await signatures.remember(
                inside.database,
                inside.blobs,
                caller.project_id,
                picture=part.content.data,
                signature=part.signature,
                until=until,
            )


async def remembering(
    call: Request, caller: Caller, events: AsyncGenerator[Event, None]
) -> AsyncGenerator[Event, None]:
    """The same events; a picture is handed on when its signature is kept, so that a client that is
    quick to answer finds it."""
    async with aclosing(events):
        async for event in events:
            await remembered(call, caller, [event])
            yield event
