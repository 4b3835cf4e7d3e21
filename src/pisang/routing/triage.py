"""Says what an upstream's failure is, whose fault it is, and what to do: a pure function of facts.

``triage`` is for an upstream that did not do its work, ``judge`` for an answer that was finished.
How a failure is recognised is ``signs.py``, what follows from it ``consequences.py``; both are
tables, and docs/reference/triage.md prints them.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from pisang.core.events import FinishReason
from pisang.core.upstream import Broken, Dialect, Symptom
from pisang.routing.consequences import diagnosis
from pisang.routing.delays import delay_of, until_midnight
from pisang.routing.diagnosis import Diagnosis, Kind
from pisang.routing.signs import SIGNS, Sign
from pisang.wire import complaint
from pisang.wire.complaint import Complaint

FINISHES: Final[Mapping[FinishReason, Kind]] = {
    FinishReason.STOP: Kind.FINISHED,
    FinishReason.MAX_TOKENS: Kind.MAX_TOKENS,
    FinishReason.SAFETY: Kind.TEXT_BLOCKED,
    FinishReason.BLOCKLIST: Kind.TEXT_BLOCKED,
    FinishReason.PROHIBITED_CONTENT: Kind.TEXT_BLOCKED,
    FinishReason.SPII: Kind.TEXT_BLOCKED,
    FinishReason.RECITATION: Kind.RECITATION,
    FinishReason.IMAGE_RECITATION: Kind.RECITATION,
    FinishReason.IMAGE_SAFETY: Kind.PICTURE_BLOCKED,
    FinishReason.IMAGE_PROHIBITED_CONTENT: Kind.PICTURE_BLOCKED,
    FinishReason.NO_IMAGE: Kind.NO_IMAGE,
    FinishReason.IMAGE_OTHER: Kind.IMAGE_OTHER,
    FinishReason.LANGUAGE: Kind.UNSUPPORTED_LANGUAGE,
    FinishReason.OTHER: Kind.STOPPED,
    FinishReason.MALFORMED_FUNCTION_CALL: Kind.STOPPED,
}
"""What each finish reason of an answer is."""

# Kinds that last for as long as the upstream says, or as nothing says.
_TIMED: Final = frozenset(
    {
        Kind.RATE_DAY,
        Kind.RATE_MINUTE,
        Kind.RATE_LIMIT,
        Kind.SPENDING_RATE,
        Kind.PROVISIONED,
        Kind.CAPACITY,
        Kind.OVERLOADED,
        Kind.INTERNAL,
        Kind.BAD_GATEWAY,
        Kind.ORIGIN_DOWN,
    }
)


def triage(symptom: Symptom, *, now: datetime | None = None) -> Diagnosis:
    """What ``symptom`` means. It never raises. ``now`` (with a zone) is for limits of a day and for
    dates that an upstream names."""
    said = complaint.read(symptom.body, symptom.status)
    facts = _Facts(symptom, said)
    kind = next(sign.kind for sign in SIGNS if facts.show(sign))
    if kind not in _TIMED:
        return diagnosis(kind)
    now = now or datetime.now(UTC)
    delay = delay_of(symptom.headers, said, now=now)
    if kind is Kind.RATE_DAY and symptom.dialect is not Dialect.OPENAI:
        delay = until_midnight(now)  # what Google says here is misleadingly short
    return diagnosis(kind, delay=delay, quota_id=_quota_id(said, kind))


def judge(reason: FinishReason, blocked: bool) -> Diagnosis:
    """What a finished answer means: ``blocked`` is whether the prompt was refused as such."""
    return diagnosis(Kind.PROMPT_BLOCKED if blocked else FINISHES[reason])


class _Facts:
    """A symptom in the form in which signs are looked for."""

    def __init__(self, symptom: Symptom, said: Complaint) -> None:
        self.status = _status(symptom, said)
        # An error's own words count, whole or not; only without them the transport does.
        told = self.status is not None and self.status >= 300
        self.broken: Broken | None = None if told else symptom.broken
        text = symptom.detail if self.broken else said.message
        self.text = text.lower().lstrip("* \n")
        self.codes = said.codes
        self.quotas = [f"{quota.id} {quota.metric}".lower() for quota in said.quotas]
        self.zero = said.zero
        self.page = said.page

    def show(self, sign: Sign) -> bool:
        """Whether all that ``sign`` asks for is there."""
        return (
            (sign.broken is None or sign.broken is self.broken)
            and (not sign.statuses or self.status in sign.statuses)
            and (not sign.codes or not self.codes.isdisjoint(sign.codes))
            and (not sign.begins or self.text.startswith(sign.begins))
            and (not sign.says or any(phrase in self.text for phrase in sign.says))
            and (not sign.quotas or any(q in name for name in self.quotas for q in sign.quotas))
            and (not sign.zero or self.zero)
            and (sign.page is None or sign.page == self.page)
        )


def _status(symptom: Symptom, said: Complaint) -> int | None:
    """The status that counts: relays answer 200 or 500 around another server's 429."""
    status = symptom.status
    if said.status is not None and (status is None or status < 300 or status >= 500):
        return said.status
    return status


def _quota_id(said: Complaint, kind: Kind) -> str:
    """The name of the limit; of several the one that lasts longest, a day's."""
    names = [quota.id or quota.metric for quota in said.quotas]
    if kind is Kind.RATE_DAY:
        names = [name for name in names if "day" in name.lower()] or names
    return names[0] if names else ""
