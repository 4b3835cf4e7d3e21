"""A caller gets the upstream's own words and ours beside them, in the dialect they speak."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.core import errors
from pisang.core.errors import EngineError
from pisang.core.upstream import Broken, Dialect, Symptom
from pisang.routing.told import MOST, error_of
from pisang.routing.triage import triage
from pisang.wire import faults, payload
from pisang.wire.openai.faults import openai

RPC = "type.googleapis.com/google.rpc."
BAD_KEY = {
    "error": {
        "code": 400,
        "message": "API key not valid. Please pass a valid API key.",
        "status": "INVALID_ARGUMENT",
        "details": [
            {
                "@type": RPC + "ErrorInfo",
                "reason": "API_KEY_INVALID",
                "domain": "googleapis.com",
                "metadata": {"service": "generativelanguage.googleapis.com"},
            },
            {"@type": RPC + "LocalizedMessage", "locale": "en-US", "message": "No."},
        ],
    }
}
LIMIT = {
    "error": {
        "status": "RESOURCE_EXHAUSTED",  # an order that is not ours
        "code": 429,
        "details": [
            {"@type": RPC + "QuotaFailure", "violations": [{"quotaId": "RequestsPerMinute"}]},
            {"@type": RPC + "RetryInfo", "retryDelay": "34.4s"},
        ],
        "message": "You exceeded your current quota. ümläut",
        "unheard": [1.0, {"of": None}],
    }
}
OPENAIS = {
    "error": {"message": "Slow down.", "type": "requests", "param": None, "code": "rate_limit"}
}
PAGE = b"<html><body>" + b"<b>502 Bad Gateway</b>" * 9 + b"</body></html>"


def failed(status: int | None, body: object, **more: Any) -> EngineError:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    symptom = Symptom(dialect=more.pop("dialect", Dialect.GEMINI), status=status, body=data, **more)
    return error_of(triage(symptom), symptom, engine="studio", attempts=["studio#0 429", "b#1"])


def as_google(error: EngineError) -> tuple[int, dict[str, Any]]:
    status, written = faults.google(error)
    tree: dict[str, Any] = json.loads(b"".join(payload.pieces(written)))
    return status, tree


def as_openai(error: EngineError) -> tuple[int, dict[str, Any]]:
    status, written = openai(error)
    said: dict[str, Any] = json.loads(b"".join(payload.pieces(written)))["error"]
    return status, said


def ours(details: list[dict[str, Any]]) -> dict[str, Any]:
    (info,) = [row for row in details if row.get("domain") == "pisang"]
    return info


@pytest.mark.parametrize(("status", "body"), [(400, BAD_KEY), (429, LIMIT)])
def test_googles_envelope_is_kept_and_ours_is_put_behind_it(status: int, body: Any) -> None:
    got, tree = as_google(failed(status, body))

    info = tree["error"]["details"].pop()
    assert (got, tree) == (status, body)
    assert list(tree["error"]) == list(body["error"])
    assert info["domain"] == "pisang"
    assert info["@type"] == RPC + "ErrorInfo"


@pytest.mark.parametrize("none", [{}, {"details": None}])
def test_an_envelope_without_details_gets_them_at_its_end(none: dict[str, Any]) -> None:
    error = {"code": 503, "message": "Overloaded.", "status": "UNAVAILABLE"}

    _, tree = as_google(failed(503, {"error": error | none}))

    assert list(tree["error"]) == ["code", "message", "status", "details"]
    assert [row["reason"] for row in tree["error"]["details"]] == ["ENGINE_UNAVAILABLE"]


def test_a_list_is_read_like_what_is_in_it() -> None:
    assert as_google(failed(429, [LIMIT])) == as_google(failed(429, LIMIT))


def test_our_words_say_which_engine_what_was_tried_and_what_to_do() -> None:
    error = failed(429, LIMIT)

    info = ours(as_google(error)[1]["error"]["details"])

    assert info["reason"] == "ENGINE_RATE_LIMITED"
    assert info["metadata"] == {
        "engine": "studio",
        "kind": "rate-minute",
        "fault": "upstream",
        "attempts": "studio#0 429; b#1",
        "quota_id": "RequestsPerMinute",
        "advice": triage(Symptom(dialect=Dialect.GEMINI, status=429,
                                 body=json.dumps(LIMIT).encode())).advice,
    }  # fmt: skip
    assert error.retry_after == 34.4


def test_a_bad_key_of_ours_is_not_taken_for_the_callers() -> None:
    error = failed(400, BAD_KEY)

    status, tree = as_google(error)
    info = ours(tree["error"]["details"])

    assert type(error) is errors.EngineMisconfigured
    assert (status, tree["error"]["message"]) == (400, BAD_KEY["error"]["message"])
    assert (info["reason"], info["metadata"]["fault"]) == ("ENGINE_MISCONFIGURED", "operator")
    assert "the caller's own is fine" in info["metadata"]["advice"]


@pytest.mark.parametrize(("status", "body"), [(400, BAD_KEY), (429, LIMIT)])
def test_our_own_client_reads_our_words_first(status: int, body: object) -> None:
    sent = failed(status, body)
    got, tree = as_google(sent)

    back = faults.from_google(got, json.dumps(tree).encode())

    assert type(back) is type(sent)
    assert back.metadata == sent.metadata
    assert back.message == tree["error"]["message"]


def test_of_two_of_our_kind_the_nearer_one_counts() -> None:
    body = {"error": {"code": 503, "message": "x", "status": "UNAVAILABLE"}}
    _, far = as_google(failed(503, body))
    got, tree = as_google(failed(503, far))

    tree["error"]["details"][0]["metadata"]["engine"] = "far"

    back = faults.from_google(got, json.dumps(tree).encode())
    assert back.metadata["engine"] == "studio"


def test_a_page_becomes_an_envelope_that_quotes_it() -> None:
    status, tree = as_google(failed(502, PAGE))

    assert (status, tree["error"]["status"]) == (503, "UNAVAILABLE")
    assert "502 Bad Gateway" in tree["error"]["message"]
    assert "<" not in tree["error"]["message"]
    assert len(tree["error"]["details"]) == 1
    assert ours(tree["error"]["details"])["metadata"]["kind"] == "bad-gateway"


def test_another_dialect_becomes_an_envelope_that_quotes_it() -> None:
    status, tree = as_google(failed(429, OPENAIS, dialect=Dialect.OPENAI))

    assert (status, tree["error"]["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert '"Slow down."' in tree["error"]["message"]


def test_a_cut_body_becomes_an_envelope() -> None:
    status, tree = as_google(failed(429, json.dumps(LIMIT).encode()[:250]))

    assert status == 429
    assert ours(tree["error"]["details"])["metadata"]["quota_id"] == "RequestsPerMinute"


def test_no_answer_at_all_is_told_without_what_only_the_operator_may_know() -> None:
    error = failed(None, b"", broken=Broken.CONNECT, detail="No connection to 10.0.0.7:80.")

    status, tree = as_google(error)

    assert error.original is None
    assert (status, "10.0.0.7" in json.dumps(tree)) == (503, False)
    assert "nobody answers" in tree["error"]["message"]


def test_a_very_long_body_is_not_handed_on() -> None:
    body = {"error": {"code": 500, "message": "x" * MOST * 2, "status": "INTERNAL"}}

    error = failed(500, body)
    _, tree = as_google(error)

    assert error.original is not None
    assert len(error.original.body) == MOST
    assert len(json.dumps(tree)) < 4000


def test_an_error_inside_of_an_answer_of_status_200_has_the_status_that_it_names() -> None:
    body = {"error": {"code": 503, "message": "No.", "status": "UNAVAILABLE"}}

    status, tree = as_google(failed(200, body))

    assert (status, tree["error"]["message"]) == (503, "No.")


def test_a_long_list_of_attempts_keeps_its_end() -> None:
    symptom = Symptom(dialect=Dialect.GEMINI, status=503)
    many = [f"studio#{number} 503" for number in range(200)]

    error = error_of(triage(symptom), symptom, engine="studio", attempts=many)

    assert len(error.metadata["attempts"]) <= 600
    assert error.metadata["attempts"].endswith("studio#199 503")


def test_openais_envelope_is_kept_for_openais_callers() -> None:
    error = failed(429, OPENAIS, dialect=Dialect.OPENAI)

    status, said = as_openai(error)

    assert (status, {name: said[name] for name in OPENAIS["error"]}) == (429, OPENAIS["error"])
    assert list(said)[:4] == list(OPENAIS["error"])
    assert (said["reason"], said["google_code"]) == ("ENGINE_RATE_LIMITED", "RESOURCE_EXHAUSTED")
    assert ours(said["details"]) == faults.our_info(error)


def test_openais_callers_get_googles_status_and_message() -> None:
    error = failed(429, LIMIT)

    status, said = as_openai(error)

    assert (status, said["message"]) == (429, LIMIT["error"]["message"])
    assert (said["type"], said["code"]) == ("rate_limit_error", "rate_limit_exceeded")
    assert (said["reason"], said["google_code"]) == ("ENGINE_RATE_LIMITED", "RESOURCE_EXHAUSTED")
    assert ours(said["details"])["metadata"]["engine"] == "studio"
    assert said["details"][:-1] == LIMIT["error"]["details"]


@pytest.mark.parametrize(
    ("status", "body", "type_", "code"),
    [
        (404, {"code": 404, "message": "models/x is not found", "status": "NOT_FOUND"},
         "invalid_request_error", "model_not_found"),
        (429, {"code": 429, "message": "Your prepayment credits are depleted.",
               "status": "RESOURCE_EXHAUSTED"}, "insufficient_quota", "insufficient_quota"),
        (400, {"code": 400, "message": "It violates our Responsible AI practices.",
               "status": "INVALID_ARGUMENT"},
         "image_generation_user_error", "moderation_blocked"),
    ],
)  # fmt: skip
def test_openais_callers_find_openais_words(
    status: int, body: dict[str, Any], type_: str, code: str
) -> None:
    got, said = as_openai(failed(status, {"error": body}))

    assert (got, said["type"], said["code"]) == (status, type_, code)


def test_a_status_that_means_your_key_is_not_for_openais_callers_of_googles_engine() -> None:
    body = {"error": {"code": 401, "message": "Bad token.", "status": "UNAUTHENTICATED"}}

    got, said = as_openai(failed(401, body))

    assert (got, said["reason"]) == (400, "ENGINE_MISCONFIGURED")
    assert said["message"].startswith("Bad token. Look at `credentials`")
    assert said["google_code"] == "UNAUTHENTICATED"


@given(
    body=st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers(-600, 600) | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "code", "message", "status", "details", "type"]),
            inner, max_size=5),
    ).map(lambda tree: json.dumps(tree).encode()),
    status=st.none() | st.integers(100, 999),
)  # fmt: skip
def test_whatever_came_there_is_an_error_with_our_word_once(
    body: bytes, status: int | None
) -> None:
    error = failed(status, body)

    for got, details in (
        (as_google(error)[0], as_google(error)[1]["error"]["details"]),
        (as_openai(error)[0], as_openai(error)[1]["details"]),
    ):
        assert 400 <= got < 600
        found = [row for row in details if isinstance(row, dict) and row.get("domain") == "pisang"]
        assert [row["reason"] for row in found] == [error.reason]
