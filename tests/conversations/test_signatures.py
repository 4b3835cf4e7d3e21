"""Signatures: found again by the picture, by nobody else, and not for ever."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from pisang.accounts import projects
from pisang.conversations import signatures
from pisang.conversations.signatures import recall, remember, sweep
from pisang.core.clock import now
from pisang.core.content import Blob, Content, Part, Role
from pisang.core.errors import StoreError
from pisang.store import schema
from pisang.store.blobs import Blobs
from pisang.store.database import Database
from pisang.store.open import opened

PICTURE = b"the file of a picture"
SHORT = b"a short signature"
LONG = b"a long signature " * 1000


@dataclass
class Kept:
    """Signatures of two projects in one data folder."""

    database: Database
    blobs: Blobs
    project: str
    other: str

    async def remember(self, picture: bytes, signature: bytes | None, *, days: float = 1) -> None:
        until = now() + timedelta(days=days)
        await remember(
            self.database,
            self.blobs,
            self.project,
            picture=picture,
            signature=signature,
            until=until,
        )

    async def recall(self, *contents: Content, supplied: bool = False) -> tuple[Content, ...]:
        return await recall(self.database, self.blobs, self.project, contents, supplied=supplied)

    async def rows(self) -> int:
        async with self.database.read() as connection:
            query = select(func.count()).select_from(schema.signatures)
            return int(await connection.scalar(query) or 0)

    def files(self) -> int:
        return sum(path.is_file() for path in self.blobs.folder.rglob("*"))


@pytest.fixture
async def kept(tmp_path: Path, database_url: str | None) -> AsyncIterator[Kept]:
    async with opened(tmp_path / "data", database_url) as (folder, database):
        async with database.write() as connection:
            project = await projects.ensure(connection, "one")
            other = await projects.ensure(connection, "two")
        yield Kept(database, Blobs(folder.blobs), project.id, other.id)


def picture(data: bytes = PICTURE, signature: bytes | None = None) -> Part:
    return Part(blob=Blob("image/png", data), thought_signature=signature)


def model(*parts: Part) -> Content:
    return Content(Role.MODEL, parts)


def user(*parts: Part) -> Content:
    return Content(Role.USER, parts)


@pytest.mark.parametrize("signature", [SHORT, LONG])
async def test_a_picture_gets_its_signature_back(kept: Kept, signature: bytes) -> None:
    await kept.remember(PICTURE, signature)
    said = (user(Part(text="a cat")), model(Part(text="Here."), picture()), user(Part(text="red")))
    assert await kept.recall(*said) == (
        said[0],
        model(Part(text="Here."), picture(signature=signature)),
        said[2],
    )


async def test_what_the_caller_sent_stays(kept: Kept) -> None:
    await kept.remember(PICTURE, SHORT)
    said = (model(picture(signature=b"of the caller")), model(picture(b"another")))
    assert await kept.recall(*said) == said


async def test_a_newer_signature_replaces_an_older(kept: Kept) -> None:
    await kept.remember(PICTURE, LONG)
    await kept.remember(PICTURE, SHORT)
    assert await kept.recall(model(picture())) == (model(picture(signature=SHORT)),)
    assert (await kept.rows(), kept.files()) == (1, 0)


async def test_another_project_finds_nothing(kept: Kept) -> None:
    await kept.remember(PICTURE, SHORT)
    said = (model(picture()),)
    assert await recall(kept.database, kept.blobs, kept.other, said) == said


@pytest.mark.parametrize("signature", [None, b"", bytes(signatures.LONGEST + 1)])
async def test_nothing_is_kept_of_none_or_of_a_huge_one(
    kept: Kept, signature: bytes | None
) -> None:
    await kept.remember(PICTURE, signature)
    assert (await kept.rows(), kept.files()) == (0, 0)


async def test_an_old_one_is_not_found_and_then_swept(kept: Kept) -> None:
    await kept.remember(PICTURE, LONG, days=-1)
    await kept.remember(b"young", LONG)
    said = (model(picture()),)
    assert await kept.recall(*said) == said
    await sweep(kept.database, kept.blobs, now())
    assert (await kept.rows(), kept.files()) == (1, 1)
    assert await kept.recall(model(picture(b"young"))) == (model(picture(b"young", LONG)),)


async def test_a_lost_blob_is_no_signature(kept: Kept) -> None:
    await kept.remember(PICTURE, LONG)
    (file,) = (path for path in kept.blobs.folder.rglob("*") if path.is_file())
    file.unlink()
    said = (model(picture()),)
    assert await kept.recall(*said) == said


async def test_our_picture_in_a_user_turn_is_the_turn_before_it(kept: Kept) -> None:
    await kept.remember(PICTURE, SHORT)
    said = user(picture(), Part(text="make it red"))
    assert await kept.recall(said) == (said,)
    ours = model(picture(signature=SHORT))
    assert await kept.recall(said, supplied=True) == (ours, user(Part(text="make it red")))


async def test_a_picture_that_was_just_shown_is_not_shown_twice(kept: Kept) -> None:
    await kept.remember(PICTURE, SHORT)
    said = (model(picture()), user(picture(), Part(text="make it red")))
    ours = model(picture(signature=SHORT))
    assert await kept.recall(*said, supplied=True) == (ours, user(Part(text="make it red")))


@pytest.mark.parametrize(
    "parts",
    [
        (picture(), picture(b"of another"), Part(text="join them")),
        (picture(b"of another"), Part(text="make it red")),
        (picture(),),
    ],
    ids=["two pictures", "not ours", "nothing said"],
)
async def test_other_references_stay_references(kept: Kept, parts: tuple[Part, ...]) -> None:
    await kept.remember(PICTURE, SHORT)
    assert await kept.recall(user(*parts), supplied=True) == (user(*parts),)


async def test_many_pictures_are_asked_for_in_pieces(kept: Kept) -> None:
    await kept.remember(b"7", SHORT)
    said = model(*(picture(str(number).encode()) for number in range(1200)))
    (turn,) = await kept.recall(said)
    assert [i for i, part in enumerate(turn.parts) if part.thought_signature] == [7]


async def test_what_cannot_be_remembered_leaves_nothing_on_the_disk(kept: Kept) -> None:
    with pytest.raises(StoreError):
        await remember(
            kept.database,
            kept.blobs,
            "no such project",
            picture=PICTURE,
            signature=LONG,
            until=now() + timedelta(days=1),
        )
    assert kept.files() == 0
