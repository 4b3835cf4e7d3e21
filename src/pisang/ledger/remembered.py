"""What is still true after a transaction, so that the next one need not read it again.

That holds only while nobody else writes, and whoever uses it has to know that nobody did: SQLite
tells it of a file, PostgreSQL of a project (``sqlite.py``, ``postgres.py``). At the least doubt,
and after whatever failed, all of it is forgotten and read again.
"""

from dataclasses import dataclass, field
from typing import Final

from pisang.ledger.claims import Key
from pisang.ledger.state import Account, Needs, OpenHold, Spending, State
from pisang.ledger.windows import Window

_MOST: Final = 100_000  # rows: a server of very many projects begins again now and then


@dataclass(slots=True)
class Remembered:
    """What one process knows of the tables; a transaction works on it where it is."""

    accounts: dict[str, Account] = field(default_factory=dict)
    spending: dict[tuple[str, int], Spending] = field(default_factory=dict)
    windows: dict[Key, Window] = field(default_factory=dict)
    holds: dict[str, OpenHold] = field(default_factory=dict)
    concurrent: dict[Key, int] = field(default_factory=dict)
    concurrent_in: set[str] = field(default_factory=set)

    @property
    def full(self) -> bool:
        """Whether it is so much that it is to be forgotten before the next transaction begins."""
        rows = len(self.accounts) + len(self.holds) + len(self.spending)
        return rows + len(self.windows) + len(self.concurrent) > _MOST

    def state(self, *, now: float, owner: str) -> State:
        """What a transaction begins with."""
        return State(
            now=now,
            owner=owner,
            accounts=self.accounts,
            spending=self.spending,
            known=self.windows,
            holds=self.holds,
            concurrent=self.concurrent,
            concurrent_in=self.concurrent_in,
        )

    def missing(self, needs: Needs) -> Needs:
        """What of it has to be read."""
        return Needs(
            holds=needs.holds.difference(self.holds),
            projects=needs.projects.difference(self.accounts),
            counters=needs.counters.difference(self.windows),
            spending=needs.spending.difference(self.spending),
            references=needs.references,
            concurrent=needs.concurrent - self.concurrent_in,
        )

    def learned(self, state: State, needs: Needs) -> None:
        """That this was read: what there was no row of is known to be nothing."""
        for id in needs.projects:
            state.account(id)
        for at in needs.spending:
            state.spent(at)
        for key in needs.counters:
            state.window(key)
        self.concurrent_in |= needs.concurrent

    def forget(self) -> None:
        """That somebody else may have written."""
        for each in (self.accounts, self.spending, self.windows, self.holds, self.concurrent):
            each.clear()
        self.concurrent_in.clear()
