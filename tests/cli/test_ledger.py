"""``pisang ledger`` on a data folder: exact amounts, in the spellings that scripts rely on."""

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from pisang.catalog.charges import Rates
from pisang.core.events import Usage
from pisang.core.money import Money
from tests.cli.nouns import Commands
from tests.ledger.billed import SKETCH, billed


@pytest.fixture
def shop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Commands:
    commands = Commands(capsys, tmp_path / "data")
    commands.done("projects", "create", "shop", "--prepaid")
    return commands


def test_a_balance_is_topped_up_and_spent_to_the_nano_dollar(shop: Commands) -> None:
    assert shop.done("ledger", "top-up", "--project", "shop", "--amount", "5.00") == (
        "Topped up shop by $5.00. Available: $5.00.\n"
    )
    shop.done("ledger", "top-up", "--project", "shop", "--amount", "0.000000001")
    before = shop.json("ledger", "balance", "--project", "shop")
    assert (before["available_usd"], before["held_usd"], before["posted_usd"]) == (
        "5.000000001",
        "0.00",
        "0.00",
    )
    bill = billed()
    shop.spend(bill)
    after = shop.json("ledger", "balance", "--project", "shop")
    assert Decimal(after["posted_usd"]) == bill.amount.dollars
    assert Decimal(after["available_usd"]) == Decimal("5.000000001") - bill.amount.dollars
    assert after["rehearsal_usd"] == "0.00"


def test_nothing_caps_a_project_that_pays_afterwards_until_a_budget_does(shop: Commands) -> None:
    shop.done("projects", "create", "open")
    assert shop.json("ledger", "balance", "--project", "open")["available_usd"] is None
    assert "available  no cap" in shop.done("ledger", "balance", "--project", "open")
    shop.done("budgets", "set", "--project", "open", "--amount", "3", "--period", "day")
    assert shop.json("ledger", "balance", "--project", "open")["available_usd"] == "3.00"
    shop.done("budgets", "set", "--project", "open", "--amount", "1", "--name", "w", "--warn-only")
    assert shop.json("ledger", "balance", "--project", "open")["available_usd"] == "3.00"


def test_a_reference_counts_once(shop: Commands) -> None:
    top_up = ("ledger", "top-up", "--project", "shop", "--amount", "5", "--reference", "invoice 7")
    assert [shop.json(*top_up)["repeated"] for _ in range(2)] == [False, True]
    assert shop.json("ledger", "balance", "--project", "shop")["available_usd"] == "5.00"
    other = (*top_up[:5], "6", *top_up[6:])
    assert shop.say(*other)[0] == 2


def test_a_correction_goes_down_too_and_says_why(shop: Commands) -> None:
    adjust = ("ledger", "adjust", "--project", "shop", "--note", "charged twice")
    assert "Adjusted shop by -$1.20." in shop.done(*adjust, "--amount=-1.20")
    (entry,) = shop.json("ledger", "entries", "--project", "shop")
    assert (entry["kind"], entry["amount_usd"], entry["note"]) == (
        "adjust",
        "-1.20",
        "charged twice",
    )
    assert entry["actor"].startswith("local:")


@pytest.mark.parametrize(
    ("amount", "why"),
    [
        ("5,00", "an amount of dollars"),
        ("$5", "an amount of dollars"),
        ("1e3", "an amount of dollars"),
        ("0", "must not be 0"),
        ("-5", "must not be negative"),
        ("0.0000000001", "more than nine decimals"),
    ],
)
def test_what_is_no_amount_is_told_and_changes_nothing(
    shop: Commands, amount: str, why: str
) -> None:
    code, out, err = shop.say("ledger", "top-up", "--project", "shop", f"--amount={amount}")
    assert (code, out, why in err) == (2, "", True)
    assert shop.json("ledger", "entries") == []


