"""Reading the audit log: filters, pages, and files for spreadsheets."""

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest

from pisang.audit.listing import ALL, COLUMNS, Filter, csv_head, csv_line, every, page, plain
from pisang.audit.record import record
from pisang.core.clock import now
from pisang.store.database import Database
from tests.audit.conftest import several


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Filter(), [7, 6, 5, 4, 3, 2, 1]),
        (Filter(actor="user:a@example.com"), [7, 5, 3, 1]),
        (Filter(action="keys.create"), [6, 4, 2]),
        (Filter(action="projects.*"), [7, 5, 3, 1]),
        (Filter(action="%"), []),
        (Filter(target="keys/2"), [3]),
        (Filter(request_id="req_4"), [5]),
        (Filter(projects=frozenset({"prj_1"})), [5, 2]),
        (Filter(projects=frozenset()), []),
        (Filter(projects=frozenset({"prj_0"}), actor="user:b@example.com"), [4]),
        (Filter(below=3), [2, 1]),
        (Filter(since=now() + timedelta(hours=1)), []),
        (Filter(until=now() - timedelta(hours=1)), []),
        (
            Filter(since=now() - timedelta(hours=1), until=now() + timedelta(hours=1)),
            [7, 6, 5, 4, 3, 2, 1],
        ),
    ],
)
async def test_filters_narrow_what_is_listed(
    database: Database, wanted: Filter, numbers: list[int]
) -> None:
    await several(database, 7)
    async with database.read() as connection:
        found = await page(connection, wanted)
    assert [entry.number for entry in found.entries] == numbers
    assert found.below is None


async def test_pages_have_every_row_once(database: Database) -> None:
    await several(database, 7)
    seen: list[int] = []
    wanted = ALL
    async with database.read() as connection:
        while True:
            found = await page(connection, wanted, most=3)
            assert len(found.entries) <= 3
            seen += [entry.number for entry in found.entries]
            if found.below is None:
                break
            wanted = replace(wanted, below=found.below)
        assert [entry.number async for entry in every(connection)] == seen == [7, 6, 5, 4, 3, 2, 1]


async def test_a_row_says_all_it_has(database: Database) -> None:
    await several(database, 1)
    async with database.read() as connection:
        (entry,) = (await page(connection)).entries
    said = plain(entry)
    assert tuple(said) == COLUMNS
    assert (said["actor"], said["address"]) == ("user:a@example.com", "192.0.2.1")
    assert (said["before"], said["after"]) == ({"name": "old"}, {"name": "new", "number": 0})
    assert said["at"].endswith("Z")


async def test_a_spreadsheet_reads_what_is_exported_as_text(database: Database) -> None:
    async with database.write() as connection:
        await record(connection, actor="=1+1", action="keys.create", after={"name": 'a "b", c'})
    async with database.read() as connection:
        (entry,) = (await page(connection)).entries
    (row,) = csv.DictReader(io.StringIO(csv_head() + csv_line(entry)))
    assert row["actor"] == "'=1+1"
    assert row["after"] == '{"name":"a \\"b\\", c"}'
    assert row["hash"] == entry.hash.hex()
