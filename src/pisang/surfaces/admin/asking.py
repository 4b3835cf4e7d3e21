"""What every handler of the admin API does first and last: who asks and may they, what they sent,
what comes back, and a line in the audit log.

``authorised`` is for what belongs to a project, ``allowed`` for what belongs to the server as a
whole, ``reach`` for lists. A project that is not theirs and one that is nowhere get the same
answer, so that nobody learns what there is.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import wraps
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from pisang.accounts import projects
from pisang.accounts.principals import Principal
from pisang.accounts.projects import Project
from pisang.audit.record import record
from pisang.core.errors import (
    MalformedRequest,
    NotFound,
    PermissionDenied,
    ProjectDenied,
    SettingsError,
)
from pisang.core.roles import Action
from pisang.surfaces.admin.records import records
from pisang.surfaces.answers import Pieces
from pisang.surfaces.small_bodies import small
from pisang.wire import payload

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")
Handler = Callable[[Request], Awaitable[Response]]

MOST_BYTES: Final = 100_000
_LONGEST: Final = 200  # of what somebody sent and an error repeats
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


async def principal(call: Request) -> Principal:
    """Who asks: somebody who may do something somewhere. Raises an ``AdmissionError``."""
    known = await person(call)
    if not known.roles:
        raise PermissionDenied(
            f"{known.name} has no role here. A member with the right role can give it one: pisang "
            "members add; who runs this server can let a key do everything: pisang keys update KEY "
            "--allow admin."
        )
    return known


async def person(call: Request) -> Principal:
    """Who asks, whether they may do anything or not. Raises an ``AdmissionError``."""
    known: Principal | None = getattr(call.state, "principal", None)
    if known is None:
        known = call.state.principal = await records(call).who(call)
    return known


async def allowed(call: Request, action: Action) -> Principal:
    """Who asks, if they may do this to the server as a whole. Call it before anything is read or
    told. Raises an ``AdmissionError``."""
    asks = await principal(call)
    if not asks.may(action):
        raise PermissionDenied(
            f"{asks.name} may not do this ({action.value}). Who runs this server can let a key: "
            "pisang keys update KEY --allow admin; or a person: pisang members add WHO --operator.",
            metadata={"permission": action.value},
        )
    return asks


async def authorised(call: Request, action: Action, project: str) -> tuple[Principal, Project]:
    """Who asks, and the project of this name, number or id, if they may do this there. Call it
    before anything is read or told.

    Raises an ``AdmissionError``; to who may do this everywhere, ``NotFound``.
    """
    asks = await principal(call)
    async with records(call).database.read() as connection:
        return asks, await granted(connection, asks, action, project)


async def granted(
    connection: "AsyncConnection", asks: Principal, action: Action, project: str
) -> Project:
    """The project, if they may do this there; ``authorised`` for who has a transaction."""
    try:
        found = await projects.find(connection, project)
    except NotFound:
        if asks.may(action):
            raise
        raise denied(asks, action, f"projects/{project}") from None
    if asks.may(action, found.id):
        return found
    held = asks.roles_in(found.id)
    if not held:
        raise denied(asks, action, f"projects/{project}")
    raise PermissionDenied(
        f"{asks.name} may not do this ({action.value}) in project {found.name!r}: the role there "
        f"is {' and '.join(dict.fromkeys(held))}.",
        metadata={"permission": action.value},
    )


async def reach(
    call: Request, action: Action, project: str = ""
) -> tuple[Principal, frozenset[str] | None]:
    """Who asks, and the ids of the projects whose things a list may have: the one that was named,
    else all in which they may do this; None is every project there is.

    Raises what ``authorised`` and ``allowed`` raise.
    """
    if project:
        asks, found = await authorised(call, action, project)
        return asks, frozenset({found.id})
    asks = await principal(call)
    where = asks.where(action)
    if where is not None and not where:
        await allowed(call, action)  # which says how they could be let in
    return asks, where


def denied(asks: Principal, action: Action, resource: str) -> ProjectDenied:
    """The answer for a thing that is not there and for one that is another's: the same, in Google's
    words. ``resource`` is what was asked for, as it was called."""
    named = quote(f"//pisang/{resource}", safe="/@:")[:_LONGEST]
    return ProjectDenied(
        f"Permission '{action.value}' denied on resource '{named}' (or it may not exist). This is "
        f"{asks.name}: a member with the right role can let it in (pisang members add); who runs "
        "this server can let a key do everything (pisang keys update KEY --allow admin).",
        metadata={"permission": action.value, "resource": named},
    )


async def changed(
    call: Request,
    connection: "AsyncConnection",
    action: Action,
    *,
    target: str,
    project_id: str = "",
    before: Mapping[str, Any] = _NOTHING,
    after: Mapping[str, Any] = _NOTHING,
) -> None:
    """Writes what was done into the audit log. Call it in the write transaction of the change, at
    its end. ``target`` is the thing (``keys/key_01hq...``), ``before`` and ``after`` its fields."""
    asks = await principal(call)
    await record(
        connection,
        actor=asks.name,
        action=action.value,
        address=str(getattr(call.state, "address", "")),
        project_id=project_id,
        target=target,
        before=before,
        after=after,
        request_id=str(getattr(call.state, "request_id", "")),
    )


def logged(
    call: Request,
    work: Callable[["AsyncConnection"], Awaitable[T]],
    action: Action,
    *,
    target: Callable[[T], str],
    before: Mapping[str, Any] = _NOTHING,
    after: Mapping[str, Any] = _NOTHING,
) -> Callable[["AsyncConnection"], Awaitable[T]]:
    """The same work together with its line in the audit log, in one transaction."""

    async def both(connection: "AsyncConnection") -> T:
        done = await work(connection)
        named = target(done)
        await changed(call, connection, action, target=named, before=before, after=after)
        return done

    return both


async def names(connection: "AsyncConnection") -> Mapping[str, str]:
    """The projects' names by their ids."""
    return {each.id: each.name for each in await projects.listed(connection)}


async def sent(call: Request, *, most: int = MOST_BYTES) -> dict[str, Any]:
    """The JSON object of a body. Raises ``MalformedRequest`` and ``RequestTooLarge``."""
    return payload.read_object(await small(call, most=most) or b"{}")


def answer(value: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Pieces(payload.pieces(value), status_code=status)


def told(handler: Handler, action: Action | None = None) -> Handler:
    """The handler, for nobody but who may do something here. ``action`` is what they must be
    allowed to do to the server as a whole; without it the handler asks for itself."""

    @wraps(handler)
    async def handled(call: Request) -> Response:
        await (principal(call) if action is None else allowed(call, action))
        return await handler(call)

    return anyone(handled)


def anyone(handler: Handler) -> Handler:
    """The handler, whose ``SettingsError`` is the caller's: it is about what they have sent."""

    @wraps(handler)
    async def handled(call: Request) -> Response:
        try:
            return await handler(call)
        except SettingsError as error:
            raise MalformedRequest(error.message, field=error.field) from error

    return handled


def text(fields: Mapping[str, Any], name: str) -> str:
    """A text of a body or a query; empty where it is not there. Raises ``MalformedRequest``."""
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise MalformedRequest(f"{name} must be a text.", field=name)
    return value.strip()


def listing(name: str, found: Sequence[Any], more: str = "") -> Response:
    """A list, with the token of its next page where there is one."""
    return answer({name: list(found)} | ({"next_page_token": more} if more else {}))
