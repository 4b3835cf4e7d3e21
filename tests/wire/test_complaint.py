"""Whatever shape an error answer has, what it says is found; what cannot be read is not said."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.wire.complaint import Complaint, Quota, read

GOOGLE = {"error": {"code": 429, "message": "No.", "status": "RESOURCE_EXHAUSTED"}}


def dumped(tree: object) -> bytes:
    return json.dumps(tree).encode()


@pytest.mark.parametrize(
    ("body", "message", "status", "codes"),
    [
        (dumped(GOOGLE), "No.", 429, {"resource_exhausted"}),
        (dumped([GOOGLE]), "No.", 429, {"resource_exhausted"}),
        (dumped([{"candidates": []}, GOOGLE]), "No.", 429, {"resource_exhausted"}),
        (b"data: " + dumped(GOOGLE) + b"\n\n", "No.", 429, {"resource_exhausted"}),
        (b"event: error\ndata: " + dumped(GOOGLE), "No.", 429, {"resource_exhausted"}),
        (dumped({"error": {"message": "No.", "type": "A", "code": "B"}}), "No.", None, {"a", "b"}),
        (dumped({"error": {"message": "No.", "code": "not_found"}}), "No.", 404, {"not_found"}),
        (dumped({"error": {"message": "No.", "code": "429"}}), "No.", 429, {"429"}),
        (dumped({"error": "No."}), "No.", None, set()),
        (dumped({"error": "bad", "message": "No.", "code": 503}), "No.", 503, set()),
        (dumped({"message": "No.", "type": "server_error"}), "No.", None, {"server_error"}),
        (dumped({"detail": "No."}), "No.", None, set()),
        (dumped({"message": "No."}), "No.", None, set()),
        (dumped({"detail": [1]}), "", None, set()),
        (b"[]", "", None, set()),
    ],
)
def test_every_shape_is_read(
    body: bytes, message: str, status: int | None, codes: set[str]
) -> None:
    said = read(body)

    assert (said.message, said.status, said.page) == (message, status, False)
    assert said.codes == codes


def test_a_page_is_its_words() -> None:
    said = read(b"<html><h1>502\n Bad</h1> Gateway</html>")

    assert (said.message, said.page, said.envelope) == ("502 Bad Gateway", True, False)


def test_nothing_says_nothing() -> None:
    assert read(b"") == read(b"  \n") == Complaint()


@pytest.mark.parametrize("length", range(12, 70, 3))
def test_what_was_cut_is_read_as_far_as_it_goes(length: int) -> None:
    whole = dumped(GOOGLE)

    said = read(whole[:length])

    assert "No.".startswith(said.message)
    assert said.status == (429 if length > 22 else None)


def test_an_envelope_inside_of_a_message_counts() -> None:
    inside = {"error": {"message": f"upstream said {json.dumps(GOOGLE)}", "type": "relay"}}

    said = read(dumped(inside), 500)

    assert (said.message, said.status) == ("No.", 429)
    assert said.codes == {"relay", "resource_exhausted"}


def test_an_envelope_inside_of_a_request_that_is_quoted_does_not() -> None:
    quoted = {"error": {"message": f"Invalid value: {json.dumps(GOOGLE)}", "code": 400}}

    assert read(dumped(quoted), 400).status == 400
    assert read(dumped({"error": {"message": json.dumps(GOOGLE), "code": 400}}), 400).status == 429


def test_limits_are_read_and_a_limit_of_none_is_seen() -> None:
    violations = [
        {"quotaId": "A", "quotaMetric": "m", "quotaValue": "5"},
        {"quotaMetric": "n"},
        {"quotaId": 7},
        5,
    ]
    details = [{"violations": violations}, {"retryDelay": "3s"}, 4]
    tree = {"error": {"code": 429, "message": "limit: 10, limit: 0.5", "details": details}}

    said = read(dumped(tree))

    assert said.quotas == (Quota("A", "m", "5"), Quota("", "n", ""))
    assert (said.retry_delay, said.zero) == ("3s", False)
    tree["error"]["message"] = "limit: 0, model: x"
    assert read(dumped(tree)).zero


def test_limits_may_stand_in_the_metadata_of_an_error() -> None:
    told = {"quota_limit": "APerMinute", "quota_metric": "m", "quota_limit_value": "0"}
    info = {"reason": "RATE_LIMIT_EXCEEDED", "metadata": {**told, "consumer": "projects/1"}}
    details: list[object] = [info, {"metadata": {"service": "s"}}, {"metadata": 7}]
    tree = {"error": {"code": 429, "message": "No.", "details": details}}

    said = read(dumped(tree))

    assert (said.quotas, said.zero) == ((Quota("APerMinute", "m", "0"),), True)
    details.append({"violations": [{"quotaId": "B"}]})
    assert read(dumped(tree)).quotas == (Quota("B"),)


@given(st.binary(max_size=200), st.none() | st.integers(0, 999))
def test_reading_never_fails(body: bytes, status: int | None) -> None:
    for prefix in (b"", b"{", b'{"error": ', b'{"error": {"message": "{'):
        assert isinstance(read(prefix + body, status), Complaint)


def test_deep_and_endless_bodies_are_read_quickly() -> None:
    body = b'{"error": {"message": "No.", "code": 500}}'
    for _ in range(9):
        body = dumped({"error": {"message": body.decode(), "code": 500}})

    assert read(body, 500).status == 500
    assert read(b"[" * 500_000).page
    assert len(read(dumped({"error": {"message": "x" * 500_000}})).message) <= 4000
