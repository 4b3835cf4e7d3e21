"""Engines and routes as people and programs see them: in the words of the settings file, without
secrets."""

from decimal import Decimal
from typing import Any

from pisang.routing import pricing
from pisang.routing.secrets import told
from pisang.routing.table import EngineSpec, Route, Target
from pisang.shown import without_secrets


def engine(spec: EngineSpec) -> dict[str, Any]:
    """An engine; of a key that stands in the table itself only the last letters."""
    fields: dict[str, Any] = {
        "kind": spec.kind,
        "profile": spec.profile,
        "api_keys": [told(key) for key in spec.api_keys],
        "base_url": spec.base_url,
        "project": spec.project,
        "location": spec.location,
        "credentials": told(spec.credentials) if spec.credentials else "",
        "price": pricing.shown(spec.price),
        "markup": _share(spec.markup),
        "free_searches": spec.free_searches or None,
        **without_secrets(dict(spec.options)),
    }
    kept = {name: value for name, value in fields.items() if value not in ("", [], None)}
    return {"name": spec.name, **kept, "origin": spec.origin}


def route(found: Route) -> dict[str, Any]:
    """A route; what it does not say is left out."""
    fields: dict[str, Any] = {
        "model": _one_or_all(found.models),
        "engines": [_target(target) for target in found.targets],
        "upstream_model": found.upstream_model,
        **{name: _one_or_all(values) for name, values in found.conditions.items()},
        "price": pricing.shown(found.price),
        "markup": _share(found.markup),
    }
    kept = {name: value for name, value in fields.items() if value not in ("", [], None)}
    return {"id": found.id, **kept, "origin": found.origin}


def _target(target: Target) -> Any:
    fields = {"weight": target.weight, "upstream_model": target.upstream_model or None}
    kept = {name: value for name, value in fields.items() if value is not None}
    return {"engine": target.engine, **kept} if kept else target.engine


def _share(markup: Decimal | None) -> str | None:
    return None if markup is None else f"{markup:f}"


def _one_or_all(values: tuple[str, ...]) -> Any:
    return values[0] if len(values) == 1 else list(values)
