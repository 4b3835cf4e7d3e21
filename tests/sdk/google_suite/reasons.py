"""The table of Google's tests that cannot pass here: reasons written by people, tests sorted in."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

PLACE = Path(__file__).with_name("reasons.toml")
_HEAD = """\
# Why some of Google's own tests cannot pass here. `why` and `says` are written by people (`says`
# is a pattern for what the test failed with); the lists of tests and the number of those that pass
# are written by PISANG_TEST_WRITE=1 pytest tests/sdk/google_suite.
"""


@dataclass(frozen=True)
class Reason:
    """``why`` for readers; ``says`` must be found in the failure; ``only`` in the test's name."""

    why: str
    says: str
    only: str = ""
    tests: tuple[str, ...] = ()

    def fits(self, test: str, failure: str) -> bool:
        return bool(re.search(self.says, failure, re.DOTALL) and re.search(self.only, test))


def read() -> list[Reason]:
    """The table as it is kept."""
    rows = tomllib.loads(PLACE.read_text(encoding="utf-8"))["reason"]
    return [Reason(**{**row, "tests": tuple(row.get("tests", ()))}) for row in rows]


def recorded() -> int:
    """How many tests passed when the table was written."""
    return int(tomllib.loads(PLACE.read_text(encoding="utf-8"))["passed"])


def sorted_under(
    reasons: list[Reason], failed: Mapping[str, str]
) -> tuple[list[Reason], dict[str, str]]:
    """The reasons with the failed tests that each explains, and the failures nothing explains.

    The first reason that fits takes a test.
    """
    left, found = dict(failed), []
    for reason in reasons:
        tests = sorted(test for test, failure in left.items() if reason.fits(test, failure))
        found.append(replace(reason, tests=tuple(tests)))
        left = {test: failure for test, failure in left.items() if test not in tests}
    return found, left


def write(reasons: list[Reason], *, passed: int) -> None:
    """Keeps the table, in the order of its reasons."""
    blocks = [_HEAD, f"passed = {passed}\n"]
    for reason in reasons:
        lines = ["[[reason]]", f"why = {_quoted(reason.why)}", f"says = {_quoted(reason.says)}"]
        if reason.only:
            lines.append(f"only = {_quoted(reason.only)}")
        lines += ["tests = [", *(f"  {_quoted(test)}," for test in reason.tests), "]", ""]
        blocks.append("\n".join(lines))
    PLACE.write_text("\n".join(blocks), encoding="utf-8")


def section(reasons: list[Reason], *, passed: int) -> str:
    """The piece of ``docs/compatibility.md`` about the suite: each test that fails, by reason."""
    failed = sum(len(reason.tests) for reason in reasons)
    lines = [f"{passed} tests pass; {failed} cannot, for {len(reasons)} reasons:", ""]
    for reason in sorted(reasons, key=lambda one: -len(one.tests)):
        count = f"{len(reason.tests)} test{'s' if len(reason.tests) > 1 else ''}"
        lines += ["<details>", f"<summary>{count}: {_html(reason.why)}</summary>", ""]
        lines += [*(f"- `{test}`" for test in reason.tests), "", "</details>", ""]
    return "\n".join(lines)


def _html(text: str) -> str:
    """Markdown is not read inside a summary, so code is marked as HTML marks it."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", text)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
