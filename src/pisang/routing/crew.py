"""The members of one engine: one for each of its keys, with what each has to do at the moment."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from pisang.engines.base import Engine


@dataclass(slots=True)
class Crew:
    """Spreads work over the members. Next is one with room left in its limit; among those, one with
    the fewest requests under way; among those, the one that was asked longest ago. ``gone`` is
    whether other members have replaced these."""

    members: Sequence[Engine]
    under_way: list[int] = field(init=False)
    asked: list[int] = field(init=False)
    turns: Iterator[int] = field(default_factory=lambda: count(1))
    gone: bool = False

    def __post_init__(self) -> None:
        self.under_way = [0] * len(self.members)
        self.asked = [0] * len(self.members)

    @property
    def idle(self) -> bool:
        return not any(self.under_way)

    def pick(
        self,
        free: Callable[[int], bool],
        but: Collection[int] = (),
        *,
        spent: Callable[[int], bool] = lambda _: False,
    ) -> int | None:
        """The member to ask next; None where none is ``free``. ``but`` are not to be asked;
        ``spent`` is whether one's limit is used up."""
        if len(self.members) == 1:
            return 0 if 0 not in but and free(0) else None
        chosen = [each for each in range(len(self.members)) if each not in but and free(each)]
        if not chosen:
            return None
        return min(chosen, key=lambda each: (spent(each), self.under_way[each], self.asked[each]))

    def enter(self, member: int) -> None:
        self.under_way[member] += 1
        self.asked[member] = next(self.turns)

    def leave(self, member: int) -> None:
        self.under_way[member] -= 1