def test_entries_are_filtered_and_a_rehearsal_is_told_from_a_bill(shop: Commands) -> None:
    shop.done("ledger", "top-up", "--project", "shop", "--amount", "5")
    shop.spend(billed(), billed(engine=SKETCH))
    posts = shop.json("ledger", "entries", "--project", "shop", "--kind", "post")
    assert sorted((each["engine"], each["rehearsal"]) for each in posts) == [
        ("sketch", True),
        ("studio", False),
    ]
    for each in posts:
        assert each["requests"] == 1
        again = Rates.read(each["rates"]).cost(Usage(**each["usage"]))
        assert again.total == Money.of(each["cost_usd"])
        parts = sum(Decimal(part) for part in each["components_usd"].values())
        assert parts == Decimal(each["amount_usd"]) + Decimal(each["absorbed_usd"])
    (one,) = shop.json("ledger", "entries", "--request", "req_1", "--kind", "post")
    assert one["id"] in {each["id"] for each in posts}
    table = shop.done("ledger", "entries", "--kind", "post")
    assert table.count("rehearsal, not a bill") == 1
    code, _, err = shop.say("ledger", "entries", "-n", "1")
    assert (code, "more than these 1" in err) == (0, True)
    assert shop.say("ledger", "entries", "-n", "1001")[0] == 2  # and not a thousand of them
    code, _, err = shop.say("ledger", "entries", "--kind", "psot")
    assert (code, "Did you mean 'post'?" in err) == (2, True)
    assert shop.json("ledger", "entries", "--to", "2020-01-01") == []
    assert "rehearsal, not a bill" in shop.done("ledger", "balance", "-p", "shop")
    assert shop.json("ledger", "holds") == []


def test_books_that_are_right_and_books_that_are_not(shop: Commands) -> None:
    shop.done("ledger", "top-up", "--project", "shop", "--amount", "5")
    shop.spend()
    found = shop.json("ledger", "verify")
    assert (found["right"], found["bills"], found["findings"]) == (True, 1, [])
    assert "all is right" in shop.done("ledger", "verify", "--project", "shop")
    engine = create_engine(f"sqlite:///{shop.data / 'pisang.db'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE ledger_accounts SET posted = posted + 1"))
    engine.dispose()
    code, out, _ = shop.say("ledger", "verify")
    assert code == 1
    assert "FAIL  " in out
    assert "do not fit" in out
    code, out, _ = shop.say("ledger", "verify", "--json")
    assert (code, '"right": false' in out) == (1, True)


def test_a_bill_of_an_upstream_is_compared(shop: Commands, tmp_path: Path) -> None:
    bill = billed()
    shop.spend(bill, project="default")
    (entry,) = shop.json("ledger", "entries", "--kind", "post")
    file = tmp_path / "bill.csv"
    file.write_text(f"day,model,Price\n{entry['at'][:10]},{bill.model},{bill.cost.dollars}\n")
    reconcile = ("ledger", "reconcile", str(file), "--utc")
    code, _, err = shop.say(*reconcile, "--column", "Price")
    assert (code, "names no column" in err) == (2, True)
    named = (*reconcile, "--column", "amount=Price")
    assert "0 differ" in shop.done(*named)
    assert "$0.00" in shop.done(*named, "--all")
    file.write_text(f"day,model,cost\n{entry['at'][:10]},{bill.model},9.99\n")
    code, out, _ = shop.say(*reconcile)
    assert (code, "$9.99" in out, "1 differ" in out) == (1, True, True)
    assert shop.say(*reconcile, "--tolerance", "10")[0] == 0
    assert shop.say("ledger", "reconcile", str(tmp_path / "none.csv"))[0] == 2


def test_a_mistyped_folder_is_not_an_empty_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (("balance", "-p", "x"), ("entries",), ("verify",), ("holds",)):
        code, _, err = Commands(capsys, tmp_path / "typo").say("ledger", *words)
        assert (code, "There is no data folder" in err) == (2, True)
    assert not (tmp_path / "typo").exists()


def test_a_top_up_has_the_least_amount_that_the_operator_wants(
    shop: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PISANG_LEAST_TOP_UP", "10.00")
    words = ("ledger", "top-up", "--project", "shop", "--amount")
    code, _, err = shop.say(*words, "9.999999999")
    assert code == 2
    assert "$10.00 at least" in err
    shop.done(*words, "10")
