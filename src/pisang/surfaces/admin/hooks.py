"""``/admin/v1/hooks``: what web hooks were told, what became of it, and telling it again."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.core.clock import now
from pisang.core.errors import FetchFailed, NotFound
from pisang.core.ids import new_id
from pisang.core.roles import Action
from pisang.hooks import deliveries, sender
from pisang.hooks.deliveries import Delivery, Status
from pisang.hooks.open import fetcher_for
from pisang.hooks.signing import checked_secret, new_secret
from pisang.surfaces.admin import asking, fields
from pisang.surfaces.admin.owned import check
from pisang.surfaces.admin.records import records
from pisang.wire import payload

_FILTERS: Final = ("project", "status", "event")
_TEST: Final = ("project", "url", "secret")
_MOST_ADDRESS: Final = 2_000
_EVENT: Final = "hook.test"


async def list_(call: Request) -> Response:
    """Hooks of the last weeks, newest first: of a `project`, a `status` (pending, delivered,
    failed) or an `event`."""
    asked = fields.query(call, (*_FILTERS, *fields.PAGED))
    _, where = await asking.reach(call, Action.BUDGETS_LIST, fields.text(asked, "project"))
    size, token = fields.page(asked)
    async with records(call).database.read() as connection:
        found = await deliveries.listed(
            connection,
            projects=where,
            status=fields.word(asked, "status", Status),
            event=fields.text(asked, "event"),
            most=size + 1,
            before=token,
        )
        names = await asking.names(connection)
    more = found[size - 1].id if len(found) > size else ""
    return asking.listing("hooks", [_plain(each, names) for each in found[:size]], more)


async def get(call: Request) -> Response:
    """One hook, with what it says."""
    found = await _theirs(call, Action.BUDGETS_LIST)
    async with records(call).database.read() as connection:
        names = await asking.names(connection)
    return asking.answer({**_plain(found, names), "body": payload.read_object(found.body.encode())})


async def redeliver(call: Request) -> Response:
    """Has a hook told once more, soon, whatever became of it."""
    found = await _theirs(call, Action.BUDGETS_UPDATE)
    async with records(call).database.write() as connection:
        again = await deliveries.redeliver(connection, found.id)
        names = await asking.names(connection)
        await asking.changed(
            call,
            connection,
            Action.BUDGETS_UPDATE,
            target=f"hooks/{found.id}",
            project_id=found.project_id,
            before={"status": found.status.value, "attempts": found.attempts},
            after={"status": again.status.value, "attempts": again.attempts},
        )
    return asking.answer(_plain(again, names))


async def test(call: Request) -> Response:
    """Tells the address `url` something at once, for a `project`, and says what it answered. The
    `secret` that signs it is the one that is sent, or a new one, which is shown."""
    await asking.principal(call)
    sent = await fields.read(call, _TEST)
    _, project = await asking.authorised(
        call, Action.BUDGETS_UPDATE, fields.needed(sent, "project")
    )
    url = fields.needed(sent, "url", most=_MOST_ADDRESS)
    given = fields.text(sent, "secret")
    secret = checked_secret(given) if given else new_secret()
    id_ = new_id("msg")
    data = {"project": {"id": project.id, "name": project.name}}
    body = deliveries.body_of(_EVENT, data, now())
    fetcher = fetcher_for(records(call).settings.fetch_allow)
    try:
        status = await sender.post(fetcher, url, body, id_=id_, secret=secret)
        why = sender.told(status)
    except FetchFailed as error:
        status, why = 0, error.message
    finally:
        fetcher.close()
    return asking.answer(
        {"id": id_, "delivered": not why, "status": status or None, "error": why or None}
        | ({} if given else {"secret": secret})
    )


async def _theirs(call: Request, action: Action) -> Delivery:
    """The hook of the address, if they may do this to it; else the same answer as for none."""
    asks, id_ = await asking.principal(call), str(call.path_params["hook"])
    async with records(call).database.read() as connection:
        try:
            found = await deliveries.find(connection, id_)
        except NotFound:
            check(asks, action, f"hooks/{id_}", None)
            raise
    check(asks, action, f"hooks/{id_}", found.project_id)
    return found


def _plain(found: Delivery, names: Mapping[str, str]) -> dict[str, Any]:
    waits = found.status is Status.PENDING
    return {
        "id": found.id,
        "project": names.get(found.project_id, found.project_id),
        "event": found.event,
        "url": found.url,
        "status": found.status.value,
        "attempts": found.attempts,
        "error": found.last_error or None,
        "created_at": fields.shown(found.created_at),
        "next_at": fields.shown(found.next_at) if waits else None,
    }


_ALL: Final = "/admin/v1/hooks"
_ONE: Final = "/admin/v1/hooks/{hook}"

ROUTES: Final[Sequence[Route]] = (
    Route(_ALL, asking.told(list_), methods=("GET",)),
    Route(f"{_ALL}:test", asking.told(test), methods=("POST",)),
    Route(f"{_ONE}:redeliver", asking.told(redeliver), methods=("POST",)),
    Route(_ONE, asking.told(get), methods=("GET",)),
)
