"""Writes the tables of ``docs/compatibility.md`` from what passed: one for each family of clients,
a row for each call, a column for each client."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from tests.live import ROOT
from tests.sdk.calls import CALLS
from tests.sdk.clients import CLIENTS, Client
from tools.docs.__main__ import filled

PAGE: Final = ROOT / "docs" / "compatibility.md"
PIECE: Final = "clients"


def renewed(passed: Mapping[Client, str], calls: Iterable[tuple[Client, str]]) -> str:
    """The page as it must be. ``passed`` has the version of each client, ``calls`` what it did."""
    done = set(calls)
    families = dict.fromkeys(client.family for client in CLIENTS)
    tables = []
    for family in families:
        columns = [client for client in CLIENTS if client.family == family]
        versions = [passed[client] for client in columns]
        tables.append("\n".join(table(family, columns, versions, done)))
    return filled(PAGE.read_text("utf-8"), PIECE, "\n\n".join(tables))


def table(
    family: str, columns: list[Client], versions: list[str], done: set[tuple[Client, str]]
) -> Iterator[str]:
    """Heading, table and notes of one family. Cells: ✓ passed, a number for a note, empty where
    the client has no such call."""
    notes: dict[str, int] = {}
    yield f"### {family}\n"
    heads = [
        client.column.format(version=version)
        for client, version in zip(columns, versions, strict=True)
    ]
    yield f"| | {' | '.join(heads)} |"
    yield "|---|" + ":-:|" * len(columns)
    for call, title in CALLS.items():
        cells = [_cell(client, call, done, notes) for client in columns]
        if any(cells):
            yield f"| {title} | {' | '.join(cells)} |"
    if notes:
        yield ""
    for reason, number in notes.items():
        yield f"{number}. {reason}"


def _cell(client: Client, call: str, done: set[tuple[Client, str]], notes: dict[str, int]) -> str:
    if (client, call) not in done:
        return ""
    cannot = client.cannot.get(call)
    if cannot is None:
        return "✓"
    return f"note {notes.setdefault(cannot.reason, len(notes) + 1)}"
