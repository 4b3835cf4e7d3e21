"""Every error of ours has an envelope, and every envelope gives an error back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.core import errors
from pisang.core.errors import Code, PisangError, Violation
from pisang.wire import faults, payload
from pisang.wire.gemini import response

ALL = faults.CLASSES


def envelope(error: PisangError) -> tuple[int, dict[str, object], bytes]:
    status, written = faults.google(error)
    body = b"".join(payload.pieces(written))
    return status, json.loads(body)["error"], body


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_error_has_code_reason_and_envelope(kind: type[PisangError]) -> None:
    assert kind.__doc__
    assert kind.reason.isupper()
    status, error, _ = envelope(kind("Say it."))
    assert (error["code"], error["status"]) == (status, kind.code.value)
    assert 400 <= status < 600
    assert str(error["message"]).endswith("Say it.")
    infos = [d for d in error["details"] if d["@type"].endswith("ErrorInfo")]
    assert [info["reason"] for info in infos] == [kind.reason]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_error_has_an_envelope_on_vertex_ai(kind: type[PisangError]) -> None:
    status, written = faults.google(kind("Say it."), vertex=True)
    error = json.loads(b"".join(payload.pieces(written)))["error"]
    assert (error["code"], faults.HTTP_STATUS[Code(error["status"])]) == (status, status)
    assert error["message"].endswith("Say it.")
    (info,) = (d for d in error["details"] if d["@type"].endswith("ErrorInfo"))
    assert "generativelanguage" not in json.dumps(info)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_error_comes_back_as_itself(kind: type[PisangError]) -> None:
    sent = kind(
        "Say it.",
        violations=(Violation("contents[0]", "why"), Violation("", "at the root")),
        retry_after=2.5,
        metadata={"model": "x"},
    )
    status, _, body = envelope(sent)
    back = faults.from_google(status, body)
    assert type(back) is kind
    assert back.message.endswith("Say it.")
    assert back.violations == sent.violations
    assert (back.retry_after, back.metadata) == (3, {"model": "x"})  # whole seconds


def test_reasons_are_distinct() -> None:
    assert len({kind.reason for kind in ALL}) == len(ALL)


def test_the_whole_tree_is_known() -> None:
    kinds, found = [PisangError], set[type[PisangError]]()
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if kind.__module__ == errors.__name__:
            found.add(kind)
    assert found == set(ALL)


def test_a_subclass_of_another_room_has_an_envelope_and_comes_back_as_its_parent() -> None:
    class Elsewhere(errors.NotFound):
        def __init__(self, one: int, two: int) -> None:
            super().__init__(f"{one} and {two}")

    status, _, body = envelope(Elsewhere(1, 2))
    assert type(faults.from_google(status, body)) is errors.NotFound


def test_every_code_has_a_status() -> None:
    assert set(faults.HTTP_STATUS) == set(errors.Code)


def test_a_bad_key_looks_exactly_like_googles() -> None:
    _, error, _ = envelope(errors.InvalidKey(""))
    text = "API key not valid. Please pass a valid API key."
    assert error == {
        "code": 400,
        "message": text,
        "status": "INVALID_ARGUMENT",
        "details": [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "API_KEY_INVALID",
                "domain": "googleapis.com",
                "metadata": {"service": "generativelanguage.googleapis.com"},
            },
            {
                "@type": "type.googleapis.com/google.rpc.LocalizedMessage",
                "locale": "en-US",
                "message": text,
            },
        ],
    }


def test_googles_sentence_stands_before_ours() -> None:
    _, error, _ = envelope(errors.MissingCredential("Send x-goog-api-key."))
    assert str(error["message"]).startswith("Method doesn't allow unregistered callers")
    assert str(error["message"]).endswith("Send x-goog-api-key.")


def test_fields_to_blame_are_listed() -> None:
    _, error, _ = envelope(errors.MalformedRequest("No.", field="contents[0].role"))
    assert error["details"][0] == {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{"field": "contents[0].role", "description": "No."}],
    }


def test_a_time_to_wait_is_told_in_whole_seconds_and_never_too_short() -> None:
    _, error, _ = envelope(errors.EngineUnavailable("Busy.", retry_after=11.769242877))
    assert error["details"][-1]["retryDelay"] == "12s"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, b'{"error":{"code":404,"message":"m","status":"NOT_FOUND"}}', errors.NotFound),
        (429, b'[{"error":{"status":"RESOURCE_EXHAUSTED"}}]', errors.EngineUnavailable),
        (500, b'{"error":{"message":"m","status":"NEW_WORD"}}', errors.EngineError),
        (504, b"", errors.EngineTimeout),
        (502, b"<html>Bad Gateway</html>", errors.EngineUnavailable),
        (400, b'{"error":"plain"}', errors.RequestError),
        (418, b"\xff\x00", errors.EngineError),
        (403, b'{"error":{"details":[1,{"@type":5},{"@type":"x.ErrorInfo","reason":{}}]}}',
         errors.PermissionDenied),
        (503, b'{"error":{"message":5,"details":{"a":1},"status":[]}}', errors.EngineUnavailable),
    ],
)  # fmt: skip
def test_any_error_body_gives_an_error(status: int, body: bytes, kind: type[PisangError]) -> None:
    error = faults.from_google(status, body)
    assert type(error) is kind
    assert error.message


def test_a_wait_that_google_asks_for_is_read() -> None:
    body = {"error": {"message": "m", "status": "RESOURCE_EXHAUSTED", "details": [
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.4s"}]}}  # fmt: skip
    assert faults.from_google(429, json.dumps(body).encode()).retry_after == 34.4


WORDS = st.sampled_from(
    ["error", "message", "status", "details", "@type", "x.ErrorInfo", "x.BadRequest", "reason",
     "x.RetryInfo", "retryDelay", "5s", "fieldViolations", "field", "NOT_FOUND", "metadata"]
)  # fmt: skip
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=25,
)


@given(st.integers(100, 599), TREES.map(lambda tree: json.dumps({"error": tree}).encode()))
def test_no_error_body_is_too_strange_to_read(status: int, body: bytes) -> None:
    error = faults.from_google(status, body)
    assert isinstance(error, PisangError)
    assert error.message
    json.dumps(faults.google(error)[1])


@given(TREES.map(lambda tree: json.dumps({"error": tree, "candidates": tree}).encode()))
def test_an_error_where_an_answer_should_be_is_raised_whatever_its_shape(body: bytes) -> None:
    with pytest.raises(PisangError):
        response.decode(body)
