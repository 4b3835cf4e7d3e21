"""Holds every fact of the cards against the wire contract this project was built from.

The contract is not part of the package. It is looked for beside the repository, or where the
variable PISANG_SHARED says; without it these tests are skipped.
"""

import json
import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pisang.catalog.load import tables
from pisang.catalog.models import Card, catalog
from pisang.catalog.prices import PriceRow, book

SHARED = Path(os.environ.get("PISANG_SHARED") or Path(__file__).parents[3] / "shared")
CONTRACT = SHARED / "contract" / "catalog.json"

pytestmark = pytest.mark.skipif(
    not CONTRACT.exists(), reason=f"no wire contract at {CONTRACT} (set PISANG_SHARED)"
)

WORDING = {"note", "sources", "source", "unverified", "surface", "usd"}
"""Keys whose text we say in our own words; their presence is checked one by one below."""


def contract() -> dict[str, Any]:
    return json.loads(CONTRACT.read_text()) if CONTRACT.exists() else {"models": []}


MODELS = {model["id"]: model for model in contract()["models"]}


def pruned(value: Any) -> Any:
    """The contract's value without what it does not know and without wording."""
    if isinstance(value, dict):
        return {
            key: pruned(item)
            for key, item in value.items()
            if item is not None and key not in WORDING
        }
    return value


def lifecycle(card: Card, theirs: Mapping[str, Any]) -> dict[str, Any]:
    dates = card.lifecycle
    ours: dict[str, Any] = {
        name: getattr(dates, name).isoformat()
        for name in (
            "preview_released",
            "preview_shutdown",
            "released",
            "deprecated",
            "shutdown_gemini_api",
            "shutdown_vertex",
        )
        if getattr(dates, name)
    }
    if dates.shutdown_gemini_api_before:
        ours["shutdown_gemini_api"] = f"unknown (before {dates.shutdown_gemini_api_before})"
    if dates.replacements:
        separator = ", then " if ", then " in str(theirs.get("replacement")) else " / "
        first, *others = dates.replacements
        ours["replacement"] = separator.join(filter(None, (first, " / ".join(others))))
    return ours


def rates(row: PriceRow) -> dict[str, Any]:
    image = None if row.image is None else float(row.image)
    found = {
        "input_per_mtok": row.input,
        "output_text_and_thinking_per_mtok": row.text,
        "output_image_per_mtok": image,
    }
    return {key: float(value) for key, value in found.items() if value is not None}


def prices(card: Card) -> dict[str, Any]:
    rows = {row.tier.value: row for row in book().rows[card.id]}
    found: dict[str, Any] = {}
    for tier, row in rows.items():
        only_vertex = tier == "priority" and row.surfaces == ("vertex",)
        if row.each_image is None:
            found["vertex_priority" if only_vertex else tier] = rates(row)
    for tier in ("standard", "batch"):
        row = rows.get(tier)
        each = row and (row.published or row.each_image)
        if each is not None:
            found[f"per_image_{tier}_usd"] = {size: float(usd) for size, usd in each.items()}
    if "flex" in rows and rows["flex"].published:
        found["flex"]["per_image_usd"] = {k: float(v) for k, v in rows["flex"].published.items()}
    read = {
        f"{tier}_per_mtok": float(row.cache_read)
        for tier, row in rows.items()
        if row.cache_read is not None
    }
    if read:
        vertex = rows["standard"].cache_read_surfaces == ("vertex",)
        found["vertex_cache_read" if vertex else "cache_read"] = read
    if long := rows["standard"].long_prompt:
        found["vertex_above_200k_input"] = {
            "input_per_mtok": long["input"],
            "output_text_and_thinking_per_mtok": long["text"],
        }
    if card.id in book().uplifts:
        found["vertex_regional_uplift_multiplier"] = float(book().uplifts[card.id])
    return found


def thinking(card: Card) -> dict[str, Any]:
    if not card.thinking.supported:
        return {"supported": False}
    return {
        "supported": True,
        "levels": [level.value for level in card.thinking.levels],
        "default": card.thinking.default,
        "can_disable": card.thinking.can_disable,
    }


def grounding(card: Card) -> dict[str, Any]:
    return {
        name: getattr(card.grounding, name)
        for name in (
            "web_search",
            "image_search",
            "usd_per_1000_queries",
            "free_queries_per_month",
            "free_group",
        )
        if getattr(card.grounding, name) is not None
    }


def limits(card: Card) -> dict[str, Any]:
    names = ("input_tokens", "output_tokens", "vertex_input_tokens", "sample_count_max")
    return {name: getattr(card, name) for name in names if getattr(card, name) is not None}


