"""The ledger's tables in memory, so that what decides is tried far more often.

Rows are loaded and written as the writers of the databases do it, and nothing is decided here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pisang.ledger import rows
from pisang.ledger.claims import Key
from pisang.ledger.decide import decide
from pisang.ledger.operations import LATE, Answer, Operation, Sweeping, needs_of
from pisang.ledger.state import Account, Needs, OpenHold, Row, Spending, State, stamped

Kept = dict[Any, tuple[Any, ...]]


@dataclass
class Memory:
    """All tables, by their keys, and who is dead."""

    clock: Callable[[], float]
    tables: dict[str, Kept] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)
    dead: set[str] = field(default_factory=set)

    def table(self, name: str) -> Kept:
        return self.tables.setdefault(name, {})

    def done(self, owner: str, operations: list[Operation]) -> list[Answer]:
        """One transaction."""
        state = State(now=self.clock(), owner=owner)
        due = self._due(state) if any(isinstance(each, Sweeping) for each in operations) else []
        self._load(state, needs_of(operations, due, state.now))
        answers = decide(state, operations, due)
        self._write(state)
        return answers

    def holds(self) -> list[dict[str, Any]]:
        return [
            dict(zip(rows.HOLDS.columns, row, strict=True)) for row in self.table("holds").values()
        ]

    def _due(self, state: State) -> list[OpenHold]:
        now = stamped(state.now)
        return [
            _open(each)
            for each in self.holds()
            if each["expires_at"] <= now or each["owner"] in self.dead
        ]

    def _load(self, state: State, needs: Needs) -> None:
        held = {each["id"]: _open(each) for each in self.holds()}
        ended = {each["resolves"]: each["kind"] for each in self.entries if each["resolves"]}
        state.holds = {id: held[id] for id in needs.holds if id in held}
        gone = [id for id in needs.holds if id not in held]
        gone += [id + LATE for id in gone]
        state.resolved = {id: ended[id] for id in gone if id in ended}
        accounts, spending = self.table("ledger_accounts"), self.table("spending")
        state.accounts = {
            id: Account(*accounts[id,][1:]) for id in needs.projects if (id,) in accounts
        }
        state.spending = {
            key: Spending(*spending[key][2:]) for key in needs.spending if key in spending
        }
        counters: dict[Key, tuple[Any, ...]] = self.table("counters")
        state.packed = {key: counters[key][3] for key in needs.counters if key in counters}
        made = {
            (each["project_id"], each["reference"]): (each["id"], each["amount"])
            for each in self.entries
            if each["reference"]
        }
        state.references = {key: made[key] for key in needs.references if key in made}
        if needs.concurrent:
            names = ("project_id", "key_id", "model", "requests")
            holds = [tuple(each[name] for name in names) for each in self.holds()]
            found = [each for each in holds if each[0] in needs.concurrent]
            state.load_concurrent(needs.concurrent, found)

    def _write(self, state: State) -> None:
        for id in state.changes.freed:
            del self.table("holds")[id,]
        for into, changed in rows.changed(state):
            for row in changed:
                if into is rows.ENTRIES:
                    self._entered(dict(zip(into.columns, row, strict=True)))
                elif into is not rows.USAGE:
                    self.table(into.name)[_key(into, row)] = tuple(row)

    def _entered(self, entry: dict[str, Any]) -> None:
        resolved = [each["resolves"] for each in self.entries if each["resolves"]]
        assert entry["resolves"] not in resolved, "the database would refuse it"
        self.entries.append(entry)


def _key(into: rows.Into, row: Row) -> tuple[Any, ...]:
    return tuple(row[: len(into.key) or 1])


def _open(row: dict[str, Any]) -> OpenHold:
    return OpenHold(*(row[name] for name in OpenHold.__slots__))
