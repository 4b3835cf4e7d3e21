"""Counters of limits in Valkey or Redis, where all servers count together.

What is counted how is the same as in the ledger's own transaction (``room.py``, ``windows.py``);
here a script does it in one step (``counting.lua``), by the clock of the one Valkey. Requests that
come while another batch is under way go together in the next, so that one connection is enough.

A Valkey that does not answer is left alone for a second, and nobody waits for it meanwhile.
"""

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any, Final

from pisang.core.errors import RateLimited, SettingsError
from pisang.ledger.claims import Claim, Key, wanted
from pisang.ledger.operations import Holding
from pisang.ledger.refusals import rate_limited
from pisang.ledger.windows import DAY, Shape, Window, day_of, midnight
from pisang.ledger.words import Demand

SECONDS: Final = 1.0
"""How long Valkey may take for an answer, and how long it is left alone when it gave none."""

_MOST: Final = 500  # scripts in one round trip
_PREFIX: Final = "pisang:limits"
_SCHEMES: Final = {"valkey": "redis", "valkeys": "rediss"}
_NEVER: Final = float("inf")


class LimitsLost(Exception):
    """Valkey cannot be reached, or is none; the text says why."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a request took, to be given back: from which counter's bucket how much. ``downgraded``
    is whether there was no room at the priority tier; ``where`` names who else than Valkey counted.
    """

    project_id: str
    counted: tuple[tuple[Claim, int, int], ...]
    downgraded: bool
    where: str = ""


class Valkey:
    """The counters of one server of Valkey or Redis. ``clock`` replaces that server's own."""

    def __init__(
        self, url: str, *, clock: Callable[[], float] | None = None, seconds: float = SECONDS
    ) -> None:
        self._clock = clock
        self._seconds = seconds
        self._client = _client(url, seconds)
        self._sha = ""
        self._lost_until = 0.0
        self._why = ""
        self._waiting: list[tuple[Sequence[str], Sequence[Any], asyncio.Future[Any]]] = []
        self._task: asyncio.Task[None] | None = None

    async def take(self, operation: Holding) -> Taken:
        """Takes what a request asks for from all of its limits, or nothing. Raises ``RateLimited``
        or ``LimitsLost``."""
        demand = operation.demand
        claims = (*operation.shares, *operation.claims)
        now, day = self._now()
        head = ["take", now, str(len(operation.shares))]
        words = [word for claim in claims for word in _words(claim, demand, day)]
        keys = _keys(demand.caller.project_id, [claim.key for claim in claims])
        answer = self._ask(keys, [*head, *words])
        try:
            done, told, *rest = await asyncio.shield(answer)
        except asyncio.CancelledError:
            answer.add_done_callback(lambda answer: self._left(operation, answer))
            raise
        if not done:
            raise _refusal(claims, demand, rest[0], float(told))
        return _taken(operation, *rest)

    def give_back(self, taken: Taken) -> "asyncio.Future[Any] | None":
        """Gives back what a request took that no engine was asked for, before whoever asks next.
        Wait for it: raises ``LimitsLost``. None where there is nothing to be given back."""
        given = [each for each in taken.counted if each[2]]
        if not given:
            return None
        now, day = self._now()
        words = [
            str(word)
            for claim, bucket, count in given
            for word in (_kind(claim.shape), bucket, count, *_how(claim.shape, day))
        ]
        keys = _keys(taken.project_id, [claim.key for claim, _, _ in given])
        return self._ask(keys, ["give", now, *words])

    async def counters(self, project_id: str) -> Mapping[Key, str]:
        """What is used of all limits of a project and its keys, packed as the table ``counters``
        has it. Raises ``LimitsLost``."""
        try:
            names = await self._client.smembers(_keys(project_id, [])[0])
        except _errors() as error:
            raise LimitsLost(str(error)) from error
        found: list[Key] = sorted(_key_of(name) for name in names)
        _, flats = await self._ask(_keys(project_id, found), ["read", self._now()[0]])
        return {
            key: json.dumps([int(each) for each in flat])
            for key, flat in zip(found, flats, strict=True)
            if flat
        }

    async def check(self) -> None:
        """Raises ``LimitsLost`` unless Valkey answers."""
        await self._ask(_keys("", []), ["read", ""])

    async def close(self) -> None:
        while self._task is not None:
            await asyncio.wait([self._task])
        await self._client.aclose()

    def _now(self) -> tuple[str, int]:
        """The time to count by, empty for Valkey's own, and about which day it is."""
        if self._clock is None:
            return "", day_of(time.time())
        now = self._clock()
        return repr(now), day_of(now)

    def _left(self, operation: Holding, answer: "asyncio.Future[Any]") -> None:
        """Gives back what was taken for somebody who has left before they knew."""
        if answer.cancelled() or answer.exception() or not answer.result()[0]:
            return
        given = self.give_back(_taken(operation, *answer.result()[2:]))
        if given is not None:
            given.add_done_callback(_heard)

    def _ask(self, keys: Sequence[str], words: Sequence[str]) -> "asyncio.Future[Any]":
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        if loop.time() < self._lost_until:
            answer.set_exception(LimitsLost(self._why))
            return answer
        self._waiting.append((keys, words, answer))
        if self._task is None:
            self._task = asyncio.create_task(self._work())
        return answer

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
                try:
                    answers = await self._run([(keys, words) for keys, words, _ in batch])
                except Exception as error:
                    lost = self._lose(error)
                    batch, self._waiting = batch + self._waiting, []
                    answers = [lost] * len(batch)
                for (_, _, answer), found in zip(batch, answers, strict=True):
                    if answer.done():  # whoever asked has left
                        continue
                    if isinstance(found, Exception):
                        answer.set_exception(found)
                    else:
                        answer.set_result(found)
        finally:
            self._task = None

    async def _run(self, asked: Sequence[tuple[Sequence[str], Sequence[str]]]) -> list[Any]:
        if not self._sha:
            self._sha = await self._client.script_load(_script())
        answers = await self._piped(asked)
        unknown = [at for at, answer in enumerate(answers) if _is_unknown(answer)]
        if unknown:  # it was started anew, or told to forget its scripts; nothing was done then
            self._sha = await self._client.script_load(_script())
            again = await self._piped([asked[at] for at in unknown])
            for at, answer in zip(unknown, again, strict=True):
                answers[at] = answer
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return answers

    async def _piped(self, asked: Sequence[tuple[Sequence[str], Sequence[str]]]) -> list[Any]:
        async with self._client.pipeline(transaction=False) as pipe:
            for keys, words in asked:
                pipe.evalsha(self._sha, len(keys), *keys, *words)
            return list(await pipe.execute(raise_on_error=False))

    def _lose(self, error: Exception) -> LimitsLost:
        self._lost_until = asyncio.get_running_loop().time() + self._seconds
        self._why = str(error) or type(error).__name__
        self._sha = ""
        return LimitsLost(self._why)


