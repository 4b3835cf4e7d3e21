"""What need not be read again: all of it while nobody else writes, and nothing of it afterwards."""

import pytest

from pisang.ledger import remembered
from pisang.ledger.remembered import Remembered
from pisang.ledger.state import Account, Needs
from tests.ledger.conftest import NOON

_KEY = ("project:p", "m", "rpm")


def _needs() -> Needs:
    return Needs(projects={"p"}, counters={_KEY}, spending={("bud_1", 0)}, concurrent={"p"})


def _read() -> Remembered:
    """After a transaction that found an account of a project, and nothing else."""
    known = Remembered()
    state, needs = known.state(now=NOON, owner="o"), known.missing(_needs())
    state.accounts["p"] = Account(granted=5)
    state.load_concurrent({"p"}, [("p", "k", "m", 2)])
    known.learned(state, needs)
    return known


def test_what_was_read_is_not_missing_and_what_was_not_there_neither() -> None:
    known = _read()
    assert not known.missing(_needs())
    more = Needs(projects={"p", "q"}, holds={"hold_1"}, references={("p", "r")})
    left = Needs(projects={"q"}, holds={"hold_1"}, references={("p", "r")})
    assert known.missing(more) == left


def test_a_transaction_goes_on_where_the_one_before_has_ended() -> None:
    known = _read()
    state = known.state(now=NOON, owner="o")
    state.changed_account("p").held += 3
    state.window(_KEY).add(int(NOON), 4)
    later = known.state(now=NOON + 30, owner="o")
    assert later.account("p") == Account(granted=5, held=3)
    assert later.window(_KEY).used == 4
    assert not later.window(_KEY).changed  # in this one
    assert not later.changes.accounts
    assert later.concurrent["key:k", "*", "concurrent"] == 2


def test_a_counter_that_is_remembered_slides_on() -> None:
    known = _read()
    known.state(now=NOON, owner="o").window(_KEY).add(int(NOON), 4)
    assert known.state(now=NOON + 60, owner="o").window(_KEY).used == 4
    assert known.state(now=NOON + 61, owner="o").window(_KEY).used == 0


def test_what_is_forgotten_has_to_be_read_again() -> None:
    known = _read()
    known.forget()
    assert known.missing(_needs()) == _needs()
    assert known.state(now=NOON, owner="o").account("p") == Account()


def test_projects_without_limits_are_too_many_some_day_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(remembered, "_MOST", 3)
    known = Remembered()
    for number in range(4):
        assert not known.full
        known.state(now=NOON, owner="o").account(f"p{number}")
    assert known.full
