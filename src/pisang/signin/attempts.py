"""How often somebody may try to sign in: a few times for one person from one address, more for one
address, more again for one person from everywhere.

An attempt is counted before the password is looked at, so that many at once are no way around. Each
server process counts for itself; what makes guessing hopeless is the slow digest, this only makes
it cheap for us.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from pisang.core.errors import TooManyAttempts

SECONDS: Final = 300.0
MOST: Final[Mapping[str, int]] = {"both": 5, "address": 30, "email": 60}
"""Attempts in ``SECONDS``: of one person from one address, from one address, of one person."""

_KEPT: Final = 20_000  # names that are remembered; one more, and those that are over are forgotten


class Attempts:
    """The attempts of the last minutes. ``clock`` tells seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._made: dict[tuple[str, str], deque[float]] = {}

    def admit(self, email: str, address: str) -> None:
        """Counts an attempt. Raises ``TooManyAttempts``, and then counts none."""
        at = self._clock()
        names = _names(email, address)
        waits = [wait for name in names if (wait := self._wait(name, at)) > 0]
        if waits:
            raise TooManyAttempts(
                "Too many attempts to sign in. Wait a few minutes, then try again.",
                retry_after=max(waits),
            )
        if len(self._made) >= _KEPT:
            self._forget(at)
        for name in names:
            self._made.setdefault(name, deque()).append(at)

    def passed(self, email: str, address: str) -> None:
        """Who signed in starts anew from here."""
        self._made.pop(_names(email, address)[0], None)

    def _wait(self, name: tuple[str, str], at: float) -> float:
        """Seconds until there is room for one more."""
        made, most = self._made.get(name), MOST[name[0]]
        while made and at - made[0] >= SECONDS:
            made.popleft()
        return made[-most] + SECONDS - at if made and len(made) >= most else 0

    def _forget(self, at: float) -> None:
        old = [name for name, made in self._made.items() if not made or at - made[-1] >= SECONDS]
        for name in old or list(self._made)[: _KEPT // 10]:
            del self._made[name]


def _names(email: str, address: str) -> tuple[tuple[str, str], ...]:
    return ("both", f"{email} {address}"), ("address", address), ("email", email)
