"""One request's hold, until it is settled: posted once, or else voided.

Whoever has it settles it; where nobody does, because the work was never begun or was left, letting
go of it voids it. What even that does not reach (a killed process) expires.
"""

from typing import Final

from pisang.ledger.words import Bill, Desk, Hold

ABANDONED: Final = "ABANDONED"


class Held:
    """``reached`` is whether any engine was asked: then the request stays counted in its limits,
    whatever became of it."""

    __slots__ = ("_desk", "_open", "hold", "reached")

    def __init__(self, desk: Desk, hold: Hold) -> None:
        self._desk, self._open = desk, True
        self.hold = hold
        self.reached = False

    @property
    def settled(self) -> bool:
        """Whether it was posted or voided."""
        return not self._open

    async def post(self, bill: Bill) -> None:
        """Charges what was used; durable when it returns, and on its way even if that is cancelled.
        Does nothing where the hold was settled before. Raises ``StoreError``."""
        if self._open:
            self._open = False
            await self._desk.post(self.hold, bill)

    def void(self, finish: str = ABANDONED) -> None:
        """Frees the hold without a charge, where it was not settled before."""
        if self._open:
            self._open = False
            self._desk.void(self.hold, finish=finish, counted=self.reached)

    def __del__(self) -> None:
        self.void()