def as_contract(card: Card, theirs: Mapping[str, Any]) -> dict[str, Any]:
    """Our card in the form of the contract."""
    params: dict[str, Any] = {"candidate_count_max": card.candidate_count_max}
    params |= dict.fromkeys(card.ignored_params, False)
    if card.vertex_top_k_fixed:
        params["vertex_top_k_fixed"] = card.vertex_top_k_fixed
    return {
        "id": card.id,
        "google_aliases": list(card.aliases),
        "marketing_name": card.name,
        "family": card.family,
        "gateway_aliases": list(card.gateway_aliases),
        "status": card.status,
        "lifecycle": lifecycle(card, theirs["lifecycle"]),
        "surfaces": list(card.surfaces),
        "limits": limits(card),
        "knowledge_cutoff": card.knowledge_cutoff,
        "inputs": list(card.inputs),
        "outputs": list(card.outputs),
        "output_mime_default": card.mime_default,
        "aspect_ratios": list(card.ratios),
        "aspect_ratio_auto": card.aspect_ratio_auto,
        "image_sizes": list(card.sizes),
        "default_image_size": card.default_size,
        "implicit_size_only": card.fixed_size,
        "dimensions": {
            size: {ratio: list(pixels) for ratio, pixels in row.items()}
            for size, row in card.pixels.items()
        },
        "output_tokens_per_image": dict(card.image_tokens),
        "output_tokens_alternatives": {
            size: {"value": count} for size, count in card.other_image_tokens.items()
        },
        "tokens_per_reference_image": card.tokens_per_reference,
        "reference_images": {"max": card.max_references, "detail": card.references_note},
        "thinking": thinking(card),
        "grounding": grounding(card),
        "generation_params": params,
        "service_tiers": {place: list(tiers) for place, tiers in card.tiers.items()},
        "prices_usd": prices(card),
    }


@pytest.mark.parametrize("model", MODELS)
def test_every_fact_about_a_model_is_on_its_card(model: str) -> None:
    theirs = pruned(MODELS[model])
    since = theirs.pop("effective_date", None)
    ours = as_contract(catalog().cards[model], theirs)
    assert {key: ours[key] for key in theirs} == theirs
    for row in book().rows[model]:
        if since:  # "2026-05-28 (same prices as preview, 2025-11-20)"
            assert row.start.isoformat() == min(
                word.strip("(),") for word in since.split() if word.strip("(),")[:1] == "2"
            )
        else:
            assert row.start == date.min


@pytest.mark.parametrize("model", MODELS)
def test_what_is_unverified_is_said_so(model: str) -> None:
    theirs, card = MODELS[model], catalog().cards[model]
    assert len(card.unverified) >= len(theirs["unverified"])
    assert len(card.sources) >= 1
    assert bool(theirs["lifecycle"].get("note")) == bool(card.lifecycle.note)


@pytest.mark.parametrize("model", MODELS)
def test_tiers_are_priced_where_they_are_sold(model: str) -> None:
    for tier in ("flex", "priority"):
        theirs = MODELS[model]["prices_usd"].get(tier)
        if theirs:
            (row,) = [row for row in book().rows[model] if row.tier.value == tier]
            assert set(row.surfaces) == {
                place for place in ("gemini_api", "vertex") if place in theirs["surface"]
            }


def test_the_catalog_has_exactly_the_models_of_the_contract() -> None:
    assert list(catalog().cards) == list(MODELS)
    assert catalog().as_of.isoformat() == contract()["as_of"]


def test_the_alias_policy_is_the_contracts() -> None:
    policy = contract()["alias_policy"]
    assert set(policy["gateway_only"].items()) <= set(catalog().names.items())
    assert set(policy["google_real"].items()) <= set(catalog().names.items())
    for alias in policy["gateway_only"]:
        card = catalog().get(alias)
        assert card is not None
        assert alias in card.gateway_aliases


def test_limits_that_vertex_puts_on_every_prompt() -> None:
    theirs, ours, sampling = (
        contract()["vertex_common"],
        *(tables()[name] for name in ("vertex_input", "sampling")),
    )
    assert ours["max_images"] == theirs["max_images_per_prompt"]
    assert ours["max_inline_image_mb"] == theirs["max_inline_image_mb"]
    assert ours["max_gcs_image_mb"] == theirs["max_gcs_image_mb"]
    assert ours["max_request_mb"] == theirs["max_request_mb"]
    assert ours["mime_types"] == theirs["mime"]
    assert float(sampling["max_temperature"]) == theirs["temperature"][1]
    assert float(sampling["temperature"]) == theirs["default_temperature"]
    assert float(sampling["top_p"]) == theirs["default_top_p"]
