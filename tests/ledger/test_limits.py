"""Limits as they are set, and what is used of them as the desk counts it."""

import pytest

from pisang.accounts.terms import terms_of
from pisang.catalog.tiers import UNLIMITED
from pisang.core.errors import RateLimited, RequestError
from pisang.core.terms import Billing, Terms
from pisang.ledger import limits
from pisang.ledger.limits import LimitUse, Setting, ShareUse
from tests.ledger.conftest import MODEL, Clock, Ledger, bill

PRO = "gemini-3-pro-image"


async def put(ledger: Ledger, scope: str = "", model: str = "*", **values: int) -> list[Setting]:
    async with ledger.database.write() as connection:
        return await limits.put(connection, scope or f"project:{ledger.project}", model, values)


async def terms(ledger: Ledger, tier: str = "") -> Terms:
    async with ledger.database.read() as connection:
        return await terms_of(connection, ledger.project, tier, Billing.POSTPAID, "", "key_1")


async def used(ledger: Ledger, of: Terms) -> list[LimitUse]:
    await ledger.desk.sweep()
    async with ledger.database.read() as connection:
        return await limits.use(connection, of, at=ledger.clock())


async def test_limits_are_set_changed_and_removed(ledger: Ledger) -> None:
    scope = f"project:{ledger.project}"
    assert await put(ledger, rpm=5, ipm=0) == [
        Setting(scope, "*", "ipm", 0),
        Setting(scope, "*", "rpm", 5),
    ]
    await put(ledger, rpm=6)
    await put(ledger, model="nano-banana-pro", rpd=9)
    async with ledger.database.write() as connection:
        found = await limits.settings(connection, [scope])
        assert [(each.model, each.dimension, each.value) for each in found] == [
            ("*", "ipm", 0),
            ("*", "rpm", 6),
            (PRO, "rpd", 9),
        ]
        assert await limits.remove(connection, scope, "*", ["rpm", "tpm"]) == ["rpm"]
        assert await limits.remove(connection, scope, "*") == ["ipm"]
        assert await limits.remove(connection, scope, "*") == []
    assert [each.model for each in (await terms(ledger)).limits] == [PRO]


@pytest.mark.parametrize(
    ("scope", "model", "values", "said"),
    [
        ("tier:7", "*", {"rpm": 1}, "no tier '7'"),
        ("", "*", {"rps": 1}, "no limit 'rps'"),
        ("", "*", {"rpm": -2}, "a number from 0"),
        ("", "*", {"tpm": 2**60}, "a number from 0"),
        ("", PRO, {"spend_month": 1}, "for all models together"),
        ("key:key_1", "*", {"spend_10m": 1}, "A key may have a budget"),
        ("", "", {"rpm": 1}, "1 to 128 letters"),
    ],
)
async def test_what_cannot_be_is_refused(
    ledger: Ledger, scope: str, model: str, values: dict[str, int], said: str
) -> None:
    with pytest.raises(RequestError, match=said):
        await put(ledger, scope, model, **values)


async def test_what_is_used_now_is_told(ledger: Ledger, clock: Clock) -> None:
    await put(ledger, model=MODEL, rpm=3, ipm=10, tpm=1000, rpd=20, concurrent=4)
    mine = await terms(ledger)
    caller = ledger.caller(*mine.limits)
    await ledger.desk.post(await ledger.desk.hold(ledger.demand(caller)), bill())
    await ledger.desk.hold(ledger.demand(caller, images=4))
    now = {each.limit.dimension.value: (each.used, each.left) for each in await used(ledger, mine)}
    assert now == {
        "rpm": (2, 1),
        "ipm": (5, 5),
        "tpm": (200, 800),
        "rpd": (2, 18),
        "concurrent": (1, 3),
    }
    with pytest.raises(RateLimited):
        await ledger.desk.hold(ledger.demand(caller, images=6))
    assert now["ipm"] == (5, 5)  # what is refused is counted nowhere
    clock.at += 120
    later = {each.limit.dimension.value: each.used for each in await used(ledger, mine)}
    assert later["rpm"] == later["ipm"] == later["tpm"] == 0
    assert later["rpd"] == 2


async def test_what_all_servers_count_together_is_told_instead(ledger: Ledger) -> None:
    await put(ledger, model=MODEL, rpm=3)
    mine = await terms(ledger)
    await ledger.desk.hold(ledger.demand(ledger.caller(*mine.limits)))
    key = (f"project:{ledger.project}", MODEL, "rpm")
    async with ledger.database.read() as connection:
        shared = {key: f"[{int(ledger.clock())},3]"}
        (use,) = await limits.use(connection, mine, at=ledger.clock(), shared=shared)
        assert use.used == 3
        (use,) = await limits.use(connection, mine, at=ledger.clock(), shared={})
        assert use.used == 0


async def test_a_limit_on_each_model_is_used_by_each_by_itself(ledger: Ledger) -> None:
    await put(ledger, rpm=3)
    await put(ledger, model=PRO, rpm=1)
    await put(ledger, scope="key:key_1", rpm=5)
    mine = await terms(ledger)
    assert [(each.model, each.used) for each in await used(ledger, mine)] == [
        ("*", 0),
        (PRO, 0),
        ("*", 0),
    ]
    caller = ledger.caller(*mine.limits)
    for model in (MODEL, MODEL, PRO, "another"):
        await ledger.desk.hold(ledger.demand(caller, model=model))
    found = [
        (each.limit.origin, each.limit.model, each.model, each.used)
        for each in await used(ledger, mine)
    ]
    assert found == [
        ("project", "*", "another", 1),
        ("project", "*", MODEL, 2),
        ("project", PRO, PRO, 1),
        ("key", "*", "*", 4),
    ]


async def test_the_share_of_the_priority_tier_is_told_too(ledger: Ledger) -> None:
    await put(ledger, rpm=10, concurrent=9)
    mine = await terms(ledger)
    caller = ledger.caller(*mine.limits)
    for _ in range(4):  # the last is served at standard
        await ledger.desk.hold(ledger.demand(caller, priority=True))
    await ledger.desk.hold(ledger.demand(caller, model=PRO, priority=True))
    found = {
        (each.limit.dimension.value, each.model): (each.used, each.priority)
        for each in await used(ledger, mine)
    }
    assert found == {
        ("concurrent", MODEL): (4, None),
        ("concurrent", PRO): (1, None),
        ("rpm", MODEL): (1, ShareUse(3, 3)),
        ("rpm", PRO): (0, ShareUse(3, 1)),
    }
    assert ShareUse(3, 1).left == 2


async def test_a_limit_that_is_lifted_is_not_there(ledger: Ledger) -> None:
    assert any(each.dimension == "rpm" for each in (await terms(ledger, "1")).limits)
    await put(ledger, rpm=UNLIMITED)
    assert not any(each.dimension == "rpm" for each in (await terms(ledger, "1")).limits)
