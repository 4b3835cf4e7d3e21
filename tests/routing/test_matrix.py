"""What upstreams do wrong x once, always, beside another engine x whole, stream: through a whole
server, with the real engine. docs/resilience.md has the outcomes.

With PISANG_TEST_WRITE=1 the page is written instead of compared.
"""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio

from pisang.routing.consequences import TABLE
from pisang.routing.diagnosis import Kind, Scope
from tests.routing.matrix import ACCESS, FAULTS, MONEY, TRANSPORT, Fault
from tests.routing.page import PAGE, renewed
from tests.routing.playing import IMAGES, STREAM, WHOLE, Run, Theatre, When, theatre

HEARD = [
    fault for fault in FAULTS if fault.whole is not None and not (fault.answered or fault.seconds)
]
"""What OpenAI's callers can meet as well: they name no deadline, and have errors for refusals."""

OUT = [*(fault for fault in MONEY if "ten minutes" not in fault.what), *ACCESS[:2]]
"""What no time mends."""


@dataclass
class Played:
    """The runs of all tests of this file, for the last of them."""

    runs: dict[tuple[str, When, bool], Run] = field(default_factory=dict)


@pytest.fixture(scope="module")
def played() -> Played:
    return Played()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Theatre]:
    folder: Path = tmp_path_factory.mktemp("matrix")
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(theatre(folder))


pytestmark = pytest.mark.asyncio(loop_scope="module")


def _ids(value: object) -> str:
    return value.what if isinstance(value, Fault) else str(value)


@pytest.mark.parametrize("fault", FAULTS, ids=_ids)
async def test_every_fault(fault: Fault, stage: Theatre, played: Played) -> None:
    for when in When:
        for streamed, address in enumerate((WHOLE, STREAM)):
            if fault.whole is None and not streamed:
                continue
            run = await stage.play(fault, when, address)
            played.runs[fault.what, when, bool(streamed)] = run
            _is_sound(fault, when, run)


def _is_sound(fault: Fault, when: When, run: Run) -> None:
    """What has to hold for all of them."""
    if fault.answered:
        assert (run.status, run.asked[0], run.left) == (200, 1, ""), "a refusal is an answer"
        return
    if fault.late:
        assert run.broke, "what was begun is never said to be whole"
        assert sum(run.asked) == 1, "and never begun again"
        return
    assert not run.broke
    assert (run.status == 200) is run.served
    row = TABLE[Kind(run.kind)] if run.kind else None
    if row is None:  # it was served in the end
        assert run.served
        return
    assert run.asked[0] > 1 or not row.retry or run.left or run.status == 504
    if when in (When.BESIDE, When.KEY) and row.scope is Scope.KEY:
        assert run.served, "the other key would have done it"
    if when is When.BESIDE:
        assert run.status == 504 or not row.fail_over, "the other engine would have done it"
    if row.scope is Scope.REQUEST:
        assert not run.left, "one request makes nobody sick"
    if row.out:
        assert sum(run.asked) == 1
        assert run.left.startswith("out")


@pytest.mark.parametrize("fault", OUT, ids=_ids)
async def test_who_is_out_is_not_asked_again(fault: Fault, stage: Theatre) -> None:
    run = await stage.play(fault, When.ALWAYS)
    again = await stage.again(fault)
    assert run.asked == (1, 0)
    alone = fault not in MONEY  # a key that is mended over there is noticed only by asking
    assert again.asked == ((2, 0) if alone else (1, 0))
    assert (again.status, again.word, again.kind) == (run.status, run.word, run.kind)


@pytest.mark.parametrize("when", When)
@pytest.mark.parametrize("fault", HEARD, ids=_ids)
async def test_another_dialect_is_treated_the_same(
    fault: Fault, when: When, stage: Theatre
) -> None:
    """OpenAI's callers are served as events, which are read whole before they begin."""
    ours, theirs = await stage.play(fault, when), await stage.play(fault, when, IMAGES)
    if fault.late:
        assert sum(theirs.asked) > 1
        return
    assert (theirs.asked, theirs.served, theirs.left, theirs.waited) == (
        ours.asked,
        ours.served,
        ours.left,
        ours.waited,
    )
    assert bool(theirs.retry_after) is bool(ours.retry_after)
    if ours.retry_after and theirs.retry_after:  # a day ends a second sooner for who asks later
        assert int(theirs.retry_after) == pytest.approx(int(ours.retry_after), abs=2)


async def test_there_are_enough_of_them() -> None:
    assert len(FAULTS) >= 25
    assert len({fault.what for fault in FAULTS}) == len(FAULTS)
    assert len(TRANSPORT) >= 5


async def test_the_page_says_what_happened(played: Played) -> None:
    """Last of this file. With PISANG_TEST_WRITE=1 it writes the page instead."""
    whole = [fault for fault in FAULTS if fault.whole is not None]
    if len(played.runs) != (len(FAULTS) + len(whole)) * len(When):
        pytest.skip("not all faults were played")
    page = renewed(played.runs)
    if os.environ.get("PISANG_TEST_WRITE") == "1":
        PAGE.write_text(page, "utf-8")
    assert PAGE.read_text("utf-8") == page, "run it again with PISANG_TEST_WRITE=1"
