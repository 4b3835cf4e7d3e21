"""A desk whose rates are counted in Valkey, for all servers together; money stays in the ledger.

A request takes its room in Valkey first, then holds its money at the desk, which sees terms without
rates; what the desk refuses gives its room back. Requests at the same time are the ledger's open
holds, with Valkey as without it, so what a dead server held is free after the next sweep. While
Valkey is lost, the operator's choice applies: let everybody in, let nobody in, or count in each
process up to its share of each rate. The log says so when it begins and when it ends.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final, Literal

import structlog

from pisang.core.errors import LimitsUnavailable
from pisang.core.ids import new_id
from pisang.core.terms import Dimension, Terms
from pisang.ledger.claims import Claim, Key, wanted
from pisang.ledger.operations import Holding, together
from pisang.ledger.room import fitting
from pisang.ledger.state import State
from pisang.ledger.valkey import SECONDS, LimitsLost, Taken, Valkey
from pisang.ledger.words import Bill, Demand, Desk, Hold

log = structlog.get_logger("pisang.limits")

Lost = Literal["open", "closed", "local"]
"""What happens to requests with a rate while Valkey is lost: all pass, none does, or each process
counts up to its share."""

_LOCAL: Final = "local"

_SAID: Final = {
    "open": "no limit a minute or a day counts until it is back (limits_lost = open)",
    "closed": "requests that have a limit are refused until it is back (limits_lost = closed)",
    "local": "each server counts its share of the limits until it is back (limits_lost = local)",
}


class SharedLimits:
    """The desk of a process that shares its limits; ``replicas`` is among how many processes while
    Valkey is lost."""

    def __init__(
        self,
        desk: Desk,
        valkey: Valkey,
        *,
        lost: Lost,
        replicas: int = 1,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._desk = desk
        self._valkey = valkey
        self._lost = lost
        self._local = LocalShare(replicas, clock)
        self._taken: dict[str, Taken] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.why_lost: str | None = None

    async def hold(self, demand: Demand) -> Hold:
        """Sets aside what a request demands, or nothing of it; see ``Desk``."""
        if not _rates(demand.caller.terms).limits:
            return await self._desk.hold(demand)
        (hold,) = await self.hold_all([demand])
        return hold

    async def hold_all(self, demands: Sequence[Demand]) -> list[Hold]:
        """Sets aside what several demand; the first of the holds has all that they took of the
        limits. See ``Desk``."""
        if not _rates(demands[0].caller.terms).limits:
            return await self._desk.hold_all(demands)
        whole = _on(together(demands), _rates)
        taken = await self._take(Holding.of(whole, whole.seconds))
        try:
            holds = await self._desk.hold_all([_on(demand, _without_rates) for demand in demands])
        except BaseException:
            self._give_back(taken)
            raise
        if taken is None:
            return holds
        self._taken[holds[0].id] = taken
        return [replace(hold, downgraded=taken.downgraded) for hold in holds]

    def hold_soon(self, demand: Demand) -> Hold | None:
        """Sets aside what is counted nowhere; see ``Desk``."""
        return self._desk.hold_soon(demand)

    async def post(self, hold: Hold, bill: Bill) -> None:
        """Charges what was used; see ``Desk``."""
        self._taken.pop(hold.id, None)
        await self._desk.post(hold, bill)

    def void(self, hold: Hold, *, finish: str = "", counted: bool = True) -> None:
        """Frees a hold without a charge; see ``Desk``."""
        taken = self._taken.pop(hold.id, None)
        if not counted:
            self._give_back(taken)
        self._desk.void(hold, finish=finish, counted=counted)

    async def probe(self) -> None:
        """Sees whether a charge could be written; see ``Desk``."""
        await self._desk.probe()

    async def close(self) -> None:
        """Gives back what is still to be given back, then closes the desk."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._desk.close()
        await self._valkey.close()

    async def counters(self, project_id: str) -> Mapping[Key, str]:
        """What is used of the limits of a project and its keys, as the table ``counters`` has it.
        While Valkey is lost, what this server has counted."""
        try:
            return await self._valkey.counters(project_id)
        except LimitsLost:
            return self._local.counters()

    async def check(self) -> None:
        """Raises ``LimitsUnavailable`` where requests are refused, because Valkey is lost."""
        try:
            await self._valkey.check()
        except LimitsLost as error:
            self._note(error)
            if self._lost == "closed":
                raise _unavailable() from error
        else:
            self._note(None)

    async def _take(self, operation: Holding) -> Taken | None:
        try:
            taken = await self._valkey.take(operation)
        except LimitsLost as error:
            self._note(error)
            if self._lost == "closed":
                raise _unavailable() from error
            return self._local.take(operation) if self._lost == "local" else None
        self._note(None)
        return taken

    def _give_back(self, taken: Taken | None) -> None:
        """Gives back what no engine was asked for, so that who asks next finds it."""
        if taken is None:
            return
        if taken.where:
            self._local.give_back(taken)
            return
        given = self._valkey.give_back(taken)
        if given is not None:
            task = asyncio.get_running_loop().create_task(self._given(given))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _given(self, given: "asyncio.Future[Any]") -> None:
        try:
            await given
        except LimitsLost as error:  # then it stays counted until it is over
            self._note(error)

    def _note(self, error: LimitsLost | None) -> None:
        """Says when Valkey is lost, and when it is back; once."""
        if error is not None and self.why_lost is None:
            log.error("limits are lost", why=str(error), until_then=_SAID[self._lost])
        elif error is None and self.why_lost is not None:
            log.warning("limits are back")
            self._local.forget()
        self.why_lost = None if error is None else str(error)


