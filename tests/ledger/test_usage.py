"""Usage added up in every way there is; a day in Los Angeles is that of Los Angeles."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pisang.core.errors import RequestError
from pisang.core.events import Usage
from pisang.core.money import Money
from pisang.ledger.forecast import forecast
from pisang.ledger.usage import UsageRow, usage
from pisang.ledger.words import Hold
from tests.ledger.billed import RELAY, SKETCH, billed
from tests.ledger.conftest import MODEL, Clock, Ledger

PRO = "gemini-3-pro-image"


def moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


async def posted(ledger: Ledger, *, key: str = "key_1", **more: object) -> Money:
    bill = billed(**more)  # type: ignore[arg-type]
    hold = await ledger.desk.hold(ledger.demand(ledger.caller(key=key), "1"))
    await ledger.desk.post(hold, bill)
    return bill.amount


async def rows(ledger: Ledger, *by: str, **more: object) -> list[UsageRow]:
    await ledger.desk.sweep()
    async with ledger.database.read() as connection:
        return await usage(connection, by, **more)  # type: ignore[arg-type]


async def test_usage_is_added_up_by_hour_and_day(ledger: Ledger, clock: Clock) -> None:
    for at in ("2026-11-20 23:59", "2026-11-21 06:30", "2026-11-21 08:10", "2026-11-21 08:50"):
        clock.at = moment(at)
        await posted(ledger)
    hours = {row.by["hour"]: row.requests for row in await rows(ledger, "hour")}
    assert hours == {"2026-11-20T23:00Z": 1, "2026-11-21T06:00Z": 1, "2026-11-21T08:00Z": 2}
    days = {row.by["day"]: row.requests for row in await rows(ledger, "day")}
    assert days == {"2026-11-20": 2, "2026-11-21": 2}  # midnight there is 08:00 here
    utc = {row.by["day_utc"]: row.requests for row in await rows(ledger, "day_utc")}
    assert utc == {"2026-11-20": 1, "2026-11-21": 3}
    assert [row.by["month"] for row in await rows(ledger, "month")] == ["2026-11"]


async def test_a_day_with_25_hours_has_them_all(ledger: Ledger, clock: Clock) -> None:
    for at in ("2026-11-01 07:00", "2026-11-01 08:59", "2026-11-02 07:59", "2026-11-02 08:00"):
        clock.at = moment(at)
        await posted(ledger)
    days = {row.by["day"]: row.requests for row in await rows(ledger, "day")}
    assert days == {"2026-11-01": 3, "2026-11-02": 1}


async def test_usage_is_added_up_by_what_made_it(ledger: Ledger) -> None:
    flash, pro = await posted(ledger), await posted(ledger, model=PRO, key="key_2")
    assert {row.by["model"]: row.amount for row in await rows(ledger, "model")} == {
        MODEL: flash,
        PRO: pro,
    }
    assert {row.by["key"]: row.images for row in await rows(ledger, "key")} == {
        "key_1": 1,
        "key_2": 1,
    }
    for way, name in (("engine", "studio"), ("tier", "standard"), ("surface", "gemini_api")):
        assert {row.by[way]: row.requests for row in await rows(ledger, way)} == {name: 2}
    both = await rows(ledger, "project", "model")
    assert [dict(row.by) for row in both] == [
        {"project": ledger.project, "model": PRO},
        {"project": ledger.project, "model": MODEL},
    ]
    (whole,) = await rows(ledger)
    assert (whole.requests, whole.amount, whole.by) == (2, flash + pro, {})


async def test_every_kind_of_token_is_added_up(ledger: Ledger) -> None:
    used = Usage(
        prompt_text=1,
        prompt_image=2,
        text_output=3,
        thoughts=4,
        image_output=5,
        images=6,
        searches=7,
        engine_ms=8,
    )
    await posted(ledger, usage=used)
    await posted(ledger, usage=used)
    (row,) = await rows(ledger)
    for name in Usage.__dataclass_fields__:
        assert getattr(row, name) == 2 * getattr(used, name)


async def test_labels_are_added_up(ledger: Ledger) -> None:
    one = await posted(ledger, labels={"team": "a"})
    await posted(ledger, labels={"team": "b", "job": "x"})
    await posted(ledger)
    found = {row.by["label:team"]: row.requests for row in await rows(ledger, "label:team")}
    assert found == {"": 1, "a": 1, "b": 1}
    (row,) = [row for row in await rows(ledger, "label:job", "day") if row.by["label:job"]]
    assert (row.by["day"], row.amount, row.image_output) == ("2026-11-21", one, 1120)


async def test_a_rehearsal_stands_apart(ledger: Ledger) -> None:
    await posted(ledger)
    await posted(ledger, engine=SKETCH)
    assert [(row.rehearsal, row.requests) for row in await rows(ledger, "model")] == [
        (False, 1),
        (True, 1),
    ]
    assert {row.rehearsal for row in await rows(ledger, "label:team")} == {False, True}


async def test_what_failed_is_counted_and_costs_nothing(ledger: Ledger) -> None:
    ledger.desk.void(await ledger.desk.hold(ledger.demand(ledger.caller())), finish="SAFETY")
    ledger.desk.void(await ledger.desk.hold(ledger.demand(ledger.caller())), counted=False)
    (row,) = await rows(ledger, "model")
    assert (row.by["model"], row.requests, row.failed, row.amount) == (MODEL, 1, 1, Money(0))


async def pictures(ledger: Ledger, count: int) -> list[Hold]:
    """Holds for several pictures of one request."""
    first = ledger.demand(ledger.caller())
    return await ledger.desk.hold_all([first, *[replace(first, requests=0)] * (count - 1)])


async def test_several_pictures_of_one_request_are_one_request(ledger: Ledger) -> None:
    for hold in await pictures(ledger, 3):
        await ledger.desk.post(hold, billed(labels={"team": "a"}))
    for way in ("hour", "model", "label:team"):
        (row,) = await rows(ledger, way)
        assert (row.requests, row.failed, row.images) == (1, 0, 3), way
    await ledger.check()


async def test_a_request_for_several_pictures_that_fails_is_one_that_failed(
    ledger: Ledger, clock: Clock
) -> None:
    for hold in await pictures(ledger, 4):
        ledger.desk.void(hold)
    await pictures(ledger, 3)
    clock.at += 120
    await ledger.desk.sweep()
    for hold in await pictures(ledger, 2):
        ledger.desk.void(hold, counted=False)
    (row,) = await rows(ledger, "model")
    assert (row.requests, row.failed) == (2, 2)
    await ledger.check()


async def test_pictures_that_another_engine_made_are_no_request_more(ledger: Ledger) -> None:
    first, second = await pictures(ledger, 2)
    await ledger.desk.post(first, billed())
    await ledger.desk.post(second, billed(engine=RELAY))
    found = {row.by["engine"]: (row.requests, row.images) for row in await rows(ledger, "engine")}
    assert found == {"studio": (1, 1), "relay": (0, 1)}
    await ledger.check()


async def test_what_is_posted_after_it_expired_has_not_failed(ledger: Ledger, clock: Clock) -> None:
    hold = await ledger.desk.hold(ledger.demand(ledger.caller()))
    clock.at += 120
    await ledger.desk.sweep()
    clock.at += 3600
    await ledger.desk.post(hold, billed())
    (row,) = await rows(ledger)
    assert (row.requests, row.failed, row.images) == (1, 0, 1)
    await ledger.check()


async def test_only_the_time_and_projects_asked_for(ledger: Ledger, clock: Clock) -> None:
    for at in ("2026-11-20 10:00", "2026-11-21 10:00", "2026-11-22 10:00"):
        clock.at = moment(at)
        await posted(ledger, labels={"team": "a"})
    start, end = datetime(2026, 11, 21), datetime(2026, 11, 22)
    for way in ("model", "label:team"):
        (row,) = await rows(ledger, way, start=start, end=end)
        assert row.requests == 1
    assert await rows(ledger, projects=["prj_other"]) == []
    assert (await rows(ledger, projects=[ledger.project]))[0].requests == 3


async def test_a_way_that_there_is_not_is_told(ledger: Ledger) -> None:
    with pytest.raises(RequestError, match=r"'colour'.*By: hour, day"):
        await rows(ledger, "colour")


async def test_days_before_the_first_use_are_not_reckoned_with(
    ledger: Ledger, clock: Clock
) -> None:
    clock.at = moment("2026-11-19 08:00")
    each = await posted(ledger)
    clock.at = moment("2026-11-21 08:00")
    async with ledger.database.read() as connection:
        found = await forecast(connection, at=clock.at)
    assert found.a_day * 2 == each


async def test_a_month_goes_on_as_the_last_week_went(ledger: Ledger, clock: Clock) -> None:
    clock.at = moment("2026-10-31 12:00")
    await posted(ledger)  # another month, and longer ago than a week
    each = Money(0)
    for day in range(14, 21):
        clock.at = moment(f"2026-11-{day} 12:00")
        each = await posted(ledger)
    clock.at = moment("2026-11-21 08:00")  # midnight there: ten days are left
    await ledger.desk.sweep()
    async with ledger.database.read() as connection:
        found = await forecast(connection, at=clock.at)
        nobody = await forecast(connection, at=clock.at, projects=["prj_other"])
    assert found.spent == each * 7
    assert found.a_day == each
    assert found.total == found.spent + found.a_day * 10
    assert (found.start.day, found.end.day, found.end.hour) == (1, 1, 8)
    assert "until 2026-12-01 08:00 UTC" in found.explanation
    assert nobody.total == Money(0)
