"""Reads the bill of an upstream: a CSV with a day, a model and an amount in each row.

The columns may have whatever names: those of Google Cloud's cost table and billing export are
known, and so are the plain words that relays use; any other can be named. And the form may be that
of any country: what parts cells, what stands before decimals, and whether the day or the month
comes first is seen from the file as a whole, because one cell alone (``1,234``, ``3/4/2026``) often
does not tell. A bill in another currency is refused: the ledger is in dollars.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Final, NamedTuple

from pisang.catalog.models import catalog
from pisang.core.errors import RequestError
from pisang.core.money import Money

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "day": (
            "day",
            "date",
            "usage start date",
            "usage_start_time",
            "usage_date",
            "start time",
            "start_time",
            "starttime",
            "created_at",
            "timestamp",
            "time",
        ),
        "model": (
            "model",
            "model_name",
            "model_permaslug",
            "sku description",
            "sku.description",
            "sku_description",
            "sku",
            "description",
        ),
        "amount": (
            "amount",
            "cost",
            "cost ($)",
            "cost_usd",
            "amount_usd",
            "cost_total",
            "total_cost",
            "subtotal ($)",
            "unrounded cost ($)",
            "price",
            "spend",
            "total",
        ),
    }
)
"""What a row must have, and what its column may be called, the best name first."""

_NO_MODEL: Final = "(no model)"
_WORDS: Final = re.compile(r"[a-z0-9.]+")
_MOST_ROWS: Final = 1_000_000
_DELIMITERS: Final = (",", ";", "\t", "|")
_CURRENCY: Final = ("currency", "currency_code")
_DOLLARS: Final = frozenset({"", "$", "USD", "US$"})
_OTHER_CURRENCY: Final = re.compile(r"(?:unrounded )?(?:cost|subtotal|amount) \((?!\$|usd)[^)]+\)")
_SLASHED: Final = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/[0-9]{4}")
_FORMS: Final = ("%Y/%m/%d", "%d.%m.%Y", "%b %d, %Y")
_MONTH_FIRST: Final = "%m/%d/%Y"
_DAY_FIRST: Final = "%d/%m/%Y"
_EMPTY: Final[Mapping[str, str]] = MappingProxyType({})


class Row(NamedTuple):
    """What counts of a line, as it is written."""

    line: int
    day: str
    model: str
    amount: str
    currency: str
    empty: bool


@dataclass(frozen=True, slots=True)
class UpstreamBill:
    """What an upstream asks for, by day and model: ``sums``, from the ``columns`` that were read.
    ``skipped`` is how many rows are of no day. What we charge for a request is ``words.Bill``."""

    sums: Mapping[tuple[date, str], Money]
    columns: Mapping[str, str]
    skipped: int


def read(text: str, columns: Mapping[str, str] = _EMPTY) -> UpstreamBill:
    """Adds up a bill. Raises ``RequestError`` for a CSV without a column that is needed, or with
    an amount that is none, or none in dollars."""
    try:
        delimiter, names, rows = _table(text.removeprefix("\ufeff"), columns)
    except csv.Error as error:
        raise RequestError(f"The bill is no CSV: {error}.", field="csv") from error
    form = _slashed_form([row.day for row in rows], delimiter)
    days = [_day(row.day, form) for row in rows]
    counted = [(day, row) for day, row in zip(days, rows, strict=True) if day is not None]
    mark = _decimal_mark([row for _, row in counted], delimiter)
    sums: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for day, row in counted:
        if "amount" not in columns and row.currency.upper() not in _DOLLARS:
            raise _not_in_dollars(f"line {row.line} of the bill", row.currency)
        sums[day, model_of(row.model)] += _amount(row, mark)
    skipped = sum(day is None and not row.empty for day, row in zip(days, rows, strict=True))
    totals = {key: Money.of(total) for key, total in sums.items()}
    return UpstreamBill(totals, names, skipped)


def model_of(said: str) -> str:
    """The id of the model that a row is about: an id or other name in it, or the name that people
    know it by, the longest that fits; else what it says."""
    text = said.strip()
    name = text.removeprefix("models/").rpartition("/")[2]
    if card := catalog().get(name):
        return card.id
    words = f" {' '.join(_WORDS.findall(text.lower().replace('-', ' ')))} "
    best = ("", "")
    for card in catalog().cards.values():
        for known in (card.id, card.name, *card.aliases):
            spoken = " ".join(_WORDS.findall(known.lower().replace("-", " ")))
            if f" {spoken} " in words and len(spoken) > len(best[0]):
                best = (spoken, card.id)
    return best[1] or text or _NO_MODEL


def _table(text: str, columns: Mapping[str, str]) -> tuple[str, dict[str, str], list[Row]]:
    """What parts the cells, the names of the columns, and the rows below these. The first is what
    gives a row that names all columns."""
    for delimiter in _DELIMITERS:
        lines = csv.reader(io.StringIO(text), delimiter=delimiter)
        found = _header(lines, columns)
        if found is not None:
            named, positions = found
            rows = list[Row]()
            for cells in lines:
                if len(rows) >= _MOST_ROWS:
                    raise RequestError(f"The bill has more than {_MOST_ROWS} rows.", field="csv")
                rows.append(_row(lines.line_num, cells, positions))
            return delimiter, {what: named[positions[what]].strip() for what in COLUMNS}, rows
    raise RequestError(
        "The bill has no row that names its columns: a day, a model and an amount, with commas, "
        "semicolons, tabs or bars between them. Known names are "
        + "; ".join(f"{what}: {', '.join(known)}" for what, known in COLUMNS.items())
        + ". Any other can be named with --column, as --column amount=Price.",
        field="csv",
    )


def _header(
    lines: Iterable[Sequence[str]], columns: Mapping[str, str]
) -> tuple[Sequence[str], dict[str, int]] | None:
    """The row that names the columns, and where they are: a bill may have a title and addresses
    before it. Raises ``RequestError`` where its amounts are in another currency."""
    for named in lines:
        lower = [name.strip().lower() for name in named]
        positions: dict[str, int] = {}
        for what, known in {**COLUMNS, "currency": _CURRENCY}.items():
            wanted = (columns[what].strip().lower(),) if what in columns else known
            found = next((lower.index(name) for name in wanted if name in lower), None)
            if found is not None:
                positions[what] = found
        if positions.keys() >= COLUMNS.keys():
            return named, positions
        other = next((name for name in lower if _OTHER_CURRENCY.fullmatch(name)), None)
        if other is not None and positions.keys() >= {"day", "model"}:
            raise _not_in_dollars("the column", named[lower.index(other)].strip())
    return None


def _row(line: int, cells: Sequence[str], positions: Mapping[str, int]) -> Row:
    said = {
        what: cells[at].strip() if (at := positions.get(what, len(cells))) < len(cells) else ""
        for what in (*COLUMNS, "currency")
    }
    return Row(line, **said, empty=not any(cells))


def _not_in_dollars(where: str, said: str) -> RequestError:
    return RequestError(
        f"The bill is not in dollars, as the ledger is: {where} says {said[:40]!r}. Export it in "
        "US dollars, or name a column that is with --column amount=NAME.",
        field="csv",
    )


def _slashed_form(days: Iterable[str], delimiter: str) -> str:
    """Whether the day or the month comes first where slashes part them. Where none of a file tells,
    it is as where such files are written: semicolons part cells where commas stand before decimals,
    and there the day comes first."""
    for text in days:
        if found := _SLASHED.match(text):
            if int(found[1]) > 12:
                return _DAY_FIRST
            if int(found[2]) > 12:
                return _MONTH_FIRST
    return _DAY_FIRST if delimiter == ";" else _MONTH_FIRST


def _day(text: str, slashed: str) -> date | None:
    """The day a row is of; None for a row that is none, as a sum. A moment with a zone is taken in
    the zone it is written in."""
    text = text.removesuffix(" UTC")
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        pass
    if found := _SLASHED.match(text):  # a time may follow
        text = found[0]
    for form in (slashed, *_FORMS):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None


def _plain(text: str) -> str:
    """An amount without its currency and the spaces that may part thousands."""
    plain = re.sub(r"US\$|\$|USD|['\u2019\s]", "", text).replace("\u2212", "-")
    if plain.startswith("(") and plain.endswith(")"):  # as accountants write what is taken off
        plain = f"-{plain[1:-1]}"
    return plain


def _decimal_mark(rows: Iterable[Row], delimiter: str) -> str:
    """What stands before decimals in all amounts: ``.`` or ``,``. Raises ``RequestError`` where
    both do, or nothing tells."""
    seen, either = dict[str, Row](), None
    for row in rows:
        mark = _shown_mark(plain := _plain(row.amount))
        if mark:
            seen.setdefault(mark, row)
        elif "." in plain:
            either = row
    if len(seen) > 1:
        lines = " and ".join(f"line {row.line}: {row.amount[:40]!r}" for row in seen.values())
        raise RequestError(
            f"The bill has commas before decimals, and points as well ({lines}). Write all "
            "amounts alike.",
            field="csv",
        )
    if not seen and either and delimiter == ";":
        raise RequestError(
            f"Line {either.line} of the bill: {either.amount[:40]!r} may be thousands, or a number "
            "with three decimals, and no other amount tells. Write one of them with two decimals.",
            field="csv",
        )
    return next(iter(seen), "," if delimiter == ";" else ".")


def _shown_mark(plain: str) -> str:
    """What has to stand before decimals, by this amount alone; empty where it does not tell."""
    last = max(plain.rfind("."), plain.rfind(","))
    if last < 0:
        return ""
    mark, other = plain[last], "," if plain[last] == "." else "."
    if plain.count(mark) > 1:
        return other  # then it parts thousands
    whole, decimals = plain[:last].lstrip("-+"), plain[last + 1 :]
    alone = other not in whole
    parts_thousands = len(decimals) == 3 and 1 <= len(whole) <= 3 and whole.strip("0")
    return "" if alone and parts_thousands else mark


def _amount(row: Row, mark: str) -> Decimal:
    plain = _plain(row.amount).replace("." if mark == "," else ",", "").replace(mark, ".")
    try:
        amount = Decimal(plain or 0)
        if amount.is_finite():
            return amount
    except InvalidOperation:
        pass
    raise RequestError(
        f"Line {row.line} of the bill: {row.amount[:40]!r} is no amount.", field="csv"
    )
