"""``pisang budgets`` on a data folder."""

import re
from decimal import Decimal

import pytest

from tests.cli.nouns import Commands
from tests.ledger.billed import SKETCH, billed


def test_a_budget_is_set_spent_changed_and_removed(shop: Commands) -> None:
    set_ = ("budgets", "set", "--project", "shop", "--period", "day")
    made = shop.json(*set_, "--amount", "5.00", "--warn", "50, 80%,100")
    assert (made["name"], made["warn"], made["enforced"]) == ("day", [50, 80, 100], True)
    bill = billed()
    shop.spend(bill)
    (spent,) = shop.json("budgets", "list", "--project", "shop")
    assert spent["id"] == made["id"]
    assert (spent["held_usd"], spent["project"], spent["key_id"]) == ("0.00", "shop", None)
    assert Decimal(spent["spent_usd"]) == bill.amount.dollars
    assert Decimal(spent["left_usd"]) == 5 - Decimal(spent["spent_usd"])
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT0[78]:00:00Z", spent["resets_at"])
    changed = shop.json(*set_, "--amount", "7", "--warn-only")
    assert (changed["id"], changed["amount_usd"], changed["enforced"]) == (
        made["id"],
        "7.00",
        False,
    )
    assert changed["spent_usd"] == spent["spent_usd"]
    assert "(warns only)" in shop.done("budgets", "list")
    assert shop.done("budgets", "remove", made["id"]) == f"{made['id']} is removed.\n"
    assert shop.json("budgets", "list") == []
    assert shop.say("budgets", "remove", made["id"])[0] == 2


def test_the_secret_of_a_web_hook_is_shown_once_and_kept_encrypted(shop: Commands) -> None:
    set_ = ("budgets", "set", "--project", "shop", "--amount", "5", "--warn", "80")
    hook = ("--hook", "https://hooks.example/pisang")
    code, _, note = shop.say(*set_, *hook)
    secret = re.search(r"whsec_\S+", note)
    assert code == 0
    assert secret
    again = shop.json(*set_, *hook)
    assert "hook_secret" not in again
    assert again["hook"] == "https://hooks.example/pisang"
    (found,) = shop.json("budgets", "list")
    assert "hook_secret" not in found
    for file in shop.data.rglob("*"):
        assert not file.is_file() or secret[0].rstrip(",").encode() not in file.read_bytes()
    assert shop.json(*set_, "--hook", "https://elsewhere.example")["hook_secret"] != secret[0]


def test_a_key_has_a_budget_of_its_own(shop: Commands) -> None:
    key = shop.json("keys", "create", "-p", "shop", "--budget", "2.50/week")["id"]
    (found,) = shop.json("budgets", "list", "--project", "shop")
    assert (found["key_id"], found["amount_usd"], found["period"]) == (key, "2.50", "week")
    assert key in shop.done("budgets", "list")


def test_what_caps_a_key_that_was_rotated_counts_for_both(shop: Commands) -> None:
    old = shop.json("keys", "create", "-p", "shop")["id"]
    new = shop.json("keys", "rotate", old)["id"]
    of = ("--project", "shop", "--key", old)
    assert shop.json("budgets", "set", *of, "--amount", "1")["key_id"] == new
    shop.done("limits", "set", *of, "--rpm", "7")
    for each in (old, new):
        (rpm,) = shop.json("limits", "list", "--project", "shop", "--key", each)
        assert (rpm["scope"], rpm["value"]) == (f"key:{new}", 7)


def test_a_rehearsal_is_told_from_a_bill(shop: Commands) -> None:
    for period in ("10m", "day", "total"):
        shop.done("budgets", "set", "--project", "shop", "--amount", "5", "--period", period)
    assert "rehearsal" not in shop.done("budgets", "list", "--project", "shop")
    shop.spend(billed(engine=SKETCH))
    found = shop.json("budgets", "list", "--project", "shop")
    assert [each["rehearsal_usd"] for each in found] == [each["spent_usd"] for each in found]
    assert shop.done("budgets", "list").count("rehearsal, not a bill") == 3
    shop.spend(billed())
    found = shop.json("budgets", "list", "--project", "shop")
    for each in found:
        assert Decimal(each["spent_usd"]) == 2 * Decimal(each["rehearsal_usd"]) > 0
    table = shop.done("budgets", "list", "--project", "shop")
    assert table.count(f"of it ${found[0]['rehearsal_usd']}: rehearsal, not a bill") == 3


def test_a_key_whose_budget_cannot_be_set_is_not_left_behind(shop: Commands) -> None:
    code, out, err = shop.say("keys", "create", "-p", "shop", "--budget", "2,50")
    assert (code, out, "an amount of dollars" in err) == (2, "", True)
    assert [each["state"] for each in shop.json("keys", "list")] == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--amount", "5", "--period", "year"), "year"),
        (("--amount", "-5"), "must not be negative"),
        (("--amount", "5", "--warn", "most"), "no percents"),
        (("--amount", "5", "--warn", "0"), "Warn at up to"),
        (("--amount", "5", "--hook", "ftp://x"), "an address of the web"),
        (("--amount", "5", "--key", "key_x"), "no such key"),
        (("--amount", "5", "--name", "x" * 64), "1 to 63 letters"),
        ((), "--amount"),
    ],
)
def test_a_mistake_is_told(shop: Commands, words: tuple[str, ...], why: str) -> None:
    code, out, err = shop.say("budgets", "set", "--project", "shop", *words)
    assert (code, out) == (2, "")
    assert why in err
    assert shop.json("budgets", "list") == []
