"""``/admin/v1/routes``: which models go where; routes that are made here come before the others."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang import explain
from pisang.accounts import projects
from pisang.core.errors import MalformedRequest, NotFound
from pisang.core.roles import Action
from pisang.explain import Asked
from pisang.routing import kept, read, shown
from pisang.routing.environment import SKETCH
from pisang.surfaces.admin import asking, fields
from pisang.surfaces.shared import Shared, shared

_SHOWN_ONLY: Final = frozenset({"id", "origin", "editable"})


async def list_(call: Request) -> Response:
    """All routes, in the order in which they are looked at."""
    inside = shared(call)
    found = [_plain(inside, route.id) for route in inside.routes.router.table.routes]
    return asking.answer({"routes": found})


async def get(call: Request) -> Response:
    """One route."""
    return asking.answer(_plain(shared(call), str(call.path_params["route"])))


async def create(call: Request) -> Response:
    """Makes a route: the last of those made here, or before the one that `before` names."""
    inside, sent = shared(call), await asking.sent(call)
    before = asking.text(sent, "before") or None
    spec = _checked(inside, {name: sent[name] for name in sent if name != "before"})
    work = asking.logged(
        call,
        partial(kept.add_route, spec=spec, before=before),
        Action.ROUTES_UPDATE,
        target=lambda made: f"routes/{made}",
        after=spec,
    )
    made = await inside.routes.change(work)
    return asking.answer(_plain(inside, made), 201)


async def put(call: Request) -> Response:
    """Changes a route that was made here, as a whole."""
    inside, id_ = shared(call), str(call.path_params["route"])
    spec = _checked(inside, await asking.sent(call))
    work = asking.logged(
        call,
        partial(kept.put_route, id_=id_, spec=spec),
        Action.ROUTES_UPDATE,
        target=lambda _: f"routes/{id_}",
        before=inside.routes.rows.routes.get(id_, {}),
        after=spec,
    )
    await inside.routes.change(work)
    return asking.answer(_plain(inside, id_))


async def delete(call: Request) -> Response:
    """Deletes a route that was made here."""
    inside, id_ = shared(call), str(call.path_params["route"])
    work = asking.logged(
        call,
        partial(kept.delete_route, id_=id_),
        Action.ROUTES_UPDATE,
        target=lambda _: f"routes/{id_}",
        before=inside.routes.rows.routes.get(id_, {}),
    )
    await inside.routes.change(work)
    return asking.answer({})


async def order(call: Request) -> Response:
    """Puts the routes that were made here in the order of `routes`, a list of all their ids."""
    inside, sent = shared(call), await fields.read(call, ("routes",))
    ids = sent.get("routes")
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        raise MalformedRequest("routes must be a list of ids.", field="routes")
    work = asking.logged(
        call,
        partial(kept.order_routes, ids=ids),
        Action.ROUTES_UPDATE,
        target=lambda _: "routes",
        before={"routes": list(inside.routes.rows.routes)},
        after={"routes": ids},
    )
    await inside.routes.change(work)
    return await list_(call)


async def explained(call: Request) -> Response:
    """Says where a request would go and what its picture would cost, without sending one: `model`,
    and perhaps `size`, `tier`, `project`, `location`, `surface`."""
    inside, sent = shared(call), await fields.read(call, (*explain.WORDS, "project"))
    asked = await _asked(inside, sent)
    strict = inside.settings.compatibility == "strict"
    router = inside.routes.router
    found = explain.explain(asked, router.table, strict=strict)
    return asking.answer(explain.plain(found, explain.troubles(router.snapshot())))


async def _asked(inside: Shared, sent: Mapping[str, Any]) -> Asked:
    words = {name: asking.text(sent, name) for name in explain.WORDS}
    names, bound = frozenset[str](), tuple[str, ...]()
    if named := asking.text(sent, "project"):
        async with inside.database.read() as connection:
            project = await projects.find(connection, named)
        names, bound = project.names, project.locations
    return explain.read(words, projects=names, bound=bound)


def _checked(inside: Shared, sent: Mapping[str, Any]) -> dict[str, Any]:
    """The words of a route, which lead somewhere. Raises ``SettingsError``."""
    spec = {name: value for name, value in sent.items() if name not in _SHOWN_ONLY}
    current = inside.routes
    engines = {*current.router.table.engines, *current.rows.engines, SKETCH.name}
    read.route(spec, id="new", engines=sorted(engines))
    return spec


def _plain(inside: Shared, id_: str) -> dict[str, Any]:
    found = next((each for each in inside.routes.router.table.routes if each.id == id_), None)
    if found is None:
        raise NotFound(f"There is no route {id_[:80]!r}.", field="route")
    return {**shown.route(found), "editable": id_ in inside.routes.rows.routes}


_ALL: Final = "/admin/v1/routes"
_ONE: Final = "/admin/v1/routes/{route}"

ROUTES: Final[Sequence[Route]] = (
    Route(_ALL, asking.told(list_, Action.ROUTES_UPDATE), methods=("GET",)),
    Route(_ALL, asking.told(create, Action.ROUTES_UPDATE), methods=("POST",)),
    Route(f"{_ALL}:order", asking.told(order, Action.ROUTES_UPDATE), methods=("POST",)),
    Route(f"{_ALL}:explain", asking.told(explained, Action.ROUTES_UPDATE), methods=("POST",)),
    Route(_ONE, asking.told(get, Action.ROUTES_UPDATE), methods=("GET",)),
    Route(_ONE, asking.told(put, Action.ROUTES_UPDATE), methods=("PUT",)),
    Route(_ONE, asking.told(delete, Action.ROUTES_UPDATE), methods=("DELETE",)),
)
