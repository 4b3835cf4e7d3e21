"""What the headers of an error say: when to ask again, and that there is no use in it."""

import json

import pytest
from starlette.requests import Request

from pisang.core import errors
from pisang.core.errors import EngineError, PisangError
from pisang.core.upstream import Original
from pisang.surfaces.dialects import Dialect
from pisang.surfaces.refusals import _came_as_list, _for_strangers, envelope

GOOGLE = {"error": {"code": 401, "message": "No.", "status": "UNAUTHENTICATED", "details": []}}


def upstreams(kind: type[EngineError], status: int, body: bytes) -> EngineError:
    error = kind("It failed.", metadata={"engine": "studio"})
    error.original = Original(status, "application/json", body)
    return error


@pytest.mark.parametrize(("seconds", "told"), [(34.4, "35"), (0.1, "1"), (0, "1"), (11, "11")])
def test_a_wait_is_told_in_whole_seconds_and_never_too_short(seconds: float, told: str) -> None:
    error = errors.EngineRateLimited("Wait.", retry_after=seconds)

    for dialect in (Dialect.GEMINI, Dialect.VERTEX, Dialect.OPENAI):
        assert envelope(error, dialect=dialect).headers["retry-after"] == told


@pytest.mark.parametrize("kind", [errors.EngineBillingStopped, errors.EngineMisconfigured])
def test_openais_clients_are_told_not_to_try_again_what_cannot_pass(
    kind: type[EngineError],
) -> None:
    answer = envelope(kind("No."), dialect=Dialect.OPENAI)

    assert answer.headers["x-should-retry"] == "false"
    assert "retry-after" not in answer.headers
    assert "x-should-retry" not in envelope(kind("No."), dialect=Dialect.GEMINI).headers


@pytest.mark.parametrize("kind", [errors.EngineRateLimited, errors.EngineUnavailable])
def test_what_passes_may_be_tried_again(kind: type[PisangError]) -> None:
    assert "x-should-retry" not in envelope(kind("No."), dialect=Dialect.OPENAI).headers


def test_a_store_that_is_full_is_worth_another_try_and_one_that_is_damaged_is_not() -> None:
    full = errors.StoreUnavailable("The folder /secret is full.")
    shown = _for_strangers(full, "req_1")
    answer = envelope(shown, dialect=Dialect.GEMINI)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert "secret" not in shown.message
    damaged = _for_strangers(errors.StoreError("The folder /secret is damaged."), "req_1")
    answer = envelope(damaged, dialect=Dialect.GEMINI)
    assert (answer.status_code, "retry-after" in answer.headers) == (500, False)


def test_nobody_is_asked_for_another_credential_where_ours_was_refused() -> None:
    body = json.dumps(GOOGLE).encode()
    ours = upstreams(errors.EngineMisconfigured, 401, body)
    theirs = errors.InvalidToken("No.")

    assert envelope(ours, dialect=Dialect.VERTEX).status_code == 401
    assert "www-authenticate" not in envelope(ours, dialect=Dialect.VERTEX).headers
    assert "www-authenticate" in envelope(theirs, dialect=Dialect.VERTEX).headers


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/v1beta/models/m:streamGenerateContent", b' [{"error": {}}]', True),
        ("/v1beta/models/m:streamGenerateContent", b'{"error": {}}', False),
        ("/v1beta/models/m:generateContent", b'[{"error": {}}]', False),
    ],
)
def test_a_refusal_in_a_list_stays_in_one_where_answers_are(
    path: str, body: bytes, expected: bool
) -> None:
    call = Request({"type": "http", "method": "POST", "path": path, "headers": []})

    assert _came_as_list(call, upstreams(errors.EngineOverloaded, 429, body)) is expected
    assert not _came_as_list(call, errors.EngineUnavailable("Busy."))