def _heard(answer: "asyncio.Future[Any]") -> None:
    """Where Valkey is lost, what was taken stays counted until it is over."""
    answer.exception()


def _taken(operation: Holding, shares: int, buckets: Sequence[int]) -> Taken:
    demand = operation.demand
    used = operation.shares if shares else operation.claims
    counted = tuple(
        (claim, int(bucket), wanted(demand, claim.limit.dimension))
        for claim, bucket in zip(used, buckets, strict=True)
    )
    downgraded = bool(operation.shares) and not shares
    return Taken(demand.caller.project_id, counted, downgraded)


def _words(claim: Claim, demand: Demand, day: int) -> list[str]:
    shape, asked = claim.shape, wanted(demand, claim.limit.dimension)
    fields = (
        _named(claim.key),
        _kind(shape),
        claim.value,
        asked,
        *_how(shape, day),
    )
    return [str(field) for field in fields]


def _how(shape: Shape, day: int) -> tuple[float, ...]:
    """How a window counts, with the borders of a day."""
    borders = (day, midnight(day), midnight(day + 1)) if shape is DAY else (0, 0, 0)
    return shape.kept, shape.ahead, *borders


def _kind(shape: Shape) -> str:
    return "day" if shape is DAY else "minute"


def _refusal(
    claims: Sequence[Claim], demand: Demand, found: Sequence[Any], now: float
) -> RateLimited:
    """Of several limits that a request does not fit into, the one that it waits for longest."""
    waits: list[tuple[float, RateLimited]] = []
    for number, flat in zip(found[::2], found[1::2], strict=True):
        claim = claims[number - 1]
        asked = wanted(demand, claim.limit.dimension)
        window = Window(claim.shape, now, json.dumps([int(each) for each in flat]))
        room_at = window.room_at(claim.value, asked)
        wait = _NEVER if room_at is None else room_at
        error = rate_limited(claim, demand, used=window.used, room_at=room_at, now=now)
        waits.append((wait, error))
    return max(waits, key=lambda each: each[0])[1]


def _keys(project_id: str, keys: Sequence[Key]) -> list[str]:
    """Names in Valkey; the braces keep all of a project on one node of a cluster."""
    start = f"{_PREFIX}:{{{project_id}}}"
    return [start, *(f"{start}:{_named(key)}" for key in keys)]


def _named(key: Key) -> str:
    return json.dumps(key, separators=(",", ":"))


def _key_of(name: bytes | str) -> Key:
    subject, model, dimension = json.loads(name)
    return subject, model, dimension


@cache
def _script() -> str:
    return files("pisang.ledger").joinpath("counting.lua").read_text(encoding="utf-8")


def _driver() -> Any:
    try:
        return import_module("redis.asyncio")
    except ImportError as error:
        raise SettingsError(
            "limits_url names a Valkey, and its client is not installed: "
            "pip install 'pisang[valkey]'.",
            field="limits_url",
        ) from error


def _errors() -> tuple[type[Exception], ...]:
    return (import_module("redis.exceptions").RedisError, OSError)


def _is_unknown(answer: object) -> bool:
    return isinstance(answer, Exception) and type(answer).__name__ == "NoScriptError"


def _client(url: str, seconds: float) -> Any:
    scheme, separator, rest = url.partition("://")
    driver = _driver()
    never = import_module("redis.backoff").NoBackoff()
    return driver.Redis.from_url(
        f"{_SCHEMES.get(scheme, scheme)}{separator}{rest}",
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=import_module("redis.asyncio.retry").Retry(never, 0),
    )
