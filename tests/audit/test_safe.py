"""What the audit log never holds: secrets, by their names or their looks, and prompts."""

import json
from typing import Any

import pytest

from pisang.accounts.credentials import new_secret
from pisang.audit.safe import NO_PROMPT, digest_of, safe
from pisang.core.ids import new_id

KEYS = [
    new_secret("psk_"),
    new_secret("pst_"),
    "AIzaSyA1234567890abcdefghijklmnopqrstuv",
    "sk-proj-abcdef0123456789",
    "ya29.a0AfH6SMBx1234567890",
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_0123456789abcdef0123",
    "0123456789abcdef0123456789abcdef",
    "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZg==",
    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----\n",
]


@pytest.mark.parametrize("key", KEYS, ids=[key[:4] for key in KEYS])  # some are new each time
@pytest.mark.parametrize(
    "around",
    [
        lambda key: {"name": key},
        lambda key: {"note": f"the key is {key}, keep it"},
        lambda key: {"options": {"list": ["a", {"deep": key}]}},
        lambda key: {"base_url": f"https://relay.example/v1?k={key}"},
    ],
)
def test_what_looks_like_a_key_is_taken_out_wherever_it_stands(key: str, around: Any) -> None:
    said = json.dumps(safe(around(key)))
    for line in key.splitlines():
        assert line.strip("=") not in said
    assert "sha256:" in said


@pytest.mark.parametrize(
    "name",
    ["api_keys", "key", "password", "client_secret", "hook_secret", "credentials", "access_token"],
)
@pytest.mark.parametrize("value", ["x", "hunter2", ["one", "two"], {"inside": "it"}])
def test_texts_of_fields_that_are_secret_are_taken_out_however_they_look(
    name: str, value: Any
) -> None:
    said = json.dumps(safe({name: value}))
    for secret in ("hunter2", '"x"', '"one"', '"it"'):
        assert secret not in said


def test_one_sees_whether_a_secret_was_changed_and_not_to_what() -> None:
    old, new = safe({"key": KEYS[0]}), safe({"key": KEYS[1]})
    assert old != new
    assert safe({"key": KEYS[0]}) == old == {"key": digest_of(KEYS[0])}


@pytest.mark.parametrize(
    "fields",
    [
        {"api_keys": ["env:GEMINI_API_KEY", "file:/srv/pisang/secrets/Key-Number-1-of-2"]},
        {"credentials": "adc"},
        {"key_id": new_id("key"), "project": new_id("prj"), "keys": [new_id("key")]},
        {"models": ["gemini-3-pro-image-preview", "imagen-4.0-ultra-generate-001"]},
        {"name": "a key for the phone", "role": "owner", "rpm": 10, "on": True, "none": None},
        {"amount": "12.500000001", "principal": "user:somebody.with.a.long.name@example.com"},
        {"token_minutes": 60, "keys_shown": False},
    ],
)
def test_what_is_no_secret_stays(fields: dict[str, Any]) -> None:
    assert safe(fields) == fields


def test_prompts_are_taken_out_unless_they_may_stay() -> None:
    asked = {"prompt": "a banana", "deep": {"contents": [{"text": "a banana"}]}, "model": "m"}
    assert safe(asked) == {"prompt": NO_PROMPT, "deep": {"contents": NO_PROMPT}, "model": "m"}
    assert safe(asked, prompts=True) == asked


def test_names_and_passwords_in_addresses_are_taken_out() -> None:
    said = safe({"url": "https://me:pass@relay.example/v1"})["url"]
    assert said.startswith("https://sha256:")
    assert said.endswith("@relay.example/v1")
    assert "pass" not in said


def test_a_long_text_is_cut_short() -> None:
    said = safe({"note": "word " * 10_000})["note"]
    assert len(said) < 21_000
    assert said.endswith("(50000 characters)")


def test_sets_are_written_in_order() -> None:
    assert safe({"models": {"b", "a"}}) == {"models": ["a", "b"]}
