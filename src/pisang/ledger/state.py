"""What one transaction of the ledger knows and changes: counters, accounts, budgets, open holds.

It is loaded, decided on (``decide.py``) and written back; nothing here knows a database. What was
changed is noted where it is changed, so that only that is written.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from pisang.ledger.claims import Key, concurrency_keys, concurrent_requests
from pisang.ledger.windows import CHARGED, SPEND, Window, compact, shape_of

NOTHING: Final = "[[],[]]"
"""The takes of a hold that no limit and no budget counts."""

GIVEN_BACK: Final = frozenset({SPEND, CHARGED})
"""What a hold takes only while it is open; what it takes of the rates stays counted after it."""

Counted = tuple[str, str, str, int, int]
"""What a hold took from a counter: its key, the bucket, and how much."""

Value = str | int | None
Row = tuple[Value, ...]


@dataclass(slots=True)
class Takes:
    """What a hold took, to be given back: from counters, and in which period from which budget."""

    counted: list[Counted] = field(default_factory=list)
    budgets: list[tuple[str, int]] = field(default_factory=list)

    def packed(self) -> str:
        if not self.counted and not self.budgets:
            return NOTHING
        return compact([self.counted, self.budgets])

    @classmethod
    def of(cls, packed: str) -> "Takes":
        counted, budgets = _unpacked(packed)
        return cls(list(counted), list(budgets))


@lru_cache(maxsize=1024)
def _unpacked(takes: str) -> tuple[tuple[Counted, ...], tuple[tuple[str, int], ...]]:
    """What requests of one second took is the same for many of them."""
    counted, budgets = json.loads(takes)
    return tuple(tuple(each) for each in counted), tuple((id, start) for id, start in budgets)


@dataclass(slots=True)
class Account:
    """A project's row of ``ledger_accounts``, in nano-dollars."""

    granted: int = 0
    posted: int = 0
    held: int = 0

    @property
    def available(self) -> int:
        return self.granted - self.posted - self.held


@dataclass(slots=True)
class Spending:
    """A budget's row of ``spending`` for one period, in nano-dollars."""

    posted: int = 0
    held: int = 0
    warned: int = 0


@dataclass(slots=True)
class OpenHold:
    """A row of ``holds``."""

    id: str
    project_id: str
    key_id: str
    request_id: str
    model: str
    amount: int
    requests: int
    takes: str


@dataclass(slots=True)
class Needs:
    """What has to be loaded before anything can be decided; ``concurrent`` are the projects whose
    requests under way have to be counted."""

    holds: set[str] = field(default_factory=set)
    projects: set[str] = field(default_factory=set)
    counters: set[Key] = field(default_factory=set)
    spending: set[tuple[str, int]] = field(default_factory=set)
    references: set[tuple[str, str]] = field(default_factory=set)
    concurrent: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        rows = (self.holds, self.projects, self.counters, self.spending)
        return any((*rows, self.references, self.concurrent))

    def take(self, project_id: str, takes: str, *, counted: bool = True) -> None:
        """What giving back to a project needs; ``counted`` leaves the rates as they are."""
        self.projects.add(project_id)
        if takes != NOTHING:
            taken = Takes.of(takes)
            self.spending.update(taken.budgets)
            for subject, model, dimension, _, _ in taken.counted:
                if not counted or dimension in GIVEN_BACK:
                    self.counters.add((subject, model, dimension))


@dataclass(slots=True)
class Changes:
    """Rows to write, in the order of the tables' columns (``rows.py``)."""

    entries: list[Row] = field(default_factory=list)
    holds: dict[str, Row] = field(default_factory=dict)
    freed: list[str] = field(default_factory=list)
    accounts: set[str] = field(default_factory=set)
    spending: set[tuple[str, int]] = field(default_factory=set)
    usage: dict[Row, list[int]] = field(default_factory=dict)
    warned: dict[Key, str] = field(default_factory=dict)
    durable: bool = False  # whether it has to survive a power cut
    seen: bool = False  # whether it is to be written that this process lives, due or not


@dataclass(slots=True)
class State:
    """All that one transaction works on. ``resolved`` says how a hold ended that is gone.
    ``concurrent`` is how many requests are under way, in those projects where that was needed
    (``concurrent_in``). ``known`` are counters that were unpacked in a transaction before
    (``remembered.py``)."""

    now: float
    owner: str
    accounts: dict[str, Account] = field(default_factory=dict)
    spending: dict[tuple[str, int], Spending] = field(default_factory=dict)
    packed: dict[Key, str] = field(default_factory=dict)
    known: dict[Key, Window] = field(default_factory=dict)
    windows: dict[Key, Window] = field(default_factory=dict)
    holds: dict[str, OpenHold] = field(default_factory=dict)
    resolved: dict[str, str] = field(default_factory=dict)
    references: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    concurrent: dict[Key, int] = field(default_factory=dict)
    concurrent_in: set[str] = field(default_factory=set)
    changes: Changes = field(default_factory=Changes)
    stamp: str = ""

    def __post_init__(self) -> None:
        self.stamp = stamped(self.now)

    def account(self, project_id: str) -> Account:
        """A project's account; all zero where it has none yet."""
        found = self.accounts.get(project_id)
        if found is None:
            found = self.accounts[project_id] = Account()
        return found

    def changed_account(self, project_id: str) -> Account:
        """A project's account, to be changed and written."""
        self.changes.accounts.add(project_id)
        return self.account(project_id)

    def spent(self, key: tuple[str, int]) -> Spending:
        """What was spent of a budget in a period."""
        found = self.spending.get(key)
        if found is None:
            found = self.spending[key] = Spending()
        return found

    def count_concurrent(self, hold: OpenHold, requests: int) -> None:
        """Counts requests that begin or, below zero, have ended."""
        if requests and hold.project_id in self.concurrent_in:
            for key in concurrency_keys(hold.project_id, hold.key_id, hold.model):
                self.concurrent[key] = self.concurrent.get(key, 0) + requests

    def load_concurrent(
        self, projects: set[str], holds: Iterable[tuple[str, str, str, int]]
    ) -> None:
        """Takes over how many requests are under way in projects; ``holds`` are as
        ``concurrent_requests`` wants them."""
        self.concurrent_in |= projects
        self.concurrent.update(concurrent_requests(holds))

    def window(self, key: Key) -> Window:
        """A counter, unpacked when it is first looked at."""
        found = self.windows.get(key)
        if found is None:
            found = self.known.get(key)
            if found is None:
                found = Window(shape_of(key[2]), self.now, self.packed.get(key, "[]"))
                self.known[key] = found
            else:
                found.resume(self.now)
            self.windows[key] = found
        return found


def stamped(at: float) -> str:
    """A moment as the tables keep it: UTC without a zone."""
    return datetime.fromtimestamp(at, UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
