"""``/admin/v1/engines``: who makes pictures, how they are, and those that are made here.

Engines of the settings file and of the environment are shown, and changed where they were written.
A secret is best sent as ``env:NAME`` or ``file:PATH``; one that is sent as itself (a key, or the
text of a key file) is kept in the database, encrypted, and never shown again.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.core.errors import AlreadyExists, MalformedRequest, NotFound
from pisang.core.roles import Action
from pisang.routing import kept, read, shown
from pisang.routing.probe import probe
from pisang.routing.secrets import ENV, FILE, is_key_file, told
from pisang.surfaces import loops
from pisang.surfaces.admin import asking, fields
from pisang.surfaces.shared import Shared, shared

_OUR_VARIABLES: Final = "PISANG_"
_SECRETS: Final = "secrets"
_KEY_FILE: Final = "..."  # how the text of one is shown
_SHOWN_ONLY: Final = frozenset({"name", "origin", "editable", "problem", "health", "routes"})


async def list_(call: Request) -> Response:
    """All engines, with how each is and which routes lead to it."""
    inside = shared(call)
    return asking.answer({"engines": [_plain(inside, name) for name in _names(inside)]})


async def get(call: Request) -> Response:
    """One engine."""
    inside, name = shared(call), _named(call)
    return asking.answer(_plain(inside, name))


async def put(call: Request) -> Response:
    """Makes an engine, or changes it as a whole; a key that is sent as it was shown stays."""
    inside, name = shared(call), str(call.path_params["engine"])
    spec = {
        key: value for key, value in (await asking.sent(call)).items() if key not in _SHOWN_ONLY
    }
    if name in inside.settings.engines:
        raise AlreadyExists(
            f"The engine {name!r} is written in the settings: change it there, or choose another "
            "name.",
            field="engine",
        )
    spec = _with_old_secrets(spec, inside.routes.rows.engines.get(name, {}))
    _check_references(spec, inside.settings.data)
    read.engine(name, spec, kinds=_any_kind(spec))
    work = asking.logged(
        call,
        partial(kept.put_engine, name=name, spec=spec, keyring=inside.routes.keyring),
        Action.ENGINES_UPDATE,
        target=lambda _: f"engines/{name}",
        before=inside.routes.rows.engines.get(name, {}),
        after=spec,
    )
    new = await inside.routes.change(work, engines=[name])
    return asking.answer(_plain(inside, name), 201 if new else 200)


async def delete(call: Request) -> Response:
    """Deletes an engine that was made here and that no route made here leads to."""
    inside, name = shared(call), _named(call)
    work = asking.logged(
        call,
        partial(kept.delete_engine, name=name),
        Action.ENGINES_UPDATE,
        target=lambda _: f"engines/{name}",
        before=inside.routes.rows.engines.get(name, {}),
    )
    await inside.routes.change(work)
    return asking.answer({})


async def test(call: Request) -> Response:
    """Asks each key of an engine for something that costs nothing; one that answers is let back
    in."""
    inside, name = shared(call), _running(call)
    model = asking.text(await fields.read(call, ("model",)), "model")
    loops.mark(call, inside.mark)
    found = await probe(inside.routes.router, name, model)
    return asking.answer(
        {
            "results": [
                {
                    "key": each.key,
                    "model": each.model,
                    "ok": each.ok,
                    "kind": each.kind or None,
                    "advice": each.advice or None,
                    "detail": each.detail or None,
                    "readmitted": each.readmitted,
                }
                for each in found
            ]
        }
    )


async def readmit(call: Request) -> Response:
    """Lets an engine be asked again, whatever was held against it."""
    inside, name = shared(call), _running(call)
    return asking.answer({"forgotten": inside.routes.router.readmit(name)})


def _names(inside: Shared) -> Sequence[str]:
    return sorted({*inside.routes.router.table.engines, *inside.routes.rows.engines})


def _named(call: Request) -> str:
    name = str(call.path_params["engine"])
    if name not in (names := _names(shared(call))):
        raise NotFound(
            f"There is no engine {name[:80]!r}. Engines: {', '.join(names) or 'none'}.",
            field="engine",
        )
    return name


def _running(call: Request) -> str:
    """An engine that could be built. Raises ``NotFound``, and ``MalformedRequest`` with what is
    wrong with it."""
    name = _named(call)
    if why := shared(call).routes.made.missing.get(name):
        raise MalformedRequest(why, field="engine")
    return name


def _plain(inside: Shared, name: str) -> dict[str, Any]:
    current = inside.routes
    table, row = current.router.table, current.rows.engines.get(name)
    spec = table.engines.get(name) or read.engine(
        name, row, origin=kept.ORIGIN, kinds=_any_kind(row or {})
    )
    health = next((each for each in current.router.snapshot() if each["engine"] == name), None)
    return {
        **shown.engine(spec),
        "editable": row is not None and name not in inside.settings.engines,
        "problem": current.made.missing.get(name),
        "routes": [
            route.id
            for route in table.routes
            if name in {target.engine for target in route.targets}
        ],
        "health": {key: health[key] for key in ("troubles", "keys")} if health else None,
    }


def _any_kind(spec: Mapping[str, Any]) -> Sequence[str]:
    """Whoever builds the engine knows the kinds of plug-ins; here any text is one."""
    kind = spec.get("kind")
    return (*read.KINDS, kind) if isinstance(kind, str) and kind.isidentifier() else read.KINDS


def _with_old_secrets(spec: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """What was shown with its last letters only is what it was before."""
    known = {told(key): key for key in _texts(old.get("api_keys"))}
    keys = [known.get(key, key) for key in _texts(spec.get("api_keys"))]
    for number, key in enumerate(keys):
        if key.startswith("..."):
            raise MalformedRequest(
                "That is how a key is shown, and it is none that this engine has.",
                field=f"api_keys[{number}]",
            )
    made = {**spec, "api_keys": keys} if keys else dict(spec)
    if made.get("credentials") == _KEY_FILE:
        if not is_key_file(before := str(old.get("credentials", ""))):
            raise MalformedRequest(
                "That is how a key file is shown, and this engine has none.", field="credentials"
            )
        made["credentials"] = before
    return made


def _check_references(spec: Mapping[str, Any], data: Path) -> None:
    """An admin key may not read any file or variable of this machine by having it sent elsewhere:
    files must lie in a folder for that, and the settings' own variables are none."""
    folder = (data / _SECRETS).resolve()
    for value in (*_texts(spec.get("api_keys")), *_texts(spec.get("credentials"))):
        if value.startswith(ENV + _OUR_VARIABLES):
            raise MalformedRequest(
                f"Variables that begin with {_OUR_VARIABLES} are settings and no keys.",
                field="api_keys",
            )
        if value.startswith(FILE):
            file = Path(value.removeprefix(FILE)).expanduser()
            if not (file.is_absolute() and file.resolve().is_relative_to(folder)):
                raise MalformedRequest(
                    f"A file that is named by the admin API must lie in the folder {_SECRETS!r} of "
                    "the data folder, and be named by its whole path.",
                    field="credentials" if value == spec.get("credentials") else "api_keys",
                )


def _texts(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str)]


ONE: Final = "/admin/v1/engines/{engine}"

ROUTES: Final[Sequence[Route]] = (
    Route("/admin/v1/engines", asking.told(list_, Action.ENGINES_UPDATE), methods=("GET",)),
    Route(f"{ONE}:probe", asking.told(test, Action.ENGINES_UPDATE), methods=("POST",)),
    Route(f"{ONE}:readmit", asking.told(readmit, Action.ENGINES_UPDATE), methods=("POST",)),
    Route(ONE, asking.told(get, Action.ENGINES_UPDATE), methods=("GET",)),
    Route(ONE, asking.told(put, Action.ENGINES_UPDATE), methods=("PUT",)),
    Route(ONE, asking.told(delete, Action.ENGINES_UPDATE), methods=("DELETE",)),
)
