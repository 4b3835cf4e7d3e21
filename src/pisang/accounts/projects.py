"""Projects: what keys belong to, and what limits and money will count for."""

import secrets
from dataclasses import dataclass
from difflib import get_close_matches

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.core.clock import now
from pisang.core.errors import NotFound, RequestError
from pisang.core.ids import new_id
from pisang.store.schema import projects

DEFAULT = "default"
MAX_NAME = 63


@dataclass(frozen=True, slots=True)
class Project:
    """``name`` and ``number`` (12 digits) are unique: Google's addresses name a project by either.
    ``id`` is what everything else refers to."""

    id: str
    name: str
    number: str


async def ensure(connection: AsyncConnection, name: str) -> Project:
    """The project of this name, made if it is new. Call it inside a write transaction."""
    found = await _get(connection, name)
    if found:
        return found
    project = Project(new_id("prj"), checked_name(name, what="project"), _new_number())
    await connection.execute(
        projects.insert().values(
            id=project.id, name=project.name, number=project.number, created_at=now()
        )
    )
    return project


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


def checked_name(name: str, *, what: str) -> str:
    """A name people can read and type. Raises ``RequestError`` for one that is not."""
    if not 0 < len(name) <= MAX_NAME or not name.isprintable() or name != name.strip():
        raise RequestError(
            f"The name of a {what} has 1 to {MAX_NAME} letters and no space at its ends.",
            field=what,
        )
    return name


async def _get(connection: AsyncConnection, name: str) -> Project | None:
    query = select(projects.c.id, projects.c.name, projects.c.number).where(
        or_(projects.c.name == name, projects.c.id == name, projects.c.number == name)
    )
    row = (await connection.execute(query)).first()
    return Project(row.id, row.name, row.number) if row else None


def _new_number() -> str:
    """12 digits; two projects with the same are as likely as one chance in 900 billion."""
    return str(10**11 + secrets.randbelow(9 * 10**11))
