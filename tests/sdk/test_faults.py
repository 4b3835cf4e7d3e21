"""Google's and OpenAI's own SDKs meet faults: the classes they raise, the retries they make."""

import json
import shutil
import subprocess
from typing import Any

import pytest
from google import genai
from google.genai import errors, types

from pisang.faults.errors import ERRORS
from pisang.faults.fault import ErrorFault
from pisang.faults.telling import FailedCall, google, message
from tests.live import PISANG, ROOT, Live, absent
from tests.sdk.running import JAVASCRIPT

MODEL = "gemini-3-pro-image"
PROGRAM = ROOT / "tests" / "sdk" / "programs" / "openai_faults_program.py"
QUICK = types.HttpRetryOptions(attempts=3, initial_delay=0.01, max_delay=0.05)


@pytest.fixture(scope="session")
def key(live: Live) -> str:
    """A key that may order faults."""
    words = ["keys", "create", "--allow", "faults", "--data", live.data]
    made = subprocess.run([PISANG, *words], check=True, capture_output=True, text=True)
    return made.stdout.strip()


def client_of(
    live: Live, key: str, fault: str, *, vertex: bool = False, **options: Any
) -> genai.Client:
    sent = types.HttpOptions(base_url=live.url, headers={"x-pisang-fault": fault}, **options)
    return genai.Client(api_key=key, vertexai=vertex, http_options=sent)


def draw(client: genai.Client) -> types.GenerateContentResponse:
    return client.models.generate_content(model=MODEL, contents="a cat")


@pytest.mark.parametrize("fault", [e for e in ERRORS if not e.page], ids=lambda fault: fault.name)
@pytest.mark.parametrize("vertex", [False, True], ids=["developer", "vertex"])
def test_google_genai_has_all_of_an_error(
    live: Live, key: str, fault: ErrorFault, *, vertex: bool
) -> None:
    with pytest.raises(errors.APIError) as caught:
        draw(client_of(live, key, fault.name, vertex=vertex))
    value = fault.argument.default if fault.argument else None
    version = "v1beta1" if vertex else "v1"  # what this version of the SDK asks for
    call = FailedCall(model=MODEL, version=version, vertex=vertex)

    assert isinstance(caught.value, errors.ServerError) == (fault.status >= 500)
    assert (caught.value.code, caught.value.status) == (fault.status, fault.word)
    assert caught.value.message == message(fault, call, value)
    assert caught.value.details == google(fault, call, value)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("no-image", "NO_IMAGE"),
        ("image-safety", "IMAGE_SAFETY"),
        ("image-other", "IMAGE_OTHER"),
        ("image-prohibited-content", "IMAGE_PROHIBITED_CONTENT"),
        ("image-recitation", "IMAGE_RECITATION"),
        ("safety", "SAFETY"),
        ("prohibited-content", "PROHIBITED_CONTENT"),
        ("max-tokens", "MAX_TOKENS"),
        ("text-only", "STOP"),
        ("empty-content", "STOP"),
        ("no-parts", "STOP"),
        ("null-parts", "STOP"),
    ],
)
def test_google_genai_reads_a_refusal(live: Live, key: str, fault: str, reason: str) -> None:
    for vertex in (False, True):
        client = client_of(live, key, fault, vertex=vertex)
        response = draw(client)
        assert response.candidates
        assert response.candidates[0].finish_reason == types.FinishReason[reason]
        assert bool(response.parts) == (fault == "text-only")
        chunks = list(client.models.generate_content_stream(model=MODEL, contents="a cat"))
        assert chunks[-1].candidates
        assert chunks[-1].candidates[0].finish_reason == types.FinishReason[reason]


def test_google_genai_reads_a_blocked_prompt(live: Live, key: str) -> None:
    response = draw(client_of(live, key, "prompt-blocked"))

    assert response.candidates is None
    assert response.prompt_feedback
    assert response.prompt_feedback.block_reason == types.BlockedReason.PROHIBITED_CONTENT


def test_google_genai_gets_drafts_as_thoughts(live: Live, key: str) -> None:
    parts = draw(client_of(live, key, "thought-drafts")).parts or []

    assert [bool(part.thought) for part in parts] == [True, True, False]
    assert all(part.as_image() for part in parts)


def test_google_genai_recovers_from_two_failures_when_it_may_retry(live: Live, key: str) -> None:
    fault = "overloaded;times=2"
    response = draw(client_of(live, key, fault, retry_options=QUICK))
    assert response.candidates

    with pytest.raises(errors.ServerError):
        draw(client_of(live, key, fault))  # the count began again, and this client gives up


def test_google_genai_raises_what_breaks_a_stream(live: Live, key: str) -> None:
    def chunks(fault: str) -> list[types.GenerateContentResponse]:
        client = client_of(live, key, fault)
        return list(client.models.generate_content_stream(model=MODEL, contents="a cat"))

    with pytest.raises(errors.APIError, match="overloaded"):
        chunks("error-in-stream")
    for fault in ("cut-stream", "truncated-json", "garbled-bytes"):
        with pytest.raises(Exception):  # noqa: B017, PT011 - whatever its HTTP library raises
            chunks(fault)
    assert len(chunks("duplicated-final-chunk")) == 2


def test_google_genai_has_a_timeout_of_its_own(live: Live, key: str) -> None:
    with pytest.raises(Exception, match=r"(?i)time"):
        draw(client_of(live, key, "slow-first-byte=20", timeout=500))


