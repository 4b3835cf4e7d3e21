"""The stream of an interaction, for whoever reads it: in the making, or told again afterwards."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace

from starlette.requests import Request

from pisang.assets import library
from pisang.core.caller import Caller
from pisang.core.errors import NotFound
from pisang.surfaces.shared import origin, shared
from pisang.wire.interactions.events import DONE, Teller
from pisang.wire.interactions.response import Interaction
from pisang.wire.interactions.schema import Status, generation_of
from pisang.wire.interactions.timeline import Op, retold
from pisang.works import Work


async def follow(
    call: Request,
    caller: Caller,
    work: Work | None,
    shown: Interaction,
    *,
    resume: int = -1,
    ends: bool = False,
) -> AsyncGenerator[list[bytes], None]:
    """The frames of an interaction from a place on: of one in the making, or told again.

    ``ends`` stops the work where its reader leaves.
    """
    teller, links = Teller(generation_of(call.headers), resume=resume), dict[str, str]()
    try:
        for frame in teller.created(_at_first(shown)):
            yield frame
        async with aclosing(work.follow() if work else _again(retold(shown.steps))) as ops:
            async for op in ops:
                asset = op.value.get("asset")
                if asset is not None:
                    links |= await links_of(call, caller, [str(asset)])
                for frame in teller.op(op, links):
                    yield frame
        for frame in teller.completed(work.shown if work else shown):
            yield frame
        yield DONE
    finally:
        if ends and work is not None:
            work.stop()


async def links_of(call: Request, caller: Caller, assets: Sequence[str]) -> Mapping[str, str]:
    """Addresses of kept pictures; one that is kept no longer has none, and is shown inline."""
    inside, links = shared(call), dict[str, str]()
    for asset_id in assets:
        try:
            asset = await library.find(inside.database, asset_id, project_id=caller.project_id)
        except NotFound:
            continue
        minutes = inside.settings.link_minutes
        links[asset_id] = library.link(origin(call), inside.secret, asset, minutes)
    return links


def _at_first(shown: Interaction) -> Interaction:
    """The interaction as it was when it began: how a stream shows it first, also afterwards."""
    return replace(
        shown, status=Status.IN_PROGRESS, updated=shown.created, usage=None, errors=[], steps=[]
    )


async def _again(ops: Iterable[Op]) -> AsyncGenerator[Op, None]:
    for op in ops:
        yield op
