"""The token endpoint's dialect: forms, answers, and a word for everything that goes wrong."""

import json
import re

import pytest

from pisang.core import errors
from pisang.core.errors import PisangError
from pisang.wire import oauth
from pisang.wire.faults import CLASSES

RFC_6749 = {
    "invalid_request",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "invalid_token",
    "server_error",
    "temporarily_unavailable",
}


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_has_a_word_and_a_status(kind: type[PisangError]) -> None:
    status, body = oauth.oauth(kind("A sentence."))
    assert body["error"] in RFC_6749
    assert body["error_description"] == "A sentence."
    assert 400 <= status <= 599
    ours = kind.fault is not errors.Fault.CALLER
    assert (body["error"] in ("server_error", "temporarily_unavailable")) is ours
    assert (status >= 500) is ours


def test_a_form_is_read_as_it_was_written() -> None:
    form = oauth.read_form(oauth.write_grant("a.b-c_d.e"), f"{oauth.FORM}; charset=utf-8")
    assert form == {"grant_type": oauth.JWT_BEARER, "assertion": "a.b-c_d.e"}
    assert oauth.read_form(b"", oauth.FORM.upper()) == {}
    assert oauth.read_form(b"a=&b=%C3%A9+x", oauth.FORM) == {"a": "", "b": "é x"}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"a=1", ""),
        (b"a=1", "multipart/form-data; boundary=x"),
        (b"{}", "application/json"),
        (b"a=1&a=1", oauth.FORM),
        (b"a=%ff", oauth.FORM),
        ("a=é".encode(), oauth.FORM),
        (b"&".join(b"%d=1" % n for n in range(21)), oauth.FORM),
    ],
)
def test_what_is_no_form_is_refused(body: bytes, kind: str) -> None:
    with pytest.raises(errors.MalformedRequest):
        oauth.read_form(body, kind)


def test_an_answer_is_read_as_it_was_written() -> None:
    body = json.dumps(oauth.answer("pst_x", seconds=60)).encode()
    assert oauth.read_answer(200, body) == ("pst_x", 60)


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (400, b'{"error":"invalid_grant","error_description":"No."}', "InvalidToken", "No."),
        (401, b'{"error":"unauthorized_client"}', "InvalidToken", "unauthorized_client"),
        (503, b'{"error":"server_error"}', "EngineUnavailable", "server_error"),
        (404, b'{"error":{"code":404,"message":"None."}}', "NotFound", "None."),
        (502, b"<html>", "EngineUnavailable", "502"),
        (200, b"<html>", "EngineFailed", "no access token"),
        (200, b'{"access_token":5}', "EngineFailed", "no access token"),
        (200, b"[]", "EngineFailed", "no access token"),
    ],
)
def test_answers_without_a_token_are_errors(status: int, body: bytes, kind: str, said: str) -> None:
    with pytest.raises(getattr(errors, kind), match=re.escape(said)):
        oauth.read_answer(status, body)
