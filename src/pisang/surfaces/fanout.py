"""Several pictures for one request: so many requests through the gateway, side by side.

A request of the gateway makes one picture; OpenAI's ``n`` and Imagen's ``sampleCount`` ask for
more. All are admitted before any is drawn, so that a refusal costs no drawing, and none is kept
when one breaks. Without a seed the sketch engine draws the same request the same way each time
(docs/decisions/0004-seeds.md), so all but the first get a seed of their own.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from typing import Final

from starlette.requests import Request

from pisang.admission.via import Via
from pisang.core.caller import Caller
from pisang.core.events import Result, fold
from pisang.core.request import GenerateRequest
from pisang.gateway import Answer, Gateway, Rest
from pisang.surfaces.answers import unless_gone

_SEEDS: Final = 2**31  # from 0 up: what every dialect can write
_STRIDE: Final = 0x5EED_5EED  # odd, so that no two numbers of a fan share a seed


async def fan_out(
    call: Request,
    gateway: Gateway,
    caller: Caller,
    request: GenerateRequest,
    *,
    count: int,
    via: Via,
    rest: Rest | None = None,
) -> list[tuple[Answer, Result]]:
    """Makes ``count`` pictures of one request; see ``together`` for what is raised.

    Files that the request names are fetched once. The same request gives the same pictures.
    """
    if count > 1:
        request = await unless_gone(call, gateway.fetched(caller, request))
    requests = siblings(request, count)
    return await together(call, gateway, caller, requests, via=via, rest=rest)


async def together(
    call: Request,
    gateway: Gateway,
    caller: Caller,
    requests: Sequence[GenerateRequest],
    *,
    via: Via,
    rest: Rest | None = None,
) -> list[tuple[Answer, Result]]:
    """Runs requests side by side, in the caller's order; call it after the body was read.

    Raises what refuses the first of them before any is drawn; else what breaks the first that
    breaks, and ``ClientDisconnect`` when the caller hangs up. The others are then cancelled.
    """

    async def made() -> list[tuple[Answer, Result]]:
        async with AsyncExitStack() as stack:
            answers = await gateway.generate_all(caller, requests, via=via, rest=rest)
            for answer in answers:
                await stack.enter_async_context(aclosing(answer.events))
            return list(zip(answers, await _all(answers), strict=True))

    return await unless_gone(call, made())


def siblings(request: GenerateRequest, count: int) -> list[GenerateRequest]:
    """``count`` requests alike but for their seeds; the first is the request itself.

    From a seed of the caller's they count up; without one, the others get fixed ones.
    """
    seed = request.sampling.seed
    seeds = [seed] + [
        (_STRIDE * number if seed is None else seed + number) % _SEEDS for number in range(1, count)
    ]
    return [
        replace(request, sampling=replace(request.sampling, seed=each)) for each in seeds[:count]
    ]


async def _all(answers: Sequence[Answer]) -> list[Result]:
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(fold(answer.events)) for answer in answers]
    except ExceptionGroup as failed:  # the group is nobody's business: the first one answers
        first = failed.exceptions[0]
        raise first from first.__cause__
    return [task.result() for task in tasks]
