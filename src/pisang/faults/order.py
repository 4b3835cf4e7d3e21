"""Reads what a caller writes into ``x-pisang-fault``, or an operator into a project's fault.

``NAME``, ``NAME=NUMBER``, several with commas; behind them ``;times=N`` or ``;rate=R``. At most one
of them may say what the answer is; any number may happen to it on its way.
"""

import re
from typing import Final

from pisang.core.errors import UnsupportedParameter
from pisang.faults.catalogue import HEADER, NONE, find
from pisang.faults.fault import Chosen, Order, TransportFault

_NUMBER: Final = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,9})?")
_MOST: Final = 10
NO_ORDER: Final = Order()


def read(text: str) -> Order:
    """The order that a text is; an empty one for an empty text and for ``none``.

    Raises ``UnsupportedParameter``.
    """
    written, *options = (piece.strip() for piece in text.lower().split(";"))
    if written in ("", NONE):
        return NO_ORDER
    names = [piece.strip() for piece in written.split(",")]
    if len(names) > _MOST:
        raise _wrong(f"{len(names)} faults at once are too many: at most {_MOST}.")
    chosen = tuple(map(_chosen, names))
    answers = [one.fault.name for one in chosen if not isinstance(one.fault, TransportFault)]
    if len(answers) > 1:
        raise _wrong(f"One answer cannot be both {answers[0]} and {answers[1]}: choose one.")
    times, rate = _options(options)
    return Order(chosen=chosen, times=times, rate=rate)


def _chosen(written: str) -> Chosen:
    name, equals, number = (piece.strip() for piece in written.partition("="))
    fault = find(name)
    if not equals:
        return Chosen(fault)
    argument = fault.argument
    if argument is None:
        raise _wrong(f"{name} takes no number: leave '={number[:20]}' out.")
    value = float(number) if _NUMBER.fullmatch(number) else -1.0
    if not argument.least <= value <= argument.most:
        raise _wrong(
            f"{name}={number[:20]} is not possible: the number is {argument.unit}, from "
            f"{argument.least:g} to {argument.most:g}."
        )
    return Chosen(fault, value)


def _options(options: list[str]) -> tuple[int | None, float]:
    times: int | None = None
    rate = 1.0
    for option in options:
        name, _, number = (piece.strip() for piece in option.partition("="))
        value = float(number) if _NUMBER.fullmatch(number) else -1.0
        if name == "times" and value >= 1 and value == int(value):
            times = int(value)
        elif name == "rate" and 0 < value <= 1:
            rate = value
        else:
            raise _wrong(
                f"';{option[:40]}' means nothing here. Write ;times=2 for two requests of three, "
                "or ;rate=0.3 for three of ten."
            )
    return times, rate


def _wrong(message: str) -> UnsupportedParameter:
    return UnsupportedParameter(f"{message} `pisang faults` explains them.", field=HEADER)


class Turns:
    """Counts, in this process, the requests that came with one order of one key."""

    def __init__(self, *, most: int = 10_000) -> None:
        self._counts: dict[tuple[str, str], int] = {}
        self._most = most

    def strikes(self, key: str, text: str, order: Order) -> bool:
        """Whether this request, the next in its row, has the fault.

        With ``times`` so many of a row have it, the next one has not, and the row begins again:
        a test that is run twice sees the same. ``rate`` spreads evenly, and is exact.
        """
        if order.times is None and order.rate == 1:
            return True
        number = self._next((key, text))
        if order.times is not None:
            return number % (order.times + 1) < order.times
        return int((number + 1) * order.rate + 1e-9) > int(number * order.rate + 1e-9)

    def _next(self, row: tuple[str, str]) -> int:
        number = self._counts.pop(row, 0)
        if len(self._counts) >= self._most:  # the one that was not asked for the longest goes
            del self._counts[next(iter(self._counts))]
        self._counts[row] = number + 1
        return number
