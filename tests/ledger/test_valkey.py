"""Limits in Valkey: the same decisions as in the ledger's transaction, exact for all who ask."""

import asyncio
import json
import random
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest

from pisang.core.caller import Caller
from pisang.core.errors import RateLimited, SettingsError
from pisang.core.money import Money
from pisang.core.terms import ANY_MODEL, Dimension, Limit, Terms
from pisang.ledger import valkey as module
from pisang.ledger.operations import Holding
from pisang.ledger.shared_limits import LocalShare
from pisang.ledger.valkey import LimitsLost, Taken, Valkey
from pisang.ledger.words import Demand
from tests.databases import Redis
from tests.ledger.conftest import MODEL, NOON, Clock


def limit(
    dimension: Dimension, value: int, *, scope: str = "project:p", model: str = MODEL
) -> Limit:
    return Limit(scope, model, dimension, value, "project")


def holding(*limits: Limit, seconds: float = 30.0, **other: object) -> Holding:
    words = {"model": MODEL, "images": 1, "tokens": 100, "amount": Money(0)} | other
    caller = Caller("p", "k", terms=Terms(limits=limits))
    demand = Demand(caller=caller, request_id="r", seconds=seconds, **words)  # type: ignore[arg-type]
    return Holding.of(demand, seconds)


async def given(valkey: Valkey, taken: Taken) -> None:
    back = valkey.give_back(taken)
    assert back is not None
    await back


@pytest.fixture
async def valkey(redis_url: str, clock: Clock) -> AsyncIterator[Valkey]:
    valkey = Valkey(redis_url, clock=clock)
    yield valkey
    await valkey.close()


async def test_over_any_one_dimension_nothing_is_taken_of_the_others(valkey: Valkey) -> None:
    both = limit(Dimension.RPM, 10), limit(Dimension.IPM, 3)
    await valkey.take(holding(*both, images=2))
    with pytest.raises(RateLimited, match=r"limit of 3 images a minute .*2 counted") as caught:
        await valkey.take(holding(*both, images=2))
    assert caught.value.retry_after is not None
    assert 59 < caught.value.retry_after <= 61
    await valkey.take(holding(*both, images=1))
    found = await valkey.counters("p")
    assert {key[2]: json.loads(used)[1] for key, used in found.items()} == {"rpm": 2, "ipm": 3}


async def test_what_is_given_back_can_be_taken_again(valkey: Valkey) -> None:
    limits = limit(Dimension.RPM, 1), limit(Dimension.RPD, 1)
    taken = await valkey.take(holding(*limits))
    with pytest.raises(RateLimited, match="1 request a day"):
        await valkey.take(holding(*limits))
    await given(valkey, taken)
    await valkey.take(holding(*limits))
    assert len(await valkey.counters("p")) == 2


async def test_who_asks_after_something_was_given_back_finds_it(valkey: Valkey) -> None:
    one = limit(Dimension.RPM, 1)
    taken = await valkey.take(holding(one))
    back = valkey.give_back(taken)  # nobody waits for it in between
    await valkey.take(holding(one))
    assert back is not None
    await back


async def test_without_a_clock_of_ours_that_of_valkey_counts(redis_url: str) -> None:
    valkey = Valkey(redis_url)
    many = limit(Dimension.RPM, 2), limit(Dimension.RPD, 2), limit(Dimension.IPM, 5)
    first = await valkey.take(holding(*many))
    await valkey.take(holding(*many))
    with pytest.raises(RateLimited, match="a day"):
        await valkey.take(holding(*many))
    await given(valkey, first)
    await valkey.take(holding(*many))
    await valkey.close()


_STEPS = 400
_CLAIMS = (
    limit(Dimension.RPM, 9),
    limit(Dimension.IPM, 14),
    limit(Dimension.TPM, 900),
    limit(Dimension.RPD, 30),
    limit(Dimension.RPM, 12, scope="key:k", model=ANY_MODEL),
    limit(Dimension.RPM, 0, model="forbidden"),
)


@pytest.mark.parametrize("seed", range(6))
async def test_it_decides_as_the_ledger_does(valkey: Valkey, clock: Clock, seed: int) -> None:
    """Any requests, ends, waits, jumps of the clock: the same answers, to the second."""
    chance, ledger = random.Random(seed), LocalShare(1, clock)
    clock.at = NOON + chance.choice((0, 11.9 * 3600, -86_400 * 20))  # some pass midnight there
    under_way: list[tuple[Taken, Taken]] = []
    for _ in range(_STEPS):
        what = chance.random()
        if what < 0.3:
            clock.at += chance.choice((0.25, 1, 5, 61, 3600)) * chance.random()
        elif what < 0.34:
            clock.at -= chance.choice((1, 4, 30, 100_000)) * chance.random()
        elif what < 0.55 and under_way:
            here, there = under_way.pop(chance.randrange(len(under_way)))
            if chance.random() < 0.4:  # else an engine was asked
                ledger.give_back(there)
                await given(valkey, here)
        else:
            asked = holding(
                *_CLAIMS,
                model=chance.choice((MODEL, MODEL, MODEL, "another", "forbidden")),
                images=chance.choice((1, 2, 5, 20)),
                tokens=chance.choice((0, 50, 400)),
                priority=chance.random() < 0.3,
            )
            here, there = await _outcome(valkey, asked), _local(ledger, asked)
            if isinstance(there, Taken):
                assert isinstance(here, Taken), here
                assert here.counted == there.counted
                assert here.downgraded == there.downgraded
                under_way.append((here, there))
            else:
                assert here == there


