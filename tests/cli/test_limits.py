"""``pisang limits`` on a data folder."""

import pytest

from tests.cli.nouns import Commands
from tests.ledger.billed import SKETCH, billed

PRO = "gemini-3-pro-image"
Row = tuple[str, str, object, str]


def listed(shop: Commands, *words: str) -> list[Row]:
    found = shop.json("limits", "list", *words)
    return [(each["model"], each["dimension"], each["value"], each["origin"]) for each in found]


def test_limits_are_set_shown_with_what_is_used_and_removed(shop: Commands) -> None:
    of = ("--project", "shop", "--model", PRO)
    shop.done("limits", "set", *of, "--rpm", "60", "--ipm", "10", "--rpd", "1000")
    assert listed(shop, "--project", "shop") == [
        (PRO, "ipm", 10, "project"),
        (PRO, "rpd", 1000, "project"),
        (PRO, "rpm", 60, "project"),
    ]
    (ipm, *_) = shop.json("limits", "list", "--project", "shop")
    assert (ipm["used"], ipm["left"]) == (0, 10)
    assert ipm["priority"] == {"value": 3, "used": 0, "left": 3}
    assert "0 of 3" in shop.done("limits", "list", "--project", "shop")
    shop.done("limits", "set", *of, "--rpm", "5")  # the others stay
    assert listed(shop, "--project", "shop")[-1] == (PRO, "rpm", 5, "project")
    assert shop.done("limits", "remove", *of, "--limit", "rpm") == "Removed: rpm.\n"
    assert shop.json("limits", "remove", *of) == ["ipm", "rpd"]
    assert listed(shop, "--project", "shop") == []


def test_a_name_of_a_model_means_the_one_that_is_counted(shop: Commands) -> None:
    shop.done("limits", "set", "--project", "shop", "--model", "nano-banana-pro", "--rpm", "3")
    assert listed(shop, "--project", "shop") == [(PRO, "rpm", 3, "project")]


@pytest.mark.parametrize(
    ("model", "counted"),
    [
        ("models/gemini-3-pro-image", PRO),
        ("gemini-3-pro-image@default", PRO),
        ("gemini-3-pro-image-preview", PRO),
        ("gemini-2.0-flash-preview-image-generation", "gemini-2.5-flash-image"),  # its successor
        ("imagen-4.0-generate-001", "imagen-4.0-generate-001"),  # is emulated, so it is itself
    ],
)
def test_every_name_that_the_catalog_resolves_is_one_to_limit(
    shop: Commands, model: str, counted: str
) -> None:
    shop.done("limits", "set", "--project", "shop", "--model", model, "--ipm", "3")
    assert listed(shop, "--project", "shop") == [(counted, "ipm", 3, "project")]
    assert listed(shop, "--project", "shop", "--model", model) == [(counted, "ipm", 3, "project")]
    assert shop.json("limits", "remove", "--project", "shop", "--model", model) == ["ipm"]


