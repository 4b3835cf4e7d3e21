"""On which terms a project is served: how it pays, how much it may ask for, what it may spend.

Terms are read with the caller and kept with it until somebody changes them, so that a request only
has to look at what was used so far.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pisang.core.money import Money

ANY_MODEL = "*"

WARNED = "warned"
"""The dimension of a row of ``counters`` for one threshold of a ten-minute budget. Its model is
that threshold in percent; used is ``[seconds since 1970, nano-dollars]``: when it was passed last,
and how much was spent then."""


class Billing(StrEnum):
    """How a project pays."""

    POSTPAID = "postpaid"  # afterwards, up to its budgets
    PREPAID = "prepaid"  # out of a balance that was topped up


class Dimension(StrEnum):
    """What is limited, as Google counts it (limits contract, section 1); all but ``CONCURRENT`` and
    ``RPD`` in any 60 seconds."""

    RPM = "rpm"  # requests a minute
    TPM = "tpm"  # input tokens a minute
    IPM = "ipm"  # images a minute
    RPD = "rpd"  # requests a day, which ends at midnight in Los Angeles
    CONCURRENT = "concurrent"  # requests at the same time


class Period(StrEnum):
    """How long a budget lasts; days, weeks and months begin at midnight in Los Angeles, as
    Google's do, weeks on Monday. ``TEN_MINUTES`` is any ten minutes."""

    TEN_MINUTES = "10m"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``value`` of a dimension. ``scope`` is ``project:ID`` or ``key:ID``, and counts by
    itself. A project's limit on ``*`` holds for each model that has none of its own, counted
    separately, as Google counts; a key's limit on ``*`` is on all its requests together. ``origin``
    says where it is written: ``project``, ``key`` or ``tier 1``."""

    scope: str
    model: str
    dimension: Dimension
    value: int
    origin: str


@dataclass(frozen=True, slots=True)
class Budget:
    """At most ``amount`` in a period, for a project or one key. One that is not ``enforced`` only
    warns, at ``thresholds`` in percent."""

    id: str
    name: str
    scope: str
    period: Period
    amount: Money
    enforced: bool = True
    thresholds: tuple[int, ...] = ()
    origin: str = "project"


@dataclass(frozen=True, slots=True)
class Terms:
    """All that counts for the requests of one key. ``tier`` is Google's usage tier (``0`` to
    ``3``), empty for a project without; ``markup`` is added to what an engine costs."""

    billing: Billing = Billing.POSTPAID
    tier: str = ""
    markup: Decimal = Decimal(0)
    limits: tuple[Limit, ...] = ()
    budgets: tuple[Budget, ...] = ()

    @property
    def capped(self) -> bool:
        """Whether a request may be refused for want of money."""
        return self.billing is Billing.PREPAID or any(each.enforced for each in self.budgets)

    @property
    def counted(self) -> bool:
        """Whether anything is counted against these terms, so that a hold takes of it."""
        return bool(self.limits or self.budgets) or self.billing is Billing.PREPAID


FREELY = Terms()
"""No limits and no cap: how a new project is served until somebody says otherwise."""
