"""Routes requests: knows the table and which engines are well, and runs what was planned.

The table can be replaced while requests are under way: they go on with the engines they have, and
an engine that is no longer named is closed when the last of its requests has ended.
"""

import asyncio
import dataclasses
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final, TypeVar

import structlog

from pisang.core.errors import EngineUnavailable
from pisang.core.upstream import Dialect
from pisang.engines.base import Engine, is_upstream
from pisang.routing import plan as planning
from pisang.routing.attempt import Attempt, History
from pisang.routing.attempts import Course, Pace
from pisang.routing.crew import Crew
from pisang.routing.health import Health
from pisang.routing.plan import Plan, Question, Step
from pisang.routing.rules import RetryRules
from pisang.routing.served import Served
from pisang.routing.table import EngineSpec, Route, Table, Target
from pisang.telemetry.observer import Observer

__all__ = ["Attempt", "RetryRules", "Router", "Served", "only"]

log = structlog.get_logger("pisang.routing")

T = TypeVar("T")

_USUAL: Final = RetryRules()
_ONE_ENGINE: Final = "sketch"
_MOST_PLANS: Final = 1_000  # callers make up as many models as they like


@dataclass(slots=True, eq=False)
class _Shift:
    """The engines that one table names, and how many requests are under way with them. ``over`` is
    called when the last has ended, once a newer table has taken its place."""

    crews: Mapping[str, Crew]
    under_way: int = 0
    over: Callable[[], None] | None = None

    def begin(self) -> None:
        self.under_way += 1

    def end(self) -> None:
        self.under_way -= 1
        if not self.under_way and self.over is not None:
            self.over()

    def engines(self) -> list[Engine]:
        return [engine for crew in self.crews.values() for engine in crew.members]


