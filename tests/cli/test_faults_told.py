"""What a person at the command line reads for each fault of the server that they ask."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pisang.cli.exits import Exit
from pisang.cli.main import run
from pisang.faults.catalogue import FAULTS
from pisang.faults.fault import ErrorFault
from pisang.faults.telling import FailedCall, message
from tests.live import PISANG, Live, started

EXITS = {
    400: Exit.USAGE,
    401: Exit.NOT_ADMITTED,
    403: Exit.NOT_ADMITTED,
    404: Exit.USAGE,
    500: Exit.FAILURE,
    504: Exit.TRY_AGAIN,
}
OTHERS = {
    "no-image": (Exit.NO_IMAGE, "NO_IMAGE"),
    "image-safety": (Exit.NO_IMAGE, "Try rephrasing the prompt."),
    "image-other": (Exit.NO_IMAGE, "Try rephrasing the prompt."),
    "safety": (Exit.NO_IMAGE, "Say it in other words."),
    "prompt-blocked": (Exit.NO_IMAGE, "Say it in other words."),
    "max-tokens": (Exit.NO_IMAGE, "Ask for a smaller picture"),
    "text-only": (Exit.NO_IMAGE, "I cannot fulfill this request."),
    "empty-content": (Exit.NO_IMAGE, "say what the picture shows"),
    "null-parts": (Exit.NO_IMAGE, "say what the picture shows"),
    "no-candidates": (Exit.NO_IMAGE, "Try again."),
    "error-in-stream": (Exit.UNAVAILABLE, "The model is overloaded."),
    "bad-gateway": (Exit.UNAVAILABLE, "answered HTTP 502: Error 502 (Server Error)!!1\n"),
    "truncated-json": (Exit.FAILURE, "The server's answer cannot be read"),
    "garbled-bytes": (Exit.FAILURE, "The server's answer cannot be read"),
    "cut-connection": (Exit.TRY_AGAIN, "broke off"),
    "stalled-body=0.1": (Exit.TRY_AGAIN, "broke off"),
}
GOOD = ("several-images", "thought-drafts", "text-after", "huge-signature", "slow-body=0.1")


@dataclass(frozen=True)
class Told:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def unlucky(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server, and a key of a project that has whatever fault a test gives it."""
    with started(tmp_path_factory.mktemp("unlucky")) as server:
        for words in (("projects", "create", "unlucky"), ("keys", "create", "--project=unlucky")):
            command = [PISANG, *words, "--data", server.data]
            made = subprocess.run(command, check=True, capture_output=True, text=True)
        yield Live(server.url, made.stdout.strip(), server.data)


@pytest.fixture
def generate(
    unlucky: Live, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], Told]:
    """Asks for a picture of a project with a fault."""

    def run_it(*words: object) -> Told:
        with pytest.raises(SystemExit) as ended:
            run(list(map(str, words)))
        return Told(int(ended.value.code or 0), *capsys.readouterr())

    def asked(fault: str) -> Told:
        changed = run_it("projects", "update", "unlucky", "--fault", fault, "--data", unlucky.data)
        assert changed.code == 0
        asking = ("--server", unlucky.url, "--key", unlucky.key, "-o", tmp_path)
        return run_it("generate", "a fox", *asking)

    return asked


@pytest.mark.parametrize(
    "fault",
    [  # one of each status: the sentence goes the same way for all
        *("rpm", "prepay-depleted", "overloaded", "internal", "deadline", "user-location"),
        *("key-invalid", "unauthenticated", "billing-disabled", "model-gone"),
    ],
)
def test_an_error_is_told_in_googles_words(generate: Callable[[str], Told], fault: str) -> None:
    done = generate(fault)
    named = FAULTS[fault]
    assert isinstance(named, ErrorFault)
    value = named.argument.default if named.argument else None

    expected = Exit.TRY_AGAIN if named.quota else EXITS.get(named.status, Exit.UNAVAILABLE)
    assert done.code == (Exit.NOT_ADMITTED if fault == "key-invalid" else expected)
    said = message(named, FailedCall(model="gemini-3.1-flash-image"), value)
    assert done.err.strip() == f"pisang: {said}"
    assert done.out == ""


@pytest.mark.parametrize("fault", OTHERS)
def test_what_is_no_picture_is_told_with_what_to_do(
    generate: Callable[[str], Told], tmp_path: Path, fault: str
) -> None:
    done = generate(fault)
    expected, told = OTHERS[fault]

    assert done.code == expected, done.err
    assert told in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fault", GOOD)
def test_a_picture_in_an_unusual_answer_is_saved(
    generate: Callable[[str], Told], fault: str
) -> None:
    done = generate(fault)

    assert done.code == 0, done.err
    files = done.out.split()
    assert len(files) == (3 if fault == "several-images" else 1)
    assert all(Path(file).stat().st_size > 100_000 for file in files)
