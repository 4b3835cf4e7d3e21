"""Writes the tables of ``docs/resilience.md`` from what happened."""

from collections.abc import Iterator, Mapping
from typing import Final

from tests.live import ROOT
from tests.routing.matrix import GROUPS, Fault
from tests.routing.playing import Run, When
from tools.docs.__main__ import filled

PAGE: Final = ROOT / "docs" / "resilience.md"
PIECE: Final = "matrix"
LONG: Final = 3600
Runs = Mapping[tuple[str, When, bool], Run]
"""What became of a fault (by ``what``), and whether a stream was asked for."""


def renewed(runs: Runs) -> str:
    """The page as it must be."""
    tables = ("\n".join(table(title, faults, runs)) for title, faults in GROUPS.items())
    return filled(PAGE.read_text("utf-8"), PIECE, "\n\n".join(tables))


def table(title: str, faults: tuple[Fault, ...], runs: Runs) -> Iterator[str]:
    yield f"### {title}\n"
    yield (
        f"| the upstream | what that is | {' | '.join(when.value for when in When)} "
        "| the engine then |"
    )
    yield "|---|---|---|---|---|---|---|"
    for fault in faults:
        kinds = {run.kind for (what, _, _), run in runs.items() if what == fault.what} - {""}
        kind = ", ".join(f"`{kind}`" for kind in sorted(kinds))
        kind = kind or ("an answer" if fault.answered else "seen too late")
        cells = (_both(fault, when, runs) for when in When)
        left = runs[fault.what, When.BESIDE, True].left or "goes on"
        yield f"| {fault.what} | {kind} | {' | '.join(cells)} | {left} |"


def _both(fault: Fault, when: When, runs: Runs) -> str:
    stream = _told(runs[fault.what, when, True])
    if fault.whole is None:
        return stream
    whole = _told(runs[fault.what, when, False])
    return whole if whole == stream else f"whole: {whole}; stream: {stream}"


def _told(run: Run) -> str:
    """One outcome in a few words."""
    here, elsewhere = run.asked
    tries = "1 try" if here == 1 else f"{here} tries"
    waited = f", {run.waited} s waited" if run.waited else ""
    if run.broke:
        return f"begins, then an error `{run.word}`" if run.word else "begins, then is cut off"
    if not run.served:
        again = f", `Retry-After: {run.retry_after}`" if run.retry_after else ""
        if run.retry_after and int(run.retry_after) > LONG:
            again = ", `Retry-After` until midnight in California"
        return f"{run.status} `{run.word}` after {tries}{waited}{again}"
    if elsewhere:
        return f"✓ by the other, after {tries}{waited}"
    return "✓" if here == 1 else f"✓ after {tries}{waited}"
