"""Errors on demand are Google's bytes, as recorded, and whole in every dialect."""

import json

import pytest

from pisang.faults.errors import ERRORS
from pisang.faults.fault import ErrorFault
from pisang.faults.telling import FailedCall, google, interactions, openai, printed
from tests.path.recorded import SHARED

RECORDINGS = SHARED / "recordings"
PROBES = RECORDINGS / "transcribed" / "live-probe-2026-09" / "errors_and_refusals.json"
BY_NAME = {fault.name: fault for fault in ERRORS}
SAME_AS = {
    "bad_api_key": "key-invalid",
    "aspect_bad_enum": "bad-aspect-ratio",
    "image_size_8K_on_pro": "bad-image-size",
    "responseFormat_delivery_uri": "invalid-argument",
    "rpm_quota": "rpm",
    "prepay_depleted": "prepay-depleted",
    "service_unavailable": "unavailable",
    "unknown_field": "unknown-name",
    "retired_model": "model-retired",
    "unknown_model": "model-gone",
}
"""What a live probe saw -> the fault that is the same."""


def recorded(*path: str) -> bytes:
    file = RECORDINGS.joinpath(*path)
    if not file.is_file():
        pytest.skip(f"{file} is not beside this checkout")
    return file.read_bytes()


def test_a_bad_key_is_byte_for_byte_as_recorded() -> None:
    told = printed(google(BY_NAME["key-invalid"], FailedCall(model="gemini-2.5-flash"), None))

    assert told == recorded(
        "ruby_llm",
        "chat_error_handling_with_gemini_gemini-2_5-flash_raises_appropriate_auth_error"
        ".response.json",
    )


def test_a_token_limit_is_byte_for_byte_as_recorded() -> None:
    call = FailedCall(model="gemini-2.5-flash")
    told = printed(google(BY_NAME["tpm"], call, 48.939935699))

    assert told == recorded(
        "ruby_llm",
        "chat_real_error_scenarios_gemini_gemini-2_5-flash_handles_context_length_exceeded_errors"
        ".response.json",
    ).replace(b"<GOOGLE_CLOUD_LOCATION>", b"global")


def test_a_model_that_vertex_has_not_is_as_recorded() -> None:
    name = "projects/fake-project/locations/us-central1/publishers/google/models/"
    model = "gemini-does-not-exist"
    call = FailedCall(model=model, vertex=True, name=name + model, lists_details=True)
    told = printed(google(BY_NAME["model-gone"], call, None))

    # The recording's file does not keep the line break at the end.
    assert told.rstrip() == recorded(
        "opentelemetry-contrib", "test_generate_content_missing_model.response.json"
    )


def test_a_model_that_the_gemini_api_has_not_says_what_was_recorded() -> None:
    body = recorded("pydantic-ai", "test_model_name_suggestion-google.response.json")
    told = google(BY_NAME["model-gone"], FailedCall(model="gemini-3.6-flahs"), None)

    assert told == json.loads(body)


@pytest.mark.parametrize(("case", "name"), SAME_AS.items())
def test_what_a_live_probe_saw_is_the_same_here(case: str, name: str) -> None:
    cases = json.loads(recorded(*PROBES.relative_to(RECORDINGS).parts))["cases"]
    seen = next(one for one in cases if one["name"] == case)["body"]["error"]
    model = seen["message"].partition("models/")[2].partition(" ")[0]
    fault = BY_NAME[name]
    default = fault.argument.default if fault.argument else None
    told = google(fault, FailedCall(model=model), default)["error"]

    assert (told["code"], told["status"]) == (seen["code"], seen["status"])
    assert ("details" in told) == ("details" in seen)
    if name not in ("rpm", "unknown-name"):  # those were seen for another limit, another name
        # The probe's author cut long sentences short.
        beginning = seen["message"].partition("…")[0].partition(" gemini-3.6-flash")[0]
        beginning = beginning.partition(" to use models/")[0]
        assert told["message"].startswith(beginning)


@pytest.mark.parametrize("fault", ERRORS, ids=lambda fault: fault.name)
@pytest.mark.parametrize("vertex", [False, True])
def test_every_error_is_a_whole_envelope_in_every_dialect(
    fault: ErrorFault, *, vertex: bool
) -> None:
    call = FailedCall(model="gemini-3-pro-image", vertex=vertex)
    value = fault.argument.default if fault.argument else None
    error = google(fault, call, value)["error"]
    status, other = openai(fault, call, value)

    assert list(error)[:3] == ["code", "message", "status"]
    assert error["code"] == fault.status
    assert "{" not in json.dumps(error["message"])
    assert all(
        detail["@type"].startswith("type.googleapis.com/") for detail in error.get("details", [])
    )
    assert other["error"]["message"] == error["message"]
    assert 400 <= status < 600
    assert interactions(fault, call, value)["error"]["code"] == error["status"].lower()


def test_when_to_retry_is_what_was_asked_for() -> None:
    for name, seconds, told in (("rpm", 2, "2s"), ("overloaded", 0.5, "0.5s")):
        error = google(BY_NAME[name], FailedCall(model="m"), seconds)["error"]
        assert error["details"][-1]["retryDelay"] == told
    assert "details" not in google(BY_NAME["overloaded"], FailedCall(model="m"), None)["error"]


def test_a_limit_of_nothing_names_no_value() -> None:
    error = google(BY_NAME["free-tier"], FailedCall(model="m"), 1)["error"]

    assert "limit: 0, model: m" in error["message"]
    (violation,) = error["details"][1]["violations"]
    assert "quotaValue" not in violation


def test_no_name_stands_for_two_errors() -> None:
    assert len(BY_NAME) == len(ERRORS)
