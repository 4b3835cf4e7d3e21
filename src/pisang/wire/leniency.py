"""Reads bodies that go on as they came: what is wrong with one is mostly not ours to say.

A name or a word that we do not know, and a feature that we do not serve, is the business of the
upstream that gets the body. Only what decides the price must be understood here.
"""

import re

from pisang.core.errors import MalformedRequest
from pisang.core.request import UnknownField
from pisang.wire.fields import TYPES, Reading


class Leniency(Reading):
    """A reading that gives in: what is wrong at a ``weighty`` path is kept in ``trouble``, else
    nobody hears of it."""

    def __init__(self, weighty: re.Pattern[str], types: str = TYPES) -> None:
        super().__init__(types)
        self.trouble: MalformedRequest | None = None
        self._weighty = weighty

    def blame(self, path: str, text: str) -> None:
        if self._weighty.fullmatch(path):
            super().blame(path, text)

    def unsupported(self, path: str, text: str) -> None:
        """Whoever gets the body may well serve it."""

    def check(self) -> tuple[UnknownField, ...]:
        """Ends the reading, and raises nothing; returns the names nobody took."""
        try:
            return super().check()
        except MalformedRequest as error:
            self.trouble = error
            return ()