class Router:
    """Every request passes here once it is admitted. ``members`` has the engines under the name
    that the table gives them, one for each key. ``clock`` counts the loop's seconds."""

    def __init__(
        self,
        table: Table,
        members: Mapping[str, Sequence[Engine]],
        *,
        rules: RetryRules = _USUAL,
        clock: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        choose: Callable[[], float] = random.random,
        observer: Observer | None = None,
    ) -> None:
        self.observer = observer or Observer()
        self.table = table
        self.rules = rules
        self.pace = Pace(clock, sleep, choose)
        self.health = Health(rules, clock)
        self._shift = _Shift({name: Crew(engines) for name, engines in members.items()})
        self._leaving: list[_Shift] = []
        self._closing = set[asyncio.Task[None]]()
        self._dialects = _dialects(self._shift)
        self._plans = dict[Question, Plan]()  # by this table: the same question, the same plan

    def plan(self, question: Question) -> Plan:
        """Which engines a request goes to. Raises ``NoRoute``."""
        plan = self._plans.get(question)
        if plan is None:
            plan = planning.plan(question, self.table, choose=self.pace.choose)
            if not planning.is_drawn(plan.route):
                if len(self._plans) >= _MOST_PLANS:
                    self._plans.clear()
                self._plans[question] = plan
        return plan

    def names(self, model: str) -> bool:
        """Whether a route is for this id in particular, and not only for all there are."""
        return any(planning.names(route, model) for route in self.table.routes)

    def members(self, engine: str) -> Sequence[Engine]:
        """The engines behind a name: one for each key."""
        return self._shift.crews[engine].members

    def speaks(self, dialect: Dialect) -> bool:
        """Whether any engine can be sent bodies of a dialect as they are."""
        return dialect in self._dialects

    async def run(
        self,
        plan: Plan,
        open_: Callable[[Step, Engine], Awaitable[T]],
        *,
        ends: float,
        model: str,
        discard: Callable[[T], Awaitable[None]] | None = None,
        past: History | None = None,
    ) -> tuple[T, Served]:
        """Has one engine after another tried until ``open_`` returns, which it does when the first
        content is there. Whoever reads the answer has to tell ``Served`` how it ended.

        ``ends`` is by the loop's clock, ``model`` what the engines are asked for. Raises
        ``EngineError`` where none could, and what an engine of ours raises. ``discard`` closes an
        answer that came second, where two engines were asked at once. ``past`` is what was tried
        for this request before, and learns what is tried now.
        """
        shift = self._shift
        left = [step for step in plan.steps if step.engine in shift.crews]
        if not left:
            raise EngineUnavailable(
                "The routes of this server have changed just now. Send the request again."
            )
        if len(left) < len(plan.steps):
            plan = dataclasses.replace(plan, steps=tuple(left))
        shift.begin()
        try:
            course = Course(
                plan=plan,
                crews=shift.crews,
                health=self.health,
                rules=self.rules,
                pace=self.pace,
                open_=open_,
                ends=ends,
                model=model,
                discard=discard,
                past=past or History(),
                observer=self.observer,
            )
            opened, served = await course.run()
        except BaseException:
            shift.end()
            raise
        served.after = shift.end
        return opened, served

    def replace(self, table: Table, members: Mapping[str, Sequence[Engine]]) -> None:
        """Routes by another table from now on. An engine that has the same objects in ``members``
        as before keeps what is known of its health. One with new objects, or none, is closed when
        the last request that may still need it has ended; what happens to it until then is not held
        against its successor."""
        old = self._shift
        self.table, self._shift = table, _Shift(_crews(members, old.crews))
        self._plans.clear()
        for name, crew in old.crews.items():
            if self._shift.crews.get(name) is not crew:
                crew.gone = True
                self.health.forget(name)
        self._dialects = _dialects(self._shift)
        self._leaving.append(old)
        old.over = lambda: self._over(old)
        if not old.under_way:
            self._over(old)

    def readmit(self, engine: str, member: int | None = None) -> int:
        """Lets an engine (or one of its keys) be asked again, whatever was held against it. Returns
        how many troubles are forgotten."""
        return self.health.readmit(engine, member)

    def snapshot(self) -> list[dict[str, object]]:
        """How every engine is, as plain data: for ``pisang routes``, ``pisang doctor``, the admin
        API. An engine or key without ``troubles`` is well."""
        return [
            {
                "engine": name,
                "kind": self.table.engines[name].kind if name in self.table.engines else "",
                "troubles": list(self.health.of(name, None)),
                "keys": [
                    {
                        "key": member,
                        "under_way": crew.under_way[member],
                        "troubles": list(self.health.of(name, member)),
                        "limits": list(self.health.limits.of(name, member, self.pace.clock())),
                    }
                    for member in range(len(crew.members))
                ],
            }
            for name, crew in self._shift.crews.items()
        ]

    def conditions(self) -> dict[str, tuple[bool, int]]:
        """Of each engine, whether any of its keys may be asked now, and how many requests it works
        on."""
        return {
            name: (
                any(self.health.hindrance(name, at, "") is None for at in range(len(crew.members))),
                sum(crew.under_way),
            )
            for name, crew in self._shift.crews.items()
        }

    async def close(self) -> None:
        """Closes all engines, at shutdown; requests that are still under way break off."""
        every = {
            id(each): each for shift in (self._shift, *self._leaving) for each in shift.engines()
        }
        self._leaving.clear()
        for engine in every.values():
            await engine.close()
        await asyncio.gather(*self._closing)

    def _over(self, shift: _Shift) -> None:
        """No request needs a replaced table any more: closes its engines that no other one has."""
        if shift not in self._leaving:
            return
        self._leaving.remove(shift)
        needed = {id(each) for living in (self._shift, *self._leaving) for each in living.engines()}
        for engine in shift.engines():
            if id(engine) not in needed:
                task = asyncio.ensure_future(_closed(engine))
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)


def only(engine: Engine) -> Router:
    """A router with one engine of ours that makes everything."""
    spec = EngineSpec(name=engine.name, kind=_ONE_ENGINE)
    route = Route(id="everything", models=("*",), targets=(Target(engine.name),))
    return Router(Table({engine.name: spec}, (route,)), {engine.name: (engine,)})


async def _closed(engine: Engine) -> None:
    try:
        await engine.close()
    except Exception:
        log.exception("engine did not close", engine=engine.name)


def _crews(
    members: Mapping[str, Sequence[Engine]], known: Mapping[str, Crew]
) -> Mapping[str, Crew]:
    """Crews of these members; those that are the same as before keep their counts."""
    return {
        name: known[name]
        if name in known and list(map(id, known[name].members)) == list(map(id, engines))
        else Crew(engines)
        for name, engines in members.items()
    }


def _dialects(shift: _Shift) -> frozenset[Dialect]:
    return frozenset(
        dialect for engine in shift.engines() if is_upstream(engine) for dialect in engine.dialects
    )
