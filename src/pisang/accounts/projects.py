"""Projects: what keys belong to, and what limits and money will count for."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any, Final

from sqlalchemy import Row, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.core.clock import now
from pisang.core.errors import AlreadyExists, NotFound, RequestError
from pisang.core.ids import new_id
from pisang.store.revisions import CREDENTIALS, count
from pisang.store.schema import projects

DEFAULT = "default"
MAX_NAME = 63
_PLACE: Final = re.compile(r"[a-z0-9*?][a-z0-9*?-]{0,62}")


@dataclass(frozen=True, slots=True)
class Project:
    """``name`` and ``number`` (12 digits) are unique: Google's addresses name a project by either.
    ``id`` is what everything else refers to. ``locations`` are where its requests may go (empty:
    anywhere), ``fault`` is one that all of its answers have."""

    id: str
    name: str
    number: str
    locations: tuple[str, ...] = ()
    fault: str = ""
    created_at: datetime | None = None

    @property
    def names(self) -> frozenset[str]:
        """All that it may be called."""
        return frozenset({self.id, self.name, self.number})


async def ensure(connection: AsyncConnection, name: str) -> Project:
    """The project of this name, made if it is new. Call it inside a write transaction."""
    return await _get(connection, name) or await _make(connection, name)


async def create(
    connection: AsyncConnection, name: str, *, locations: Sequence[str] = (), fault: str = ""
) -> Project:
    """Makes a new project. Call it inside a write transaction. Raises ``AlreadyExists`` for a name
    that is taken, and ``RequestError`` for a place that is none."""
    if await _get(connection, name):
        raise AlreadyExists(
            f"There is a project {name!r} already. `pisang projects update` changes it.",
            field="project",
        )
    return await _make(connection, name, locations=checked_places(locations), fault=fault)


async def change(
    connection: AsyncConnection,
    name: str,
    *,
    locations: Sequence[str] | None = None,
    fault: str | None = None,
) -> Project:
    """Changes a project, from its next request on; what is None stays as it is. Call it inside a
    write transaction. Raises ``NotFound``."""
    found = await find(connection, name)
    values: dict[str, str] = {}
    if locations is not None:
        values["locations"] = ",".join(checked_places(locations))
    if fault is not None:
        values["fault"] = fault
    if values:
        await connection.execute(update(projects).where(projects.c.id == found.id).values(**values))
        await count(connection, CREDENTIALS)
    return await find(connection, found.id)


async def listed(connection: AsyncConnection) -> list[Project]:
    """Every project, oldest first."""
    query = select(projects).order_by(projects.c.id)
    return [_project(row) for row in await connection.execute(query)]


async def find(connection: AsyncConnection, name: str) -> Project:
    """The project of this name, id or number. Raises ``NotFound`` that lists those there are."""
    found = await _get(connection, name)
    if found:
        return found
    names = list(await connection.scalars(select(projects.c.name).order_by(projects.c.name)))
    near = get_close_matches(name, names, n=1)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    known = ", ".join(names[:20]) or "none"
    raise NotFound(f"There is no project {name!r}.{meant} Projects: {known}.", field="project")


def places(kept: str) -> tuple[str, ...]:
    """Where a project's requests may go, as its row has it; empty is anywhere."""
    return tuple(place for place in kept.split(",") if place)


def checked_places(given: Sequence[str]) -> tuple[str, ...]:
    """Places as Google Cloud calls its regions (``europe-west4``), or globs of them (``europe-*``),
    as a project is bound to them. Raises ``RequestError`` for one that can be none."""
    found = tuple(dict.fromkeys(place.strip().lower() for place in given))
    for place in found:
        if not _PLACE.fullmatch(place):
            raise RequestError(
                f"{place[:80]!r} is no place: write it as europe-west4, or europe-* for several.",
                field="locations",
            )
    return found


def checked_name(name: str, *, what: str) -> str:
    """A name people can read and type. Raises ``RequestError`` for one that is not."""
    if not 0 < len(name) <= MAX_NAME or not name.isprintable() or name != name.strip():
        raise RequestError(
            f"The name of a {what} has 1 to {MAX_NAME} letters and no space at its ends.",
            field=what,
        )
    return name


async def _get(connection: AsyncConnection, name: str) -> Project | None:
    query = select(projects).where(
        or_(projects.c.name == name, projects.c.id == name, projects.c.number == name)
    )
    row = (await connection.execute(query)).first()
    return _project(row) if row else None


async def _make(
    connection: AsyncConnection, name: str, *, locations: tuple[str, ...] = (), fault: str = ""
) -> Project:
    project = Project(
        new_id("prj"),
        checked_name(name, what="project"),
        _new_number(),
        locations,
        fault,
        created_at=now(),
    )
    await connection.execute(
        projects.insert().values(
            id=project.id,
            name=project.name,
            number=project.number,
            locations=",".join(locations),
            fault=fault,
            created_at=project.created_at,
        )
    )
    return project


def _project(row: Row[Any]) -> Project:
    return Project(
        row.id, row.name, row.number, places(row.locations), row.fault, created_at=row.created_at
    )


def _new_number() -> str:
    """12 digits; two projects with the same are as likely as one chance in 900 billion."""
    return str(10**11 + secrets.randbelow(9 * 10**11))
