"""Checks the names of models and engines that the admin API is sent, before anything is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from starlette.requests import Request

from pisang.catalog.models import catalog
from pisang.core.caller import UNRESTRICTED, Restrictions
from pisang.core.errors import MalformedRequest
from pisang.core.terms import ANY_MODEL
from pisang.routing.names import Names, check_engine, check_model
from pisang.routing.plan import is_glob
from pisang.surfaces.admin.records import records
from pisang.surfaces.openai.naming import DEFAULT_MODEL, is_openais

NOTICES: Final = "notices"


@dataclass(frozen=True, slots=True)
class Known:
    """The names that there are; ``strict`` is whether OpenAI's names mean no model here."""

    names: Names
    strict: bool


async def known(call: Request) -> Known:
    """The names that there are now.

    Call it outside of a write transaction: it waits for a change of routes that is under way, which
    may itself wait for that transaction.
    """
    inside = records(call)
    return Known(await inside.names(), inside.settings.compatibility == "strict")


def of_limit(model: str, there: Known) -> list[str]:
    """Warnings for the model of a limit. Raises ``MalformedRequest`` for one that there is not,
    and for a pattern, because a limit is on one model or on each."""
    name = model.removeprefix("models/")
    if is_glob(name):
        raise MalformedRequest(
            f"{name[:80]!r} is a pattern, and a limit is on one model, or with {ANY_MODEL!r} on "
            "each that has none of its own: set one limit for each model.",
            field="model",
        )
    return _models([catalog().counted(name)], there, field="model")


def of_key(wanted: Restrictions, there: Known, before: Restrictions = UNRESTRICTED) -> list[str]:
    """Warnings for what a key is limited to; what it was limited to ``before`` may stay. Raises
    ``MalformedRequest`` for a model or an engine that there is not."""
    for engine in wanted.engines:
        if engine not in before.engines:
            check_engine(engine, there.names, field="restrictions.engines")
    models = [each for each in wanted.models if each not in before.models]
    return _models(models, there, field="restrictions.models")


def told(notices: Sequence[str]) -> Mapping[str, Any]:
    """Warnings as an answer has them."""
    return {NOTICES: list(notices)} if notices else {}


def _models(written: Sequence[str], there: Known, *, field: str) -> list[str]:
    warned = []
    for name in written:
        if not there.strict and _is_stood_in_for(name, there.names):
            raise MalformedRequest(
                f"{name[:80]!r} is a name of OpenAI's, which means {DEFAULT_MODEL!r} here: write "
                "that.",
                field=field,
            )
        warned.append(check_model(name, there.names, catalog(), field=field))
    return [each for each in warned if each]


def _is_stood_in_for(name: str, names: Names) -> bool:
    """Whether it is a name of OpenAI's that no route is for in particular."""
    routed = (pattern for pattern in names.models if pattern != ANY_MODEL)
    return is_openais(name) and not any(fnmatchcase(name, pattern) for pattern in routed)
