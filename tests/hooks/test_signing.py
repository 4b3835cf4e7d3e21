"""Signatures of web hooks: those of Standard Webhooks, to the letter."""

import base64
import re

import pytest

from pisang.core.errors import RequestError
from pisang.hooks.signing import checked_secret, headers, new_secret, signature

# The example of the specification of Standard Webhooks.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_example_of_the_specification_is_signed_as_it_says() -> None:
    assert signature(ID, AT, BODY, SECRET) == SIGNATURE
    assert headers(ID, AT, BODY, SECRET) == {
        "content-type": "application/json",
        "webhook-id": ID,
        "webhook-timestamp": str(AT),
        "webhook-signature": SIGNATURE,
    }


@pytest.mark.parametrize(
    ("id_", "at", "body"), [("msg_2", AT, BODY), (ID, AT + 1, BODY), (ID, AT, BODY + b" ")]
)
def test_whatever_is_changed_the_signature_is_another(id_: str, at: int, body: bytes) -> None:
    assert signature(id_, at, body, SECRET) != SIGNATURE


def test_secrets_are_long_and_differ() -> None:
    made = {new_secret() for _ in range(20)}
    assert len(made) == 20
    for secret in made:
        assert re.fullmatch(r"whsec_[A-Za-z0-9+/=]{44}", secret)
        assert checked_secret(secret) == secret


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "a word",
        "whsec_",
        "whsec_!!!!",
        "whsec_" + base64.b64encode(b"x" * 23).decode(),
        "whsec_" + base64.b64encode(b"x" * 65).decode(),
    ],
)
def test_a_secret_that_is_none_is_refused_and_not_repeated(wrong: str) -> None:
    with pytest.raises(RequestError, match="24 to 64 bytes") as caught:
        checked_secret(wrong)
    assert not wrong or wrong == "whsec_" or wrong not in caught.value.message


def test_without_a_secret_nothing_is_signed() -> None:
    assert "webhook-signature" not in headers(ID, AT, BODY, "")
