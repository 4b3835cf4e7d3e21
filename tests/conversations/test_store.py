"""Stored conversations: found by their own project only, changed once, chained, and forgotten."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from pisang.accounts import projects
from pisang.conversations.store import Conversation, Conversations, sweep
from pisang.core.clock import now
from pisang.core.errors import FailedPrecondition, NotFound
from pisang.store.blobs import Blobs
from pisang.store.database import Database
from pisang.store.open import opened


class Place:
    """A record on a fresh folder, with the ids of two projects."""

    def __init__(self, database: Database, blobs: Blobs, mine: str, other: str) -> None:
        self.database, self.blobs, self.mine, self.other = database, blobs, mine, other
        self.record = Conversations(database, blobs)

    async def keep(
        self, body: bytes = b"{}", *, previous_id: str | None = None, days: float = 1
    ) -> Conversation:
        return await self.record.keep(
            project_id=self.mine,
            kind="interaction",
            status="in_progress",
            model="gemini-3-pro-image",
            body=body,
            days=days,
            previous_id=previous_id,
        )

    def files(self) -> int:
        return sum(1 for file in self.blobs.folder.glob("*/*") if file.is_file())


@pytest.fixture
async def place(tmp_path: Path, database_url: str | None) -> AsyncIterator[Place]:
    async with opened(tmp_path / "data", database_url) as (folder, database):
        async with database.write() as connection:
            mine = await projects.ensure(connection, "mine")
            other = await projects.ensure(connection, "other")
        yield Place(database, Blobs(folder.blobs), mine.id, other.id)


async def test_what_is_kept_is_found_as_it_was(place: Place) -> None:
    kept = await place.keep(b'{"said": "hello"}')
    assert kept.id.startswith("v1_")
    assert await place.record.find(place.mine, kept.id, "interaction") == kept
    assert "hello" not in repr(kept)


async def test_another_project_and_another_kind_find_nothing(place: Place) -> None:
    kept = await place.keep()
    record = place.record
    assert await record.find(place.other, kept.id, "interaction") is None
    assert await record.find(place.mine, kept.id, "response") is None
    assert not await record.change(place.other, kept.id, "interaction", status="cancelled")
    assert not await record.delete(place.other, kept.id, "interaction")
    with pytest.raises(NotFound):
        await record.chain(place.other, kept.id, "interaction")
    assert await record.find(place.mine, kept.id, "interaction") == kept


async def test_a_change_is_made_only_from_the_states_it_names(place: Place) -> None:
    kept = await place.keep(b"1")
    record, which = place.record, (place.mine, kept.id, "interaction")
    only = ("in_progress",)
    assert await record.change(*which, status="cancelled", only_from=only)
    assert not await record.change(*which, status="completed", body=b"2", only_from=only)
    found = await record.find(*which)
    assert found is not None
    assert (found.status, found.body) == ("cancelled", b"1")
    assert place.files() == 1


async def test_a_new_body_takes_the_place_of_the_old_one(place: Place) -> None:
    kept = await place.keep(b"1")
    which = (place.mine, kept.id, "interaction")
    assert await place.record.change(*which, status="completed", body=b"2")
    found = await place.record.find(*which)
    assert found is not None
    assert (found.status, found.body) == ("completed", b"2")
    assert found.updated_at > kept.updated_at
    assert place.files() == 1


async def test_who_reads_while_a_body_is_replaced_gets_the_new_one(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = await place.keep(b"1")
    which = (place.mine, kept.id, "interaction")
    usual = Blobs.get

    async def late(blobs: Blobs, name: str) -> bytes:
        monkeypatch.setattr(Blobs, "get", usual)
        assert await place.record.change(*which, status="completed", body=b"2")
        return await usual(blobs, name)

    monkeypatch.setattr(Blobs, "get", late)
    found = await place.record.find(*which)
    assert found is not None
    assert (found.status, found.body) == ("completed", b"2")
    monkeypatch.setattr(Blobs, "get", late)
    (turn,) = await place.record.chain(*which)
    assert turn.body == b"2"


async def test_what_is_deleted_is_gone_with_its_blob(place: Place) -> None:
    kept = await place.keep()
    which = (place.mine, kept.id, "interaction")
    assert await place.record.delete(*which)
    assert not await place.record.delete(*which)
    assert await place.record.find(*which) is None
    assert place.files() == 0


async def test_a_chain_is_the_turns_oldest_first(place: Place) -> None:
    first = await place.keep(b"1")
    second = await place.keep(b"2", previous_id=first.id)
    third = await place.keep(b"3", previous_id=second.id)
    chain = await place.record.chain(place.mine, third.id, "interaction")
    assert [turn.body for turn in chain] == [b"1", b"2", b"3"]
    with pytest.raises(FailedPrecondition, match="more than 2 turns"):
        await place.record.chain(place.mine, third.id, "interaction", most_turns=2)
    with pytest.raises(FailedPrecondition, match="Begin a new one"):
        await place.record.chain(place.mine, third.id, "interaction", most_bytes=2)


async def test_a_chain_with_a_gap_names_what_is_gone(place: Place) -> None:
    first = await place.keep()
    second = await place.keep(previous_id=first.id)
    await place.record.delete(place.mine, first.id, "interaction")
    with pytest.raises(NotFound, match=first.id) as caught:
        await place.record.chain(place.mine, second.id, "interaction")
    assert caught.value.field == "previous_interaction_id"
    assert second.id in caught.value.message


async def test_a_chain_that_names_itself_ends(place: Place) -> None:
    await place.record.keep(
        project_id=place.mine,
        kind="response",
        status="completed",
        model="m",
        body=b"{}",
        days=1,
        id="resp_loop",
        previous_id="resp_loop",
    )
    with pytest.raises(FailedPrecondition):
        await place.record.chain(place.mine, "resp_loop", "response")


async def test_what_has_expired_is_gone_and_swept(place: Place) -> None:
    over, kept = await place.keep(days=-1), await place.keep()
    assert await place.record.find(place.mine, over.id, "interaction") is None
    assert place.files() == 2
    assert await sweep(place.database, place.blobs, now()) == 1
    assert place.files() == 1
    assert await place.record.find(place.mine, kept.id, "interaction") == kept
    assert await sweep(place.database, place.blobs, now() + timedelta(days=2)) == 1
    assert place.files() == 0


async def test_a_given_id_that_is_taken_leaves_nothing_behind(place: Place) -> None:
    kept = await place.keep()
    with pytest.raises(Exception, match=r"UNIQUE|unique"):
        await place.record.keep(
            project_id=place.mine,
            kind="interaction",
            status="completed",
            model="m",
            body=b"other",
            days=1,
            id=kept.id,
        )
    assert place.files() == 1


async def test_an_id_of_any_form_is_only_unknown(place: Place) -> None:
    for odd in ("", "x" * 10_000, "\x00", "'; DROP TABLE conversations; --", "ü"):
        assert await place.record.find(place.mine, odd, "interaction") is None
