"""What becomes of a request is a line of the log, where somebody reads lines of its level."""

import logging

import pytest
import structlog
from structlog.testing import CapturingLogger

from pisang.core.caller import Caller
from pisang.core.events import FinishReason, Usage
from pisang.core.money import Money
from pisang.core.request import GenerateRequest, ServiceTier
from pisang.ledger.words import Bill
from pisang.metering import outcome
from pisang.metering.outcome import Outcome

DRAWN = Outcome(
    caller=Caller("prj_1", "key_1"),
    request=GenerateRequest(model="gemini-9-new", contents=()),
    model="gemini-9-new",
    card=None,
    tier=ServiceTier.STANDARD,
    reason=FinishReason.STOP,
    bill=Bill(
        amount=Money.of("0.13441"),
        cost=Money.of("0.13441"),
        components={"input_text": Money(10_000), "output_image": Money.of("0.1344")},
        usage=Usage(prompt_text=5, image_output=1120, images=1),
        price="engine:studio",
        model="gemini-9-new",
        engine="studio",
        surface="gemini_api",
        tier="standard",
    ),
)


@pytest.mark.parametrize(("level", "lines"), [(logging.INFO, 1), (logging.WARNING, 0)])
def test_an_answer_is_told_where_its_line_is_wanted(
    monkeypatch: pytest.MonkeyPatch, level: int, lines: int
) -> None:
    taken = CapturingLogger()
    of_level = structlog.make_filtering_bound_logger(level)
    monkeypatch.setattr(outcome, "log", of_level(taken, [lambda _, __, event: ((), event)], {}))
    outcome.told(DRAWN)
    assert len(taken.calls) == lines
    for line in taken.calls:
        assert line.kwargs["cost_usd"] == "0.13441"
        assert line.kwargs["image_tokens"] == 1120
        assert line.kwargs["model"] == "gemini-9-new"
