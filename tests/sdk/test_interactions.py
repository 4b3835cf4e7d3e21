"""Google's Interactions API by its official clients, of both generations, unmodified."""

import functools
import json
import shutil
import subprocess
from dataclasses import dataclass
from typing import Any

import pytest

from tests.live import ROOT, Account, Live, absent
from tests.sdk.running import JAVASCRIPT, PROGRAMS, environment

CALLS = (
    "create",
    "form",
    "edit",
    "continued",
    "stateless",
    "stream",
    "resumed",
    "background",
    "cancelled",
    "deleted",
    "by_link",
    "include_input",
    "wrong_value",
    "unknown_model",
    "bad_key",
)
IN_PYTHON_ONLY = ("include_input",)
WITH_AN_ACCOUNT = ("create", "continued", "stream", "resumed", "cancelled", "deleted")

NIGHT = 'Drew "Hello", red cat, tree and meadow at night.'


@dataclass(frozen=True)
class Kind:
    """A client: where it is installed, which generation it reads, how it signs in."""

    environment: str
    generation: str = "steps"
    mode: str = "developer"

    @property
    def python(self) -> bool:
        return self.environment.startswith("google-genai")

    @property
    def calls(self) -> tuple[str, ...]:
        if self.mode == "account":
            return WITH_AN_ACCOUNT
        return tuple(call for call in CALLS if self.python or call not in IN_PYTHON_ONLY)


KINDS = (
    Kind("google-genai-3.4.0"),
    Kind("google-genai-2.34.0"),
    Kind("google-genai-1.75.0", "outputs"),
    Kind("google-genai-3.4.0", mode="account"),
    Kind("google-genai-1.75.0", "outputs", mode="account"),
    Kind("genai-2.32"),
    Kind("genai-newest"),
)
PAIRS = [(kind, call) for kind in KINDS for call in kind.calls]
IDS = [f"{kind.environment} {kind.mode} {call}" for kind, call in PAIRS]


@functools.cache
def outcomes(kind: Kind, live: Live, account: Account | None) -> dict[str, Any]:
    """What the program of a client printed: a call's name -> its outcome."""
    target = {
        "url": live.url,
        "key": live.key,
        "mode": kind.mode,
        "generation": kind.generation,
        "environment": kind.environment,
        "project": account and account.project,
        "calls": kind.calls,
    }
    done = subprocess.run(
        [*command(kind), json.dumps(target)],
        cwd=PROGRAMS if kind.python else JAVASCRIPT,
        env=environment(account),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answers


def command(kind: Kind) -> list[str]:
    if kind.python:
        python = ROOT / ".cache" / "sdk" / kind.environment / "bin" / "python"
        if not python.exists():
            absent(kind.environment)
        return [str(python), str(PROGRAMS / "interactions_program.py")]
    node = shutil.which("node")
    if node is None or not (JAVASCRIPT / "node_modules" / kind.environment).exists():
        absent(f"node with {kind.environment}")
    return [str(node), str(JAVASCRIPT / "interactions.mjs")]


@pytest.mark.parametrize(("kind", "call"), PAIRS, ids=IDS)
def test_client(kind: Kind, call: str, live: Live, request: pytest.FixtureRequest) -> None:
    account = request.getfixturevalue("account") if kind.mode == "account" else None
    seen = outcomes(kind, live, account)[call]
    if call in REFUSED:
        status, words = REFUSED[call]
        assert "error" in seen, seen
        assert seen["error"]["status"] == status
        assert words in seen["error"]["message"]
        return
    assert "answer" in seen, seen
    EXPECTED[call](seen["answer"], kind)


REFUSED = {
    "deleted": (404, "There is no interaction 'v1_"),
    "wrong_value": (400, "aspectRatio 7:5 is not supported"),
    "unknown_model": (404, "models/gemini-9 is not found"),
    "bad_key": (400, "API key not valid"),
}


def _drawn(answer: dict[str, Any], size: list[int], *, words: bool = True) -> None:
    assert answer["status"] == "completed"
    assert answer["model"] == "gemini-3.1-flash-image"
    assert answer["sizes"] == [size]
    assert bool(answer["text"]) is words
    assert answer["signed"] is True
    assert answer["tokens"] > 1120
    assert answer["modalities"] == (["text", "image"] if words else ["image"])


def _create(answer: Any, kind: Kind) -> None:
    _drawn(answer, [1024, 1024])
    assert answer.get("class", "Interaction") == "Interaction", kind


def _form(answer: Any, _: Kind) -> None:
    old, new, media_type = answer
    _drawn(old, [1376, 768], words=False)
    _drawn(new, [1376, 768], words=False)
    assert media_type == "image/jpeg"


def _edit(answer: Any, _: Kind) -> None:
    _drawn(answer, [1264, 848])
    assert "hat" in answer["text"]


def _continued(answer: Any, _: Kind) -> None:
    first, second, found, same = answer
    _drawn(first, [1024, 1024])
    _drawn(second, [1024, 1024])
    assert second["text"] == NIGHT  # the scene itself went on, not its pixels
    assert found == second
    assert same is True


def _stateless(answer: Any, _: Kind) -> None:
    _drawn(answer, [1024, 1024])
    assert answer["text"] == NIGHT


def _stream(answer: Any, kind: Kind) -> None:
    new = kind.generation == "steps"
    names = answer["names"]
    begin, end = ("created", "completed") if new else ("start", "complete")
    assert names[:2] == [f"interaction.{begin}", "interaction.status_update"]
    assert names[-1] == f"interaction.{end}"
    inner = "step" if new else "content"
    assert set(names[2:-1]) == {f"{inner}.{verb}" for verb in ("start", "delta", "stop")}
    assert answer["deltas"][-3:] == ["thought_signature", "text", "image"]
    assert set(answer["deltas"][:-3]) == {"thought_summary"}
    assert answer["sizes"] == [[1024, 1024]]
    assert answer["status"] == "completed"
    assert answer["tokens"] > 1120
    if kind.python:
        classes = {
            f"{'Step' if new else 'Content'}{verb}" for verb in ("Start", "Delta", "Stop")
        } | {f"Interaction{begin.title()}Event", f"Interaction{end.title()}Event"}
        assert set(answer["classes"]) == classes | {"InteractionStatusUpdate"}
        assert not [name for name in answer["delta_classes"] if "Unknown" in name]


def _resumed(answer: Any, _: Kind) -> None:
    assert answer is True


def _background(answer: Any, _: Kind) -> None:
    began, made = answer
    assert began == "in_progress"
    _drawn(made, [1024, 1024])


def _cancelled(answer: Any, _: Kind) -> None:
    assert answer == "cancelled"


def _by_link(answer: Any, _: Kind) -> None:
    (link,) = answer
    assert "/assets/img_" in link
    assert "signature=" in link


def _include_input(answer: Any, kind: Kind) -> None:
    name, text = answer
    assert name == ("UserInputStep" if kind.generation == "steps" else "Turn")
    assert "a red cube" in text


EXPECTED = {
    "create": _create,
    "form": _form,
    "edit": _edit,
    "continued": _continued,
    "stateless": _stateless,
    "stream": _stream,
    "resumed": _resumed,
    "background": _background,
    "cancelled": _cancelled,
    "by_link": _by_link,
    "include_input": _include_input,
}
