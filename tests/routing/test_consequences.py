"""The table of triage is whole, and its rows keep the three rules that stand at its head."""

import pytest

from pisang.core.errors import EngineBillingStopped, EngineMisconfigured, Fault
from pisang.routing.consequences import TABLE, diagnosis
from pisang.routing.diagnosis import Kind, Scope


def test_every_kind_has_a_row() -> None:
    assert list(TABLE) == list(Kind)


@pytest.mark.parametrize("kind", Kind)
def test_every_row_says_what_it_is_and_what_a_person_should_do(kind: Kind) -> None:
    row = TABLE[kind]

    assert row.what == row.what[0].lower() + row.what[1:] or row.what.startswith("Cloudflare")
    assert not row.what.endswith(".")
    assert row.advice.endswith((".", "?", ".)", "?)."))
    assert len(row.advice) < 260  # a caller gets it in every error


@pytest.mark.parametrize("kind", Kind)
def test_money_is_never_spent_on_hope(kind: Kind) -> None:
    row = TABLE[kind]

    if row.out:
        assert (row.retry, row.alarm, row.fault) == (False, True, Fault.OPERATOR)
        assert row.scope in (Scope.KEY, Scope.MODEL)
        assert "let it back in" in row.advice or "let the key back in" in row.advice
    if row.error is EngineBillingStopped:
        assert row.out


@pytest.mark.parametrize("kind", Kind)
def test_a_request_at_fault_makes_nobody_sick(kind: Kind) -> None:
    row = TABLE[kind]

    if row.fault is Fault.CALLER:
        assert (row.scope, row.retry, row.alarm) == (Scope.REQUEST, False, False)
    if row.scope is Scope.REQUEST:
        assert (row.delay, row.out) == (None, False)


@pytest.mark.parametrize("kind", Kind)
def test_an_answer_is_charged_and_an_error_is_not(kind: Kind) -> None:
    row = TABLE[kind]

    assert row.charged is (row.error is None)
    if row.error is None:
        assert (row.retry, row.fail_over) == (False, False)


@pytest.mark.parametrize("kind", Kind)
def test_what_an_operator_has_to_mend_is_their_fault_and_names_no_caller(kind: Kind) -> None:
    row = TABLE[kind]

    if row.error is EngineMisconfigured:
        assert row.fault is Fault.OPERATOR
        # It is not asked again and again meanwhile, unless the caller may be to blame after all.
        assert row.out or row.delay or kind is Kind.DENIED


def test_a_delay_that_was_told_goes_before_the_rows() -> None:
    assert diagnosis(Kind.SPENDING_RATE).delay == 600
    assert diagnosis(Kind.SPENDING_RATE, delay=5).delay == 5
    assert diagnosis(Kind.RATE_MINUTE, delay=0).delay == 0


def test_whoever_is_out_has_no_delay() -> None:
    assert diagnosis(Kind.BILLING_STOPPED, delay=3).delay is None
