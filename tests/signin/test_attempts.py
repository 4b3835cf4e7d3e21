"""Attempts to sign in: a few, then a pause; what one person does shuts few others out."""

import pytest

from pisang.core.errors import TooManyAttempts
from pisang.signin.attempts import MOST, SECONDS, Attempts


class Clock:
    at = 0.0

    def __call__(self) -> float:
        return self.at


def admitted(attempts: Attempts, times: int, email: str, address: str) -> int:
    count = 0
    for _ in range(times):
        try:
            attempts.admit(email, address)
        except TooManyAttempts:
            continue
        count += 1
    return count


def test_a_few_attempts_then_a_pause_that_is_told() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    assert admitted(attempts, 100, "ana", "one") == MOST["both"]
    clock.at += 60
    with pytest.raises(TooManyAttempts) as caught:
        attempts.admit("ana", "one")
    assert caught.value.retry_after == SECONDS - 60
    clock.at += SECONDS - 60
    assert admitted(attempts, 100, "ana", "one") == MOST["both"]


def test_who_signed_in_starts_anew() -> None:
    attempts = Attempts(Clock())
    for _ in range(10):
        attempts.admit("ana", "one")
        attempts.passed("ana", "one")
    assert admitted(attempts, 9, "ana", "one") == MOST["both"]


def test_one_address_cannot_try_everybody_and_nobody_shuts_a_person_out_from_there() -> None:
    attempts = Attempts(Clock())
    names = [f"user{number}" for number in range(100)]
    assert sum(admitted(attempts, 1, name, "bad") for name in names) == MOST["address"]
    assert admitted(attempts, 1, "user0", "good") == 1


def test_many_addresses_cannot_try_one_person_for_ever() -> None:
    attempts = Attempts(Clock())
    tried = sum(admitted(attempts, 1, "ana", f"host{number}") for number in range(500))
    assert tried == MOST["email"]


def test_what_is_over_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pisang.signin.attempts._KEPT", 30)
    clock = Clock()
    attempts = Attempts(clock)
    for number in range(200):
        clock.at += SECONDS / 5
        attempts.admit(f"user{number}", f"host{number}")
        assert len(attempts._made) <= 33