def test_a_model_that_only_an_upstream_may_know_is_limited_with_a_warning(
    shop: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("limits", "set", "--project", "shop", "--model", "gemini-9", "--rpm", "3")
    monkeypatch.delenv("GOOGLE_API_KEY", raising=False)
    monkeypatch.setenv("GEMINI_API_KEY", "AIza-a-key")
    code, out, err = shop.say(*words)
    assert (code, out) == (0, "project shop, gemini-9: 3 rpm\n")
    assert "does not know the model 'gemini-9'" in err
    monkeypatch.delenv("GEMINI_API_KEY")
    assert shop.say(*words)[0] == 2
    assert shop.done("limits", "remove", "--project", "shop", "--model", "gemini-9")


def test_a_tier_has_limits_and_a_project_lifts_one(shop: Commands) -> None:
    shop.done("projects", "update", "shop", "--tier", "1")
    of_tier = {row[1]: row[2:] for row in listed(shop, "--project", "shop")}
    assert of_tier["spend_month_usd"] == ("250.00", "tier 1")
    assert of_tier["rpm"][1] == "tier 1"
    shop.done("limits", "set", "--project", "shop", "--rpm", "unlimited", "--spend-month", "20.5")
    own = {row[1]: row[2:] for row in listed(shop, "--project", "shop")}
    assert "rpm" not in own
    assert own["spend_month_usd"] == ("20.50", "project")
    shop.done("limits", "set", "--tier", "1", "--ipm", "99")
    tier = {row[1]: row[2:] for row in listed(shop, "--tier", "1")}
    assert (tier["ipm"], tier["rpm"][1]) == ((99, "set"), "shipped")
    assert {row[1]: row[2] for row in listed(shop, "--project", "shop")}["ipm"] == 99


def test_a_rehearsal_is_told_from_a_bill(shop: Commands) -> None:
    shop.done("limits", "set", "--project", "shop", "--spend-10m", "5", "--spend-month", "50")
    shop.spend(billed(engine=SKETCH))
    for each in shop.json("limits", "list", "--project", "shop"):
        assert each["rehearsal_usd"] == each["used"] != "0.00"
    table = shop.done("limits", "list", "--project", "shop")
    assert table.count("rehearsal, not a bill") == 2


def test_tiers_without_priority_have_no_share_of_it(shop: Commands) -> None:
    for tier, share in (("1", None), ("2", 90)):
        shop.done("projects", "update", "shop", "--tier", tier)
        rows = shop.json("limits", "list", "--project", "shop")
        (rpm,) = (each["priority"] for each in rows if each["dimension"] == "rpm")
        assert (rpm and rpm["value"]) == share


def test_a_key_has_limits_beside_those_of_its_project(shop: Commands) -> None:
    key = shop.json("keys", "create", "--project", "shop", "--rpm", "7")["id"]
    shop.done("limits", "set", "--project", "shop", "--rpm", "60")
    shop.done("limits", "set", "--project", "shop", "--key", key, "--concurrent", "2")
    rows = listed(shop, "--project", "shop", "--key", key)
    assert rows == [
        ("*", "rpm", 60, "project"),
        ("*", "concurrent", 2, "key"),
        ("*", "rpm", 7, "key"),
    ]
    assert listed(shop, "--project", "shop") == [("*", "rpm", 60, "project")]
    table = shop.done("limits", "list", "--project", "shop", "--key", key)
    assert "project shop" in table
    assert f"key {key}" in table


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("set", "--project", "shop"), "Say which limit"),
        (("set", "--rpm", "3"), "Say whose limits"),
        (("set", "--project", "shop", "--tier", "1", "--rpm", "3"), "Say whose limits"),
        (("set", "--tier", "1", "--key", "k", "--rpm", "3"), "A key is of a project"),
        (("set", "--tier", "7", "--rpm", "3"), "There is no tier '7'"),
        (("set", "--project", "shpo", "--rpm", "3"), "Did you mean 'shop'?"),
        (("set", "--project", "shop", "--key", "key_x", "--rpm", "3"), "no such key"),
        (("set", "--project", "shop", "--rpm", "-3"), "a whole number from 0"),
        (("set", "--project", "shop", "--rpm", "many"), "a whole number from 0"),
        (("set", "--project", "shop", "--spend-10m", "x"), "an amount of dollars"),
        (("set", "--project", "shop", "--model", PRO, "--spend-10m", "1"), "all models together"),
        (("set", "--project", "shop", "--model", f"{PRO}s", "--rpm", "1"), f"Did you mean {PRO!r}"),
        (("set", "--tier", "1", "--model", "typo", "--rpm", "1"), "There is no model 'typo'"),
        (("set", "--project", "shop", "--model", "gemini-*", "--rpm", "1"), "is a pattern"),
        (("set", "--project", "shop", "--model", "dall-e-3", "--rpm", "1"), "a name of OpenAI's"),
        (("set", "--project", "shop", "--model", "ü" * 200, "--rpm", "1"), "at most 128 letters"),
        (("remove", "--project", "shop", "--limit", "rmp"), "rmp"),
        (("set", "--project", "shop", "--spend-month", "9" * 20), "must be less than"),
        (("set", "--project", "shop", "--rpm", "9" * 30), 'Or say "unlimited"'),
        (("remove", "--project", "shop", "--model", f"{PRO}s"), f"Did you mean {PRO!r}"),
        (("list", "--project", "shop", "--model", f"{PRO}s"), f"Did you mean {PRO!r}"),
        (("list",), "Say whose limits: --project"),
    ],
)
def test_a_mistake_is_told(shop: Commands, words: tuple[str, ...], why: str) -> None:
    code, out, err = shop.say("limits", *words)
    assert (code, out) == (2, "")
    assert why in err
    assert listed(shop, "--project", "shop") == []