@asynccontextmanager
async def sharing(
    desk: Desk, address: str | None, *, lost: Lost, replicas: int
) -> AsyncIterator[Desk]:
    """The desk, whose limits are counted in the Valkey at an address, where one is named. Raises
    ``SettingsError`` without its client."""
    if address is None:
        yield desk
        return
    shared = SharedLimits(desk, Valkey(address), lost=lost, replicas=replicas)
    try:
        with suppress(LimitsUnavailable):
            await shared.check()  # so that it is said at the start that there is none
        yield shared
    finally:
        await shared.close()


async def counted_together(address: str | None, project_id: str) -> Mapping[Key, str] | None:
    """What is used of a project's limits, as the table ``counters`` has it, where the Valkey at an
    address counts it. Raises ``LimitsUnavailable``."""
    if address is None:
        return None
    valkey = Valkey(address)
    try:
        return await valkey.counters(project_id)
    except LimitsLost as error:
        raise LimitsUnavailable(
            "What is used of limits is counted in a Valkey that cannot be reached now. Try again "
            "soon.",
            retry_after=SECONDS,
        ) from error
    finally:
        await valkey.close()


class LocalShare:
    """Limits counted in memory while Valkey is lost: of each, what is one server's share, at least
    1 where the limit is not 0."""

    def __init__(self, replicas: int, clock: Callable[[], float]) -> None:
        self._replicas = max(replicas, 1)
        self._clock = clock
        self._packed: dict[Key, str] = {}
        self._where = new_id(_LOCAL)

    def take(self, operation: Holding) -> Taken:
        """Raises ``RateLimited``."""
        state = self._state()
        shared = replace(
            operation,
            claims=tuple(map(self._share, operation.claims)),
            shares=tuple(map(self._share, operation.shares)),
        )
        demand, counted = operation.demand, []
        try:
            claims, downgraded = fitting(state, shared)
            for claim in claims:
                count, bucket = wanted(demand, claim.limit.dimension), claim.shape.bucket(state.now)
                state.window(claim.key).add(bucket, count)
                counted.append((claim, bucket, count))
        finally:
            self._keep(state)
        return Taken(demand.caller.project_id, tuple(counted), downgraded, self._where)

    def give_back(self, taken: Taken) -> None:
        if taken.where != self._where:  # of an earlier loss, which is forgotten
            return
        state = self._state()
        for claim, bucket, count in taken.counted:
            state.window(claim.key).add(bucket, -count)
        self._keep(state)

    def counters(self) -> Mapping[Key, str]:
        return dict(self._packed)

    def forget(self) -> None:
        self._packed.clear()
        self._where = new_id(_LOCAL)

    def _state(self) -> State:
        return State(self._clock(), "", packed=self._packed)

    def _share(self, claim: Claim) -> Claim:
        return replace(claim, value=max(claim.value // self._replicas, min(claim.value, 1)))

    def _keep(self, state: State) -> None:
        for key, window in state.windows.items():
            if window.changed:
                self._packed[key] = window.packed()


@lru_cache(maxsize=4096)
def _rates(terms: Terms) -> Terms:
    """What Valkey counts: limits a minute and a day."""
    limits = (each for each in terms.limits if each.dimension is not Dimension.CONCURRENT)
    return replace(terms, limits=tuple(limits))


@lru_cache(maxsize=4096)
def _without_rates(terms: Terms) -> Terms:
    """What the desk counts: requests at the same time."""
    limits = (each for each in terms.limits if each.dimension is Dimension.CONCURRENT)
    return replace(terms, limits=tuple(limits))


def _on(demand: Demand, some: Callable[[Terms], Terms]) -> Demand:
    """The same demand on some of its terms."""
    return replace(demand, caller=replace(demand.caller, terms=some(demand.caller.terms)))


def _unavailable() -> LimitsUnavailable:
    return LimitsUnavailable(
        "Limits are counted in a Valkey that cannot be reached now, and this server is set to "
        "refuse requests then (limits_lost). Try again soon.",
        retry_after=SECONDS,
    )
