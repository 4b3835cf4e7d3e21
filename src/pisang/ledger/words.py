"""The values of the ledger: what a request demands, the hold it gets, the bill it ends with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pisang.core.caller import Caller
from pisang.core.events import Usage
from pisang.core.money import Money
from pisang.core.terms import FREELY, Terms


@dataclass(slots=True, kw_only=True)
class Demand:
    """What one request asks for, at its worst. ``tokens`` are those of its prompt, ``images`` how
    many it wants, ``amount`` what it can cost at most, ``seconds`` how long it may take.
    ``requests`` is 0 for the second and later pictures of one request. ``priority`` asks for the
    priority tier, which has a share of the limits of its own. ``rehearsal`` is whether nobody would
    have to pay the amount."""

    caller: Caller
    request_id: str
    model: str
    images: int
    tokens: int
    amount: Money
    seconds: float
    requests: int = 1
    priority: bool = False
    rehearsal: bool = False


@dataclass(slots=True, kw_only=True)
class Hold:
    """Money and room that are set aside for one request until it is posted, voided, or expires.

    ``downgraded`` is whether there was no room at the priority tier, so that standard serves it.
    ``requests`` is 0 for the second and later pictures of one request. ``takes`` is the desk's own
    note of what was taken from which limit and budget, and ``terms`` are those it was made on.
    """

    id: str
    project_id: str
    key_id: str
    request_id: str
    model: str
    amount: Money
    requests: int = 1
    downgraded: bool = False
    takes: str = "[[],[]]"
    terms: Terms = FREELY


@dataclass(slots=True, kw_only=True)
class Bill:
    """What a request used and what it costs: a post names all of it, so that the amount can be
    computed again. ``components`` sum to ``amount`` (what the project is charged, with markup);
    ``cost`` is what the engine asks for it. ``price`` names the row of the price book, or the price
    of the route or engine; ``rates`` are its rates and the markup, as exact decimals
    (``catalog/charges.py``). ``rehearsal`` is a bill that nobody has to pay."""

    amount: Money
    cost: Money
    components: Mapping[str, Money]
    usage: Usage | None
    price: str
    model: str
    engine: str
    surface: str
    tier: str
    size: str = ""
    finish: str = ""
    rehearsal: bool = False
    rates: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


class Desk(Protocol):
    """Where holds are made and resolved. Every method may be called from one event loop at any
    time; what is asked for at the same time is committed together."""

    async def hold(self, demand: Demand) -> Hold:
        """Sets aside what a request demands, in all limits and budgets of its caller at once, or
        nothing of it. Raises ``RateLimited``, ``BudgetExhausted``, ``BalanceExhausted``,
        ``LimitsUnavailable`` or ``StoreError``."""
        ...

    async def hold_all(self, demands: Sequence[Demand]) -> list[Hold]:
        """The same for several that belong to one request: all of them, or nothing."""
        ...

    def hold_soon(self, demand: Demand) -> Hold | None:
        """The same for terms that count nothing, so that nobody has to wait to be refused: it is
        written before whatever resolves it, or a moment later. None where it has to be waited for
        all the same: what was written last has failed, or the terms do count."""
        ...

    async def post(self, hold: Hold, bill: Bill) -> None:
        """Charges what was used and frees the rest; durable when it returns, and queued before it
        first waits, so that whoever is cancelled has posted all the same. Posting the same hold
        twice charges once. A hold that has expired meanwhile is charged all the same."""
        ...

    def void(self, hold: Hold, *, finish: str = "", counted: bool = True) -> None:
        """Frees a hold without a charge, soon; never raises. What was counted of limits stays
        counted unless no engine was asked (``counted=False``)."""
        ...

    async def probe(self) -> None:
        """Writes something as a charge is written, durably, which changes nothing. Raises
        ``StoreError`` where that cannot be done now."""
        ...

    async def close(self) -> None:
        """Writes what is still to be written, and frees the holds of this process."""
        ...
