"""Tickets: what a browser carries is believed only as it was given, for its purpose and time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.core.errors import SignInFailed
from pisang.signin import tickets

SECRET = b"a secret of a server"


def test_a_ticket_says_what_was_written() -> None:
    made = tickets.written(SECRET, "begun", {"state": "ä", "to": ""}, seconds=60)
    assert tickets.read(SECRET, "begun", made) == {"state": "ä", "to": ""}


def test_a_ticket_is_for_one_purpose_one_server_and_some_time() -> None:
    made = tickets.written(SECRET, "begun", {}, seconds=60)
    for secret, purpose in ((SECRET, "code"), (b"another", "begun")):
        with pytest.raises(SignInFailed, match="did not begin here"):
            tickets.read(secret, purpose, made)
    old = tickets.written(SECRET, "begun", {}, seconds=-1)
    with pytest.raises(SignInFailed, match="too long"):
        tickets.read(SECRET, "begun", old)


@given(st.text(max_size=80), st.integers(0, 40))
def test_nothing_else_is_a_ticket(noise: str, place: int) -> None:
    made = tickets.written(SECRET, "begun", {"user": "usr_1"}, seconds=60)
    for text in (noise, noise + "." + noise, made[:place] + noise + made[place + 1 :]):
        if text != made:
            with pytest.raises(SignInFailed):
                tickets.read(SECRET, "begun", text)