async def _outcome(valkey: Valkey, asked: Holding) -> object:
    try:
        return await valkey.take(asked)
    except RateLimited as error:
        return _said(error)


def _local(ledger: LocalShare, asked: Holding) -> object:
    try:
        return ledger.take(asked)
    except RateLimited as error:
        return _said(error)


def _said(error: RateLimited) -> object:
    assert error.retry_after is None or error.retry_after >= 0
    wait = None if error.retry_after is None else round(error.retry_after, 3)
    return error.message, wait, error.metadata


async def test_five_hundred_at_once_get_exactly_what_there_is(valkey: Valkey) -> None:
    asked = holding(limit(Dimension.RPM, 100), limit(Dimension.IPM, 450), images=3)
    ends = await asyncio.gather(*(_outcome(valkey, asked) for _ in range(500)))
    assert sum(isinstance(end, Taken) for end in ends) == 100


_CALLERS = """
import asyncio, sys
from tests.ledger.test_valkey import holding, limit, _outcome
from pisang.core.terms import Dimension
from pisang.ledger.valkey import Taken, Valkey

async def main():
    valkey = Valkey(sys.argv[1])
    asked = holding(limit(Dimension.RPD, 100), limit(Dimension.IPM, 400))
    ends = await asyncio.gather(*(_outcome(valkey, asked) for _ in range(170)))
    print(sum(isinstance(end, Taken) for end in ends))
    await valkey.close()

asyncio.run(main())
"""


async def test_several_servers_together_get_exactly_what_there_is(redis_url: str) -> None:
    command = [sys.executable, "-c", _CALLERS, redis_url]
    servers = [
        await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE) for _ in range(3)
    ]
    said = await asyncio.gather(*(server.communicate() for server in servers))
    assert sum(int(out) for out, _ in said) == 100


async def test_who_leaves_before_the_answer_has_taken_nothing(
    valkey: Valkey, redis_url: str
) -> None:
    one = holding(limit(Dimension.RPM, 1))
    for _ in range(5):
        asking = asyncio.create_task(valkey.take(one))
        await asyncio.sleep(0)  # it is on its way
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    await valkey.close()
    other = Valkey(redis_url, clock=valkey._clock)
    assert await other.counters("p") == {}
    await other.close()


async def test_scripts_that_were_forgotten_are_sent_again(own_redis: Redis) -> None:
    valkey = Valkey(own_redis.url)
    one = holding(limit(Dimension.RPM, 10))
    await valkey.take(one)
    own_redis.ask("SCRIPT FLUSH")
    await asyncio.gather(*(valkey.take(one) for _ in range(9)))
    with pytest.raises(RateLimited):
        await valkey.take(one)
    await valkey.close()


async def test_one_that_is_gone_or_silent_is_lost_and_nobody_waits_for_it_again(
    own_redis: Redis,
) -> None:
    valkey, one = Valkey(own_redis.url, seconds=0.2), holding(limit(Dimension.RPM, 10))
    await valkey.check()
    own_redis.stop_answering()
    with pytest.raises(LimitsLost):
        await valkey.take(one)
    asked = valkey._ask(["pisang:limits:{}"], ["read", ""])
    assert asked.done()  # at once
    assert isinstance(asked.exception(), LimitsLost)
    own_redis.kill()
    await asyncio.sleep(0.25)
    with pytest.raises(LimitsLost):
        await asyncio.gather(*(valkey.take(one) for _ in range(20)))
    own_redis.start()
    await asyncio.sleep(0.25)
    await valkey.take(one)
    await valkey.close()


async def test_what_is_no_valkey_is_lost(postgres: object) -> None:
    valkey = Valkey(f"redis://127.0.0.1:{postgres.port}")  # type: ignore[attr-defined]
    with pytest.raises(LimitsLost):
        await valkey.check()
    await valkey.close()


async def test_a_missing_client_is_a_setting_to_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(SettingsError, match=r"pip install 'pisang\[valkey\]'"):
        module.Valkey("valkey://nowhere")
