"""A stage for what is tried and when: a clock that only moves when someone sleeps, engines that
follow a script, and upstreams' words as triage knows them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from pisang.core.events import Event
from pisang.core.upstream import Broken, Dialect, Symptom
from pisang.engines.base import Engine, UpstreamFault
from pisang.routing.plan import Plan, Step
from pisang.routing.router import RetryRules, Router
from pisang.routing.table import EngineSpec, Route, Table, Target

MODEL = "gemini-3-pro-image"


@dataclass
class Clock:
    """Seconds that pass only by ``sleep``."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += seconds
        await asyncio.sleep(0)


Act = str | Symptom | BaseException | Callable[[], Awaitable[str]]


@dataclass(eq=False)
class Player:
    """An engine that plays its acts one after another, the last one for ever: an answer, a symptom,
    an error, or something to wait for."""

    name: str
    acts: Sequence[Act] = ("picture",)
    asked: int = 0
    closed: int = 0

    async def play(self) -> str:
        act = self.acts[min(self.asked, len(self.acts) - 1)]
        self.asked += 1
        if isinstance(act, Symptom):
            raise UpstreamFault(act)
        if isinstance(act, BaseException):
            raise act
        return act if isinstance(act, str) else await act()

    def generate(self, request: object, **how: object) -> AsyncIterator[Event]:
        raise AssertionError(f"played, not asked for events: {request} {how}")

    async def close(self) -> None:
        self.closed += 1


async def play(_: Step, engine: Engine) -> str:
    """What a gateway would hand to the router."""
    assert isinstance(engine, Player)
    return await engine.play()


def table(*engines: str, kind: str = "google") -> Table:
    """All engines in one route, in this order."""
    specs = {name: EngineSpec(name=name, kind=kind) for name in engines}
    targets = tuple(Target(name) for name in engines)
    return Table(specs, (Route(id="route", models=("*",), targets=targets),))


def steps(*engines: str) -> Plan:
    """A plan with these engines, in this order."""
    named = table(*engines)
    return Plan(named.routes[0], tuple(Step(name, "") for name in engines), (), named.engines)


@dataclass
class Stage:
    """A router over players; several with one name are the keys of one engine."""

    players: Sequence[Player]
    rules: RetryRules = field(default_factory=RetryRules)
    clock: Clock = field(default_factory=Clock)
    chance: float = 1.0
    router: Router = field(init=False)

    def __post_init__(self) -> None:
        names = list(dict.fromkeys(player.name for player in self.players))
        members = {name: [each for each in self.players if each.name == name] for name in names}
        self.router = Router(
            table(*names),
            members,
            rules=self.rules,
            clock=self.clock,
            sleep=self.clock.sleep,
            choose=lambda: self.chance,
        )

    @property
    def plan(self) -> Plan:
        return steps(*dict.fromkeys(player.name for player in self.players))

    async def ask(self, *, seconds: float = 600, model: str = MODEL) -> str:
        """One request that is read to its end; returns who served it and what tried before."""
        got, served = await self.router.run(
            self.plan, play, ends=self.clock.now + seconds, model=model
        )
        served.ended()
        assert got == "picture"
        return ", ".join(
            f"{each.engine}#{each.member} {each.kind or 'served'}" for each in served.attempts
        )


def google(status: int, message: str = "", *, word: str = "", details: str = "[]") -> Symptom:
    """An error in Google's envelope."""
    body = (
        f'{{"error": {{"code": {status}, "message": "{message}", "status": "{word}", '
        f'"details": {details}}}}}'
    )
    return Symptom(dialect=Dialect.GEMINI, status=status, body=body.encode())


def limited(seconds: float, *, value: int = 10) -> Symptom:
    """A limit of requests per minute is used up, for so long."""
    return google(
        429,
        "You exceeded your current quota.",
        word="RESOURCE_EXHAUSTED",
        details='[{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{'
        '"quotaId": "GenerateRequestsPerMinutePerProjectPerModel", '
        f'"quotaValue": "{value}"}}]}}, '
        f'{{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "{seconds}s"}}]',
    )


OVERLOADED = google(503, "The model is overloaded. Please try again later.", word="UNAVAILABLE")
BROKE = google(500, "An internal error has occurred.", word="INTERNAL")
NO_MONEY = google(
    429, "Your prepayment credits are depleted. Please go to AI Studio.", word="RESOURCE_EXHAUSTED"
)
BAD_KEY = google(
    400,
    "API key not valid. Please pass a valid API key.",
    word="INVALID_ARGUMENT",
    details='[{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]',
)
BAD_REQUEST = google(400, "Invalid value at generation_config.", word="INVALID_ARGUMENT")
UNREACHABLE = Symptom(dialect=Dialect.GEMINI, broken=Broken.CONNECT, detail="refused")
CUT = Symptom(dialect=Dialect.GEMINI, status=200, broken=Broken.CUT, detail="cut")
