"""The rows that the ledger writes, for both databases: which columns, in which order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from pisang.core.events import Usage
from pisang.core.ids import new_id
from pisang.ledger.operations import Granting
from pisang.ledger.state import OpenHold, Row, State, Value, stamped
from pisang.ledger.windows import compact
from pisang.ledger.words import Bill


@dataclass(frozen=True, slots=True)
class Into:
    """A table that rows are written into. Where it has a ``key``, a row that is there already gets
    the new values, or with ``adding`` has them added to its own."""

    name: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    key: tuple[str, ...] = ()
    adding: bool = False

    @property
    def conflict(self) -> str:
        """The end of the statement, in words that both databases know."""
        if not self.key:
            return ""
        added = f"{self.name}.{{0}} + " if self.adding else ""
        values = (each for each in self.columns if each not in self.key)
        changed = ", ".join(f"{each} = {added.format(each)}excluded.{each}" for each in values)
        return f"ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET {changed}"


def _into(name: str, columns: str, *, key: int = 0, adding: bool = False) -> Into:
    """A table by a line of ``column:type``, where a column without a type is text."""
    pairs = [each.partition(":") for each in columns.split()]
    names = tuple(name for name, _, _ in pairs)
    types = tuple(type or "text" for _, _, type in pairs)
    return Into(name, names, types, names[:key], adding)


ENTRIES: Final = _into(
    "entries",
    "id project_id key_id kind hold_id resolves request_id reference amount:bigint cost:bigint "
    "absorbed:bigint rehearsal:boolean requests:integer model engine surface tier size finish "
    "price usage components rates labels note actor at:timestamp",
)
HOLDS: Final = _into(
    "holds",
    "id project_id key_id request_id model amount:bigint requests:integer takes owner "
    "created_at:timestamp expires_at:timestamp",
)
ACCOUNTS: Final = _into(
    "ledger_accounts", "project_id granted:bigint posted:bigint held:bigint", key=1
)
SPENDING: Final = _into(
    "spending",
    "budget_id period_start:bigint posted:bigint held:bigint warned:integer",
    key=2,
)
COUNTERS: Final = _into("counters", "subject model dimension used", key=3)
USAGE: Final = _into(
    "usage_hours",
    "hour:bigint project_id key_id model engine surface tier rehearsal:boolean requests:bigint "
    "failed:bigint images:bigint prompt_text:bigint prompt_image:bigint text_output:bigint "
    "thoughts:bigint image_output:bigint searches:bigint engine_ms:bigint "
    "amount:bigint cost:bigint",
    key=8,
    adding=True,
)
OWNERS: Final = _into("owners", "id place seen_at:timestamp", key=1)

_EMPTY: Final[dict[str, Value]] = {
    "text": "",
    "bigint": 0,
    "integer": 0,
    "boolean": False,
    "timestamp": None,
}
_BLANK: Final[dict[str, Value]] = {
    **{name: _EMPTY[type] for name, type in zip(ENTRIES.columns, ENTRIES.types, strict=True)},
    **dict.fromkeys(("resolves", "reference")),
    **dict.fromkeys(("usage", "components", "rates", "labels"), "{}"),
}

_NONE: Final = (0,) * (len(USAGE.columns) - len(USAGE.key))
_TOKENS: Final = tuple(Usage.__dataclass_fields__)


def changed(state: State) -> list[tuple[Into, Sequence[Row]]]:
    """All rows that a transaction changed or made, but for those that it deletes."""
    changes = state.changes
    found: list[tuple[Into, Sequence[Row]]] = [(HOLDS, list(changes.holds.values()))]
    found.append((ENTRIES, changes.entries))
    accounts = ((id, state.accounts[id]) for id in sorted(changes.accounts))
    found.append((ACCOUNTS, [(id, at.granted, at.posted, at.held) for id, at in accounts]))
    spent = ((key, state.spending[key]) for key in sorted(changes.spending))
    found.append((SPENDING, [(*key, at.posted, at.held, at.warned) for key, at in spent]))
    windows = sorted((key, window) for key, window in state.windows.items() if window.changed)
    counted = [(*key, window.packed()) for key, window in windows]
    found.append((COUNTERS, [*counted, *((*key, changes.warned[key]) for key in changes.warned)]))
    found.append((USAGE, [(*key, *changes.usage[key]) for key in sorted(changes.usage)]))
    return [(table, new) for table, new in found if new]


def entry_of_hold(
    state: State, hold: OpenHold, kind: str, *, requests: int = 0, finish: str = ""
) -> None:
    """The entry that says that a hold was made or voided, or has expired; ``requests`` is how many
    failed with it."""
    row: dict[str, Value] = _BLANK | {
        "id": new_id("entry", now=state.now),
        "project_id": hold.project_id,
        "key_id": hold.key_id,
        "kind": kind,
        "hold_id": hold.id,
        "resolves": None if kind == "hold" else hold.id,
        "request_id": hold.request_id,
        "amount": hold.amount,
        "requests": requests,
        "model": hold.model,
        "finish": finish[:40],
        "at": state.stamp,
    }
    state.changes.entries.append(tuple(row.values()))


def entry_of_post(state: State, hold: OpenHold, bill: Bill, *, charged: int, resolves: str) -> None:
    """The entry that says what a request used and what was charged for it."""
    row: dict[str, Value] = _BLANK | {
        "id": new_id("entry", now=state.now),
        "project_id": hold.project_id,
        "key_id": hold.key_id,
        "kind": "post",
        "hold_id": hold.id,
        "resolves": resolves,
        "request_id": hold.request_id,
        "amount": charged,
        "cost": bill.cost.nanos,
        "absorbed": bill.amount.nanos - charged,
        "rehearsal": bill.rehearsal,
        "requests": hold.requests,
        "model": bill.model[:128],
        "engine": bill.engine[:63],
        "surface": bill.surface[:24],
        "tier": bill.tier[:24],
        "size": bill.size[:12],
        "finish": bill.finish[:40],
        "price": bill.price[:160],
        "usage": _used(bill.usage),
        "components": _json({name: each.nanos for name, each in bill.components.items()}),
        "rates": _json(bill.rates),
        "labels": _json(bill.labels),
        "at": state.stamp,
    }
    state.changes.entries.append(tuple(row.values()))


def entry_of_grant(state: State, granting: Granting) -> str:
    """The entry of a top-up or a correction; returns its id."""
    id = new_id("entry", now=state.now)
    row: dict[str, Value] = _BLANK | {
        "id": id,
        "project_id": granting.project_id,
        "request_id": granting.request_id[:64],
        "kind": granting.kind,
        "reference": granting.reference,
        "amount": granting.amount.nanos,
        "note": granting.note[:500],
        "actor": granting.actor[:300],
        "at": state.stamp,
    }
    state.changes.entries.append(tuple(row.values()))
    return id


def row_of_hold(state: State, hold: OpenHold, seconds: float) -> Row:
    """The row of an open hold."""
    return (
        hold.id,
        hold.project_id,
        hold.key_id,
        hold.request_id,
        hold.model,
        hold.amount,
        hold.requests,
        hold.takes,
        state.owner,
        state.stamp,
        stamped(state.now + seconds),
    )


def count_bill(state: State, hold: OpenHold, bill: Bill, charged: int) -> None:
    """Adds what a request used to its hour. The second and later pictures of one are no more
    requests."""
    made = (bill.engine[:63], bill.surface[:24], bill.tier[:24], bill.rehearsal)
    got = bill.usage or Usage()
    tokens = (got.prompt_text, got.prompt_image, got.text_output, got.thoughts)
    more = (got.image_output, got.searches, got.engine_ms, charged, bill.cost.nanos)
    key = (*_who(state, hold), bill.model[:128], *made)
    _add(state, key, hold.requests, 0, got.images, *tokens, *more)


def count_failures(state: State, hold: OpenHold, requests: int) -> None:
    """Adds requests that failed to their hour; less than none where one that had expired is
    posted after all, so that it is counted once: that may be another hour than it was."""
    if requests:
        _add(state, (*_who(state, hold), hold.model, "", "", "", False), requests, requests)


def _who(state: State, hold: OpenHold) -> Row:
    return int(state.now // 3600) * 3600, hold.project_id, hold.key_id


def _add(state: State, key: Row, *sums: int) -> None:
    found = state.changes.usage.get(key, _NONE)
    state.changes.usage[key] = [a + b for a, b in zip_longest(found, sums, fillvalue=0)]


def _used(usage: Usage | None) -> str:
    """What was used, as ``entries.usage`` has it: only what is not zero."""
    if usage is None:
        return "{}"
    return _json({name: count for name in _TOKENS if (count := getattr(usage, name))})


def _json(value: Mapping[str, object]) -> str:
    return compact(dict(value)) if value else "{}"
