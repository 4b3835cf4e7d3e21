"""A desk that shares its limits: rates in Valkey, money and requests at the same
time at the desk; and what comes without it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from pisang.core.caller import Caller
from pisang.core.errors import BudgetExhausted, LimitsUnavailable, RateLimited
from pisang.core.money import Money
from pisang.core.terms import Dimension, Limit, Terms
from pisang.ledger.shared_limits import Lost, SharedLimits
from pisang.ledger.valkey import Valkey
from pisang.ledger.words import Bill, Demand, Hold
from tests.databases import Redis
from tests.ledger.conftest import MODEL, Clock, Ledger, bill, killed, mortal

RPM = Limit("project:p", MODEL, Dimension.RPM, 4, "project")
IMAGES = Limit("project:p", MODEL, Dimension.IPM, 5, "project")


@dataclass
class Money1:
    """A desk that refuses what costs more than a dollar, and keeps what it is asked."""

    held: list[Demand] = field(default_factory=list)
    ended: list[tuple[str, str]] = field(default_factory=list)

    async def hold(self, demand: Demand) -> Hold:
        self.held.append(demand)
        await asyncio.sleep(0)
        if demand.amount > Money.of("1"):
            raise BudgetExhausted("too much")
        return Hold(
            id=f"hold_{len(self.held)}",
            project_id="p",
            key_id="k",
            request_id=demand.request_id,
            model=demand.model,
            amount=demand.amount,
        )

    async def hold_all(self, demands: Sequence[Demand]) -> list[Hold]:
        return [await self.hold(demand) for demand in demands]

    def hold_soon(self, demand: Demand) -> Hold | None:  # noqa: ARG002
        return None

    async def post(self, hold: Hold, bill: Bill) -> None:  # noqa: ARG002
        self.ended.append(("post", hold.id))

    def void(self, hold: Hold, *, finish: str = "", counted: bool = True) -> None:  # noqa: ARG002
        self.ended.append(("void", hold.id))

    async def probe(self) -> None:
        self.ended.append(("probe", ""))

    async def close(self) -> None:
        self.ended.append(("close", ""))


def demand(*limits: Limit, amount: str = "0.1", **other: object) -> Demand:
    caller = Caller("p", "k", terms=Terms(limits=limits))
    words = {"model": MODEL, "images": 1, "tokens": 5, "seconds": 30.0} | other
    return Demand(caller=caller, request_id="r", amount=Money.of(amount), **words)  # type: ignore[arg-type]


Make = Callable[..., SharedLimits]


@pytest.fixture
async def make(own_redis: Redis, clock: Clock) -> AsyncIterator[Make]:
    """Makes desks on one Valkey, which the test may kill."""
    made: list[SharedLimits] = []

    def desk(lost: Lost = "closed", replicas: int = 1) -> SharedLimits:
        valkey = Valkey(own_redis.url, clock=clock, seconds=0.1)
        made.append(SharedLimits(Money1(), valkey, lost=lost, replicas=replicas, clock=clock))
        return made[-1]

    yield desk
    for each in made:
        await each.close()


async def _settled(desk: SharedLimits) -> None:
    await asyncio.gather(*desk._tasks)


async def test_servers_share_a_limit_and_the_desk_sees_none(make: Make) -> None:
    one, other = make(), make()
    for desk in (one, other, one, other):
        await desk.hold(demand(RPM))
    for desk in (one, other):
        with pytest.raises(RateLimited, match="4 requests a minute"):
            await desk.hold(demand(RPM))
        assert [each.caller.terms.limits for each in desk._desk.held] == [(), ()]


async def test_pictures_of_one_request_take_their_room_together(make: Make) -> None:
    desk = make()
    first, more = demand(RPM, IMAGES), demand(RPM, IMAGES, requests=0)
    holds = await desk.hold_all([first, more, more])
    assert len(holds) == 3
    with pytest.raises(RateLimited, match="asks for 3 more"):
        await desk.hold_all([first, more, more])
    await desk.hold_all([first, more])
    for hold in holds:
        desk.void(hold, counted=False)
    await _settled(desk)
    await desk.hold_all([first, more, more])


async def test_what_the_desk_refuses_is_counted_nowhere(make: Make) -> None:
    desk = make()
    for _ in range(6):
        with pytest.raises(BudgetExhausted):
            await desk.hold(demand(RPM, IMAGES, amount="2"))
        await _settled(desk)
    assert await desk.counters("p") == {}


async def test_what_no_engine_was_asked_for_is_free_again(make: Make) -> None:
    desk = make()
    holds = [await desk.hold(demand(RPM)) for _ in range(4)]
    await desk.post(holds[0], bill())
    desk.void(holds[1], counted=True)
    with pytest.raises(RateLimited, match="4 requests a minute"):
        await desk.hold(demand(RPM))
    desk.void(holds[2], counted=False)
    await desk.hold(demand(RPM))  # whoever asks next finds it
    with pytest.raises(RateLimited, match="4 requests a minute"):
        await desk.hold(demand(RPM))
    assert ("post", holds[0].id) in desk._desk.ended


async def test_requests_at_the_same_time_are_those_of_the_ledger_until_they_have_ended(
    ledger: Ledger, redis_url: str, clock: Clock
) -> None:
    caller = ledger.caller(ledger.limit(Dimension.CONCURRENT, 2), ledger.limit(Dimension.RPM, 9))
    desks = [
        SharedLimits(each, Valkey(redis_url, clock=clock), lost="closed", clock=clock)
        for each in (ledger.desk, await ledger.more())
    ]
    first, second = [await desk.hold(ledger.demand(caller)) for desk in desks]
    with pytest.raises(RateLimited, match="2 are under way"):
        await desks[0].hold(ledger.demand(caller))
    await desks[0].post(first, bill())
    await desks[1].hold(ledger.demand(caller))
    desks[1].void(second)
    await desks[0].hold(ledger.demand(caller))
    await asyncio.gather(*(_settled(desk) for desk in desks))
    counted = await desks[0].counters(ledger.project)
    assert {key[2]: json.loads(used)[1::2] for key, used in counted.items()} == {"rpm": [4]}
    for desk in desks:
        await desk._valkey.close()


async def test_requests_of_a_dead_server_no_longer_count_after_the_next_sweep(
    ledger: Ledger, redis_url: str, clock: Clock
) -> None:
    caller = ledger.caller(ledger.limit(Dimension.CONCURRENT, 1), ledger.limit(Dimension.RPM, 9))
    dying = mortal(ledger.database, clock)
    desks = [
        SharedLimits(each, Valkey(redis_url, clock=clock), lost="closed", clock=clock)
        for each in (dying, ledger.desk)
    ]
    await desks[0].hold(ledger.demand(caller, seconds=3600.0))
    with pytest.raises(RateLimited, match="under way"):
        await desks[1].hold(ledger.demand(caller))
    await killed(dying)
    await ledger.desk.sweep()
    await desks[1].hold(ledger.demand(caller))
    for desk in desks:
        await desk._valkey.close()


async def test_no_room_at_the_priority_tier_is_said(make: Make) -> None:
    desk = make()
    holds = [await desk.hold(demand(RPM, priority=True)) for _ in range(3)]
    assert [hold.downgraded for hold in holds] == [False, True, True]  # 0.3 of 4 is 1


async def test_who_has_no_limits_needs_no_valkey(make: Make, own_redis: Redis) -> None:
    desk = make("closed")
    own_redis.kill()
    await desk.post(await desk.hold(demand()), bill())


async def test_closed_refuses_and_says_so(make: Make, own_redis: Redis) -> None:
    desk = make("closed")
    await desk.check()
    own_redis.kill()
    with capture_logs() as said:
        for _ in range(3):
            with pytest.raises(LimitsUnavailable, match="limits_lost"):
                await desk.hold(demand(RPM))
        with pytest.raises(LimitsUnavailable):
            await desk.check()
    (line,) = said  # once, not for each request
    assert (line["event"], line["log_level"]) == ("limits are lost", "error")
    assert "limits_lost = closed" in line["until_then"]
    assert desk.why_lost
    assert desk._desk.held == []


async def test_open_lets_all_pass(make: Make, own_redis: Redis) -> None:
    desk = make("open")
    own_redis.kill()
    holds = [await desk.hold(demand(RPM, IMAGES)) for _ in range(20)]
    await desk.check()
    await desk.post(holds[0], bill())
    desk.void(holds[1])


async def test_local_counts_a_share_of_each_limit_and_at_least_one(
    make: Make, own_redis: Redis, clock: Clock
) -> None:
    desk, none = make("local", replicas=2), Limit("project:p", "m", Dimension.RPM, 0, "project")
    own_redis.kill()
    first = await desk.hold(demand(RPM, IMAGES))  # shares of 2 each
    await desk.hold(demand(RPM, IMAGES))
    with pytest.raises(RateLimited, match="2 images a minute"):
        await desk.hold(demand(IMAGES))
    desk.void(first, counted=False)
    await desk.hold(demand(RPM, IMAGES))
    with pytest.raises(RateLimited, match="2 requests a minute"):
        await desk.hold(demand(RPM))
    with pytest.raises(RateLimited):
        await desk.hold(demand(none, model="m"))
    assert len(await desk.counters("p")) == 2
    clock.at += 61
    await desk.hold(demand(RPM))


async def test_it_is_used_again_when_it_is_back(make: Make, own_redis: Redis) -> None:
    desk = make("local", replicas=4)
    shared = await desk.hold(demand(RPM))
    own_redis.kill()
    local = await desk.hold(demand(RPM))
    own_redis.start()
    await asyncio.sleep(0.15)  # for so long it is left alone
    with capture_logs() as said:
        now = [await desk.hold(demand(RPM)) for _ in range(2)]
        for hold in (shared, local, *now):  # those of before are unknown there, and that is fine
            desk.void(hold, counted=False)
        await _settled(desk)
    assert [line["event"] for line in said] == ["limits are back"]
    assert desk.why_lost is None
    assert await desk.counters("p") == {}


async def test_money_is_still_asked_for_while_limits_are_lost(make: Make, own_redis: Redis) -> None:
    desk = make("local")
    own_redis.kill()
    for _ in range(6):
        with pytest.raises(BudgetExhausted):
            await desk.hold(demand(RPM, amount="2"))
    for _ in range(4):
        await desk.hold(demand(RPM))
