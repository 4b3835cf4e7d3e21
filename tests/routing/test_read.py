"""Engines and routes as people write them: what they mean, and what is said about a mistake."""

import tomllib
from decimal import Decimal

import pytest

from pisang.core.errors import SettingsError
from pisang.routing.read import Written, table
from pisang.routing.table import Price, PriceLine, Table, Target

ENGINES = """
[engines.studio]
kind = "google"
api_keys = ["env:GEMINI_API_KEY"]
base_url = "https://stand-in.example/"

[engines.cloud]
kind = "vertex"
project = "my-project"
location = "global"
credentials = "file:sa.json"

[engines.relay]
kind = "openai"
profile = "chat-markdown"
api_keys = "env:RELAY_KEY"
base_url = "https://relay.example"
"""


def read(text: str, *, engines: str = ENGINES) -> Table:
    data = tomllib.loads(engines + text)
    return table(Written("pisang.toml", data["engines"], data.get("routes", [])))


def mistake(text: str, *, engines: str = ENGINES) -> str:
    with pytest.raises(SettingsError) as caught:
        read(text, engines=engines)
    return caught.value.message


def test_the_table_is_what_was_written() -> None:
    found = read(
        """
        [[routes]]
        model = "gemini-3-pro-image"
        engines = ["studio", "relay"]
        upstream_model = "nano-banana-pro"

        [[routes]]
        model = ["models/gemini-*", "nano-banana"]
        engines = [
            { engine = "studio", weight = 9 },
            { engine = "cloud", weight = 1, upstream_model = "other" },
        ]
        size = ["1k", "2K"]
        tier = "flex"
        project = "shop"
        location = "europe-*"
        surface = "vertex"
        price = { image = 0.04, input = "2.5" }
        """
    )
    assert list(found.engines) == ["studio", "cloud", "relay"]
    studio, relay = found.engines["studio"], found.engines["relay"]
    assert (studio.kind, studio.api_keys) == ("google", ("env:GEMINI_API_KEY",))
    assert studio.base_url == "https://stand-in.example"
    assert found.engines["cloud"].credentials == "file:sa.json"
    assert (relay.profile, relay.api_keys) == ("chat-markdown", ("env:RELAY_KEY",))
    first, second = found.routes
    assert (first.id, first.models, first.origin) == (
        "routes[0]",
        ("gemini-3-pro-image",),
        "pisang.toml",
    )
    assert first.targets == (Target("studio"), Target("relay"))
    assert first.upstream_model == "nano-banana-pro"
    assert second.models == ("gemini-*", "nano-banana")
    assert second.targets == (Target("studio", 9), Target("cloud", 1, "other"))
    assert (second.sizes, second.tiers, second.projects) == (("1K", "2K"), ("flex",), ("shop",))
    assert (second.locations, second.surfaces) == (("europe-*",), ("vertex",))
    line = PriceLine(image=(("default", Decimal("0.04")),), input=Decimal("2.5"))
    assert second.price == Price("own", (line,))


@pytest.mark.parametrize("word", ["list", "free"])
def test_a_price_may_be_a_word(word: str) -> None:
    (route,) = read(f'[[routes]]\nmodel = "*"\nengines = "studio"\nprice = "{word}"').routes
    assert route.price == Price(kind=word)


ROUTES = [
    ('engines = ["studio"]', "routes[0].model: is missing"),
    ('model = "x"', 'routes[0].engines: must name one engine or more, as ["studio", "relay"].'),
    ('model = "x"\nengines = []', "routes[0].engines: must name one engine or more"),
    (
        'model = "x"\nengines = ["studoi"]',
        "routes[0].engines[0]: there is no engine 'studoi'. Did you mean 'studio'?",
    ),
    ('model = "x"\nengines = ["zz"]', "Engines: studio, cloud, relay."),
    ('model = "x"\nengines = ["studio", "studio"]', "[1]: 'studio' is named twice."),
    ('model = "x"\nengines = [3]', "routes[0].engines[0]: must be a table."),
    (
        'model = "x"\nengines = [{ engine = "studio", weight = 0 }]',
        "routes[0].engines[0].weight: must be a whole number from 1",
    ),
    ('model = "x"\nengines = [{ engine = "studio", weight = -1 }]', "must be a whole number"),
    ('model = "x"\nengines = [{ engine = "studio", weight = true }]', "must be a whole number"),
    ('model = "x"\nengines = [{ engine = "studio", weight = 0.5 }]', "must be a whole number"),
    (
        'model = "x"\nengines = [{ engine = "studio", weight = 9 }, "relay"]',
        "routes[0].engines[1]: has no weight and others have",
    ),
    (
        'model = "x"\nengines = [{ engine = "studio", wieght = 9 }]',
        "routes[0].engines[0].wieght: there is no such name. Did you mean 'weight'?",
    ),
    (
        'model = "x"\nengine = ["studio"]',
        "routes[0].engine: there is no such name. Did you mean 'engines'?",
    ),
    ('model = ""\nengines = ["studio"]', "routes[0].model[0]: must be a text that is not empty"),
    ('model = 3\nengines = ["studio"]', "routes[0].model: must be a text, or a list of texts"),
    ('model = ["a", "a"]\nengines = ["studio"]', "routes[0].model[1]: 'a' stands there twice."),
    ('model = "x"\nengines = ["studio"]\nsize = "8K"', "routes[0].size: there is no size '8K'."),
    ('model = "x"\nengines = ["studio"]\nsize = ["1K", "2X"]', "routes[0].size[1]: there is no"),
    ('model = "x"\nengines = ["studio"]\ntier = "flx"', "Did you mean 'flex'?"),
    ('model = "x"\nengines = ["studio"]\nsurface = "vertx"', "Did you mean 'vertex'?"),
    ('model = "x"\nengines = ["studio"]\nprice = "cheap"', 'routes[0].price: must be "list"'),
    (
        'model = "x"\nengines = ["studio"]\nprice = { images = 1 }',
        "routes[0].price.images: there is no such name. Did you mean 'image'?",
    ),
    ('model = "x"\nengines = ["studio"]\nprice = { image = -1 }', "an amount of dollars"),
    ('model = "x"\nengines = ["studio"]\nprice = { image = nan }', "an amount of dollars"),
    ('model = "x"\nengines = ["studio"]\nprice = { image = "1e" }', "an amount of dollars"),
]


