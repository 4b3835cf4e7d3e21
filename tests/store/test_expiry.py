"""Expiry: rows whose time is over go, in small transactions, and their blobs after them."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from pisang.accounts.first import ensure_default_project
from pisang.accounts.projects import find
from pisang.conversations.signatures import remember
from pisang.core.clock import now
from pisang.store import expiry
from pisang.store.blobs import Blobs
from pisang.store.database import Database
from pisang.store.expiry import expire
from pisang.store.open import opened
from pisang.store.schema import signatures

LONG = b"s" * 5000  # kept as a blob
SHORT = b"s"  # kept in the row


async def _remembered(database: Database, blobs: Blobs, *kept: bytes, days: float) -> None:
    async with database.read() as connection:
        project = await find(connection, "default")
    for number, signature in enumerate(kept):
        await remember(
            database,
            blobs,
            project.id,
            picture=f"{days} {number}".encode(),
            signature=signature,
            until=now() + timedelta(days=days),
        )


def _files(blobs: Blobs) -> list[Path]:
    return [path for path in blobs.folder.rglob("*") if path.is_file()]


async def test_more_rows_than_one_transaction_takes_all_go_with_their_blobs(
    tmp_path: Path, database_url: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiry, "FEW", 2)
    async with opened(tmp_path, database_url) as (folder, database):
        await ensure_default_project(database)
        blobs = Blobs(folder.blobs)
        await _remembered(database, blobs, LONG, SHORT, LONG, SHORT, LONG, days=1)
        await _remembered(database, blobs, LONG, days=3)

        async def gone(days: float) -> int:
            at = now() + timedelta(days=days)
            return await expire(database, blobs, signatures, at, naming=(signatures.c.blob,))

        assert await gone(0.5) == 0
        assert await gone(2) == 5
        async with database.read() as connection:
            left = list(await connection.scalars(select(signatures.c.blob)))
        assert [path.name for path in _files(blobs)] == left
        assert len(left) == 1
        assert await gone(4) == 1
        assert _files(blobs) == []
