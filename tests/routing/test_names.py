"""Whether there is a model or an engine of the name that somebody limits something to."""

import pytest

from pisang.catalog.models import catalog
from pisang.core.errors import MalformedRequest
from pisang.routing.names import Names, check_engine, check_model, names_of
from pisang.routing.read import Written, table


def names(*routes: tuple[str, str]) -> Names:
    """Routes from a model to an engine, of which ``studio`` and ``relay`` are upstreams."""
    engines = {
        "studio": {"kind": "google"},
        "relay": {"kind": "openai"},
        "sketch": {"kind": "sketch"},
    }
    written = [{"model": model, "engines": [engine]} for model, engine in routes]
    return names_of(table(Written("a test", engines, written)))


def model(written: str, there: Names) -> str:
    return check_model(written, there, catalog(), field="restrictions.models")


@pytest.mark.parametrize(
    "written",
    [
        "*",
        "gemini-3-pro-image",
        "nano-banana",
        "gemini-2.5-flash-image-preview",  # shut down, and served by its successor
        "gemini-2.0-flash-exp-image-generation",
        "imagen-4.0-generate-001",
        "gemini-3*",
        "imagen-?.0-*",
        "models-of-the-relay",
        "models-*",
    ],
)
def test_what_the_catalog_or_a_route_names_is_known(written: str) -> None:
    there = names(("models-of-the-relay", "relay"), ("*", "sketch"))
    assert model(written, there) == ""


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("gemini-3-pro-imgae", "gemini-3-pro-image"),
        ("Gemini-3-Pro-Image", "gemini-3-pro-image"),
        ("gemini-3-pro-image@001", "gemini-3-pro-image"),  # nothing compares it without its version
        ("models-of-the-realy", "models-of-the-relay"),
        ("gemini-3-pro-imige*", "gemini-3-pro-image"),
        ("nothing-like-it", ""),
        ("[", ""),
    ],
)
def test_another_is_refused_with_the_nearest_and_what_to_do(written: str, meant: str) -> None:
    there = names(("models-of-the-relay", "relay"), ("*", "sketch"))
    with pytest.raises(MalformedRequest, match="There is no model") as refused:
        model(written, there)
    assert refused.value.field == "restrictions.models"
    assert ("Did you mean" in refused.value.message) == bool(meant)
    assert meant in refused.value.message
    assert "pisang routes add" in refused.value.message


@pytest.mark.parametrize("pattern", ["*", "gpt-*", "gpt-?"])
def test_one_that_a_pattern_lets_through_to_an_upstream_passes_with_a_warning(
    pattern: str,
) -> None:
    said = model("gpt-9", names((pattern, "studio")))
    assert "does not know the model 'gpt-9'" in said
    with pytest.raises(MalformedRequest):
        model("gpt-9", names((pattern, "sketch")))


def test_a_warning_has_the_nearest_name() -> None:
    assert "Did you mean 'gemini-3-pro-image'?" in model("gemini-3-pro-imag", names(("*", "relay")))


def test_a_route_that_names_it_needs_no_warning() -> None:
    there = names(("gpt-9", "relay"), ("*", "studio"))
    assert model("gpt-9", there) == ""
    assert model("gpt-*", there) == ""


@pytest.mark.parametrize("written", ["studio", "relay", "sketch", "*", "st*", "google", "vertex"])
def test_engines_of_the_table_and_of_the_environment_are_known(written: str) -> None:
    check_engine(written, names(("*", "studio")), field="restrictions.engines")


def test_an_engine_that_there_is_not_is_refused_with_the_nearest() -> None:
    with pytest.raises(MalformedRequest, match=r"no engine 'stduio' here\. Did you mean 'studio'"):
        check_engine("stduio", names(), field="restrictions.engines")
    with pytest.raises(MalformedRequest, match=r"nor one that fits it\. Engines: google, relay, "):
        check_engine("gpu-*", names(), field="restrictions.engines")


@pytest.mark.parametrize(
    ("written", "route", "may_meet"),
    [
        ("gpt-*", "*-5", True),  # gpt-5
        ("gpt-*", "gpt-image-*", True),
        ("*-large", "*-small", False),
        ("flux-?", "flux-1*", True),
        ("flux-?", "flux-10", False),
        ("a*b*c", "abd*c", True),
        ("a*b", "ba*", False),
    ],
)
def test_a_pattern_may_mean_what_a_pattern_of_a_route_lets_through(
    written: str, route: str, may_meet: bool
) -> None:
    there = names((route, "relay"))
    if may_meet:
        assert "may know it by just this name" in model(written, there)
    else:
        with pytest.raises(MalformedRequest):
            model(written, there)