@pytest.mark.parametrize(("text", "told"), ROUTES, ids=[told for _, told in ROUTES])
def test_a_wrong_route_is_told_by_its_place(text: str, told: str) -> None:
    assert told in mistake(f"[[routes]]\n{text}")


WRONG_ENGINES = [
    ("[engines.a]", "engines.a.kind: is missing: one of google, vertex, openai, sketch."),
    ('[engines.a]\nkind = "gogle"', "engines.a.kind: there is no kind 'gogle'. Did you mean"),
    ('[engines.a]\nkind = "google"\napi_keys = 3', "engines.a.api_keys: must be a text"),
    ('[engines.a]\nkind = "google"\napi_keys = [""]', "engines.a.api_keys[0]: must be a text"),
    ('[engines.a]\nkind = "google"\nbase_url = "host"', "an address like https://"),
    ('[engines.a]\nkind = "google"\nbase_url = "ftp://a.example"', "an address like https://"),
    ('[engines.a]\nkind = "google"\nbase_url = "https://h:p:q"', "an address like https://"),
    ('[engines.a]\nkind = "google"\nbase_url = "https://u:p@h"', "belongs into api_keys"),
    ('[engines.a]\nkind = "google"\nbase_url = "https://h/?key=1"', "belongs into api_keys"),
    ('[engines.a]\nkind = "google"\nproject = 12', "engines.a.project: must be a text."),
    ('[engines."a b"]\nkind = "google"', "engines: 'a b' is no name"),
]


@pytest.mark.parametrize(("text", "told"), WRONG_ENGINES, ids=[told for _, told in WRONG_ENGINES])
def test_a_wrong_engine_is_told_by_its_name(text: str, told: str) -> None:
    assert told in mistake("", engines=text)


def test_a_mistake_never_repeats_a_secret() -> None:
    twice = '[engines.a]\nkind = "google"\napi_keys = ["AIza-secret", "AIza-secret"]'
    for text in (
        twice,
        '[engines.a]\nkind = "google"\napi_keys = [["AIza-secret"]]',
        '[engines.a]\nkind = "google"\nbase_url = "https://u:AIza-secret@h"',
    ):
        told = mistake("", engines=text)
        assert told.startswith("engines.a.")
        assert "AIza" not in told
    data = tomllib.loads('kind = "google"\napi_keys = ["AIza-secret"]')
    assert "AIza" not in repr(table(Written("here", {"a": data}, [])))


def test_what_is_written_first_comes_first() -> None:
    kind = {"kind": "google"}
    found = table(
        Written("admin", {"a": kind}, [{"model": "x", "engines": ["b"]}], ["route_1"]),
        Written(
            "file", {"b": kind, "a": kind | {"project": "p"}}, [{"model": "y", "engines": "a"}]
        ),
    )
    assert [(route.id, route.origin) for route in found.routes] == [
        ("route_1", "admin"),
        ("routes[0]", "file"),
    ]
    assert (found.engines["a"].origin, found.engines["a"].project) == ("file", "p")


def test_a_plug_in_has_a_kind_and_options_of_its_own() -> None:
    tables = {"a": {"kind": "mine", "steps": 4}}
    found = table(Written("file", tables, []), kinds=("google", "mine")).engines["a"]
    assert (found.kind, found.options) == ("mine", {"steps": 4})
