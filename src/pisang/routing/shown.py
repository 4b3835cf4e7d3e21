"""Engines and routes as people and programs see them: in the words of the settings file, without
secrets."""

from typing import Any

from pisang.routing.secrets import told
from pisang.routing.table import RATES, EngineSpec, Price, Route, Target
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
        "price": price(spec.price),
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
        "price": price(found.price),
    }
    kept = {name: value for name, value in fields.items() if value not in ("", [], None)}
    return {"id": found.id, **kept, "origin": found.origin}


def price(found: Price | None) -> Any:
    """A price as it was written; amounts are exact decimals as text."""
    if found is None:
        return None
    if found.kind != "own":
        return found.kind
    rates = {name: getattr(found, name) for name in RATES}
    return {name: f"{rate:f}" for name, rate in rates.items() if rate} or {"image": "0"}


def _target(target: Target) -> Any:
    fields = {"weight": target.weight, "upstream_model": target.upstream_model or None}
    kept = {name: value for name, value in fields.items() if value is not None}
    return {"engine": target.engine, **kept} if kept else target.engine


def _one_or_all(values: tuple[str, ...]) -> Any:
    return values[0] if len(values) == 1 else list(values)