def test_google_genai_gives_interactions_an_error_by_its_status(live: Live, key: str) -> None:
    client = client_of(live, key, "prepay-depleted")

    with pytest.raises(Exception, match="prepayment credits are depleted") as caught:
        client.interactions.create(model=MODEL, input="a cat")
    assert getattr(caught.value, "status_code", 0) == 429


ASKED = (
    # A call, its fault, how often it may retry, and what OpenAI's SDK makes of it.
    ("images", "rpm=1", 0, ["RateLimitError", "rate_limit_exceeded"]),
    ("images", "prepay-depleted", 0, ["RateLimitError", "insufficient_quota"]),
    ("images", "key-invalid", 0, ["AuthenticationError", "invalid_api_key"]),
    ("images", "permission-denied", 0, ["PermissionDeniedError", None]),
    ("images", "model-gone", 0, ["NotFoundError", "model_not_found"]),
    ("images", "bad-aspect-ratio", 0, ["BadRequestError", None]),
    ("images", "payload-too-large", 0, ["APIStatusError", "request_too_large"]),
    ("images", "internal", 0, ["InternalServerError", None]),
    ("images", "bad-gateway", 0, ["InternalServerError", None]),
    ("images", "image-safety", 0, ["BadRequestError", "moderation_blocked"]),
    ("images", "no-image", 0, ["BadRequestError", "no_image"]),
    ("images", "overloaded=0.1;times=2", 2, 1),
    ("images", "cut-connection", 0, ["APIConnectionError", None]),
    ("images_stream", "deadline", 0, ["InternalServerError", None]),
    ("images_stream", "error-in-stream", 0, ["APIError", "engine_unavailable"]),
    ("chat", "shared-capacity", 0, ["RateLimitError", "rate_limit_exceeded"]),
    ("chat", "image-safety", 0, "content_filter"),
    ("chat", "max-tokens", 0, "length"),
    ("chat", "several-images", 0, "stop"),
    ("chat_stream", "unavailable", 0, ["InternalServerError", None]),
    ("chat_stream", "error-in-stream", 0, ["APIError", "engine_unavailable"]),
    ("responses", "unauthenticated", 0, ["AuthenticationError", "invalid_api_key"]),
    ("responses", "text-only", 0, "completed"),
    ("responses", "max-tokens", 0, "incomplete"),
)


@pytest.mark.parametrize("environment", ["openai-1", "openai-3"])
def test_openai_raises_the_class_of_each_error(live: Live, key: str, environment: str) -> None:
    python = ROOT / ".cache" / "sdk" / environment / "bin" / "python"
    if not python.exists():
        absent(environment)
    asked = [[call, fault, retries] for call, fault, retries, _ in ASKED]
    target = json.dumps({"url": live.url, "key": key, "asked": asked})
    done = subprocess.run(
        [python, PROGRAM, target], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)

    for call, fault, _, expected in ASKED:
        outcome = told[f"{call} {fault}"]
        seen = outcome[:2] if isinstance(outcome, list) else outcome
        assert seen == expected, (call, fault, outcome)


GENAI_PACKAGES = ("genai-2.32", "genai-newest")
OF_GOOGLE = (
    # A fault, whether streamed, and what @google/genai makes of it.
    ("rpm", False, {"raised": "ApiError", "status": 429}),
    ("key-invalid", False, {"raised": "ApiError", "status": 400}),
    ("overloaded", True, {"raised": "ApiError", "status": 503}),
    ("bad-gateway", False, {"raised": "ApiError", "status": 502}),
    ("error-in-stream", True, {"raised": "ApiError", "status": 503}),
    ("image-safety", False, {"finish": "IMAGE_SAFETY", "pictures": 0}),
    ("no-image", True, {"finish": "NO_IMAGE", "pictures": 0}),
    ("null-parts", False, {"finish": "STOP", "pictures": 0}),
    ("prompt-blocked", False, {"blocked": "PROHIBITED_CONTENT", "finish": None}),
    ("several-images", False, {"finish": "STOP", "pictures": 3}),
    ("thought-drafts", False, {"finish": "STOP", "pictures": 1}),
)
OF_OPENAI = (
    # A fault, how often it may retry, and what OpenAI's package makes of it.
    ("rpm=1", 0, {"raised": "RateLimitError", "status": 429}),
    ("key-invalid", 0, {"raised": "AuthenticationError", "status": 401}),
    ("internal", 0, {"raised": "InternalServerError", "status": 500}),
    ("image-safety", 0, {"raised": "BadRequestError", "status": 400}),
    ("overloaded=1;times=2", 2, 1),
)


def test_javascripts_sdks_make_the_same_of_faults(live: Live, key: str) -> None:
    node = shutil.which("node")
    if node is None or not (JAVASCRIPT / "node_modules" / "openai").exists():
        absent("node with the vendors' packages")
    target = {
        "url": live.url,
        "key": key,
        "packages": GENAI_PACKAGES,
        "google": [[fault, stream] for fault, stream, _ in OF_GOOGLE],
        "openai": [[fault, retries] for fault, retries, _ in OF_OPENAI],
    }
    done = subprocess.run(
        [str(node), JAVASCRIPT / "faults.mjs", json.dumps(target)],
        cwd=JAVASCRIPT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)

    for package in GENAI_PACKAGES:
        for fault, stream, expected in OF_GOOGLE:
            seen = told[f"{package} {fault} {'stream' if stream else 'whole'}"]
            assert seen | expected == seen, (package, fault)
    for fault, _, outcome in OF_OPENAI:
        seen = told[f"openai {fault}"]
        assert outcome == (seen if isinstance(outcome, int) else {k: seen[k] for k in outcome})
