"""An interaction as the events of a stream, for clients of both generations, from any place on.

A client that lost its connection names the last event it saw and goes on after it. So events are
numbered by how far they lead, not counted: what came as ten pieces of text may be told again as
one, and is cut where the reader left.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from pisang.wire import payload, sse
from pisang.wire.interactions.response import NO_LINKS, Interaction, head, linked
from pisang.wire.interactions.schema import Generation
from pisang.wire.interactions.timeline import SOURCES, THOUGHT, Op, OpKind, Step

DONE: Final[list[bytes]] = [b"event: done\r\ndata: [DONE]\r\n\r\n"]
"""The closing frame; readers of this API stop at it."""


class Teller:
    """Writes a stream for one reader: what happens to an interaction, as frames of its generation.

    A stream may be resumed after any event and goes on exactly there. So the place of an event is
    the sum of the lengths before it, and what ends at or before ``resume`` is not told; a text
    that begins before it is cut. Tell it everything from the beginning, also when it resumes.
    """

    def __init__(self, generation: Generation, *, resume: int = -1) -> None:
        self._names = _NAMES[generation]
        self._flat = _Flat() if generation is Generation.OUTPUTS else None
        self._resume = resume
        self._place = 0

    def created(self, shown: Interaction) -> list[list[bytes]]:
        """The first events: here it is, without anything said yet."""
        if self._resume >= 0:
            return []
        status: Step = {"interaction_id": shown.id, "status": shown.status.value}
        return [
            self._frame("created", {"interaction": head(shown)}, 0),
            self._frame("status", status),
        ]

    def op(self, op: Op, links: Mapping[str, str] = NO_LINKS) -> list[list[bytes]]:
        """The events of one change; in the older form that may be several, or none."""
        begin = self._place
        self._place += op.length
        if self._place <= self._resume:
            self._in_its_form(op)
            return []
        if begin < self._resume:
            head, op = op.cut(self._resume - begin)
            self._in_its_form(head)
        told = [(one.kind, self._value(one, links)) for one in self._in_its_form(op)]
        last = len(told) - 1  # only the last event of a change is a place to go on from
        return [
            self._frame(kind, value, self._place if number == last else None)
            for number, (kind, value) in enumerate(told)
        ]

    def completed(self, shown: Interaction) -> list[list[bytes]]:
        """The last events: why it failed, if it did, how it ended and what it cost."""
        self._place += 1
        if self._place <= self._resume:
            return []
        failed = [self._frame("error", {"error": error}) for error in shown.errors]
        end: Step = {"interaction": head(shown)}
        return [*failed, self._frame("completed", end, self._place)]

    def _in_its_form(self, op: Op) -> list[Op]:
        return [op] if self._flat is None else list(self._flat.ops(op))

    def _value(self, op: Op, links: Mapping[str, str]) -> Step:
        key = "content" if self._flat else "step"
        match op.kind:
            case OpKind.START:
                return {"index": op.index, key: op.value}
            case OpKind.DELTA:
                return {"index": op.index, "delta": linked(op.value, links)}
            case OpKind.STOP:
                return {"index": op.index}

    def _frame(self, what: str, value: Step, place: int | None = None) -> list[bytes]:
        name = self._names[what]
        body: Step = value | {"event_type": name}
        if place is not None:
            body["event_id"] = event_id(place)
        return sse.frame(payload.pieces(body), name=name)


class _Flat:
    """Changes of steps as changes of outputs: every content is an output of its own."""

    def __init__(self) -> None:
        self._next = 0
        self._kind = ""  # of the output that is open

    def ops(self, op: Op) -> Iterator[Op]:
        if op.kind is OpKind.STOP:
            yield from self._stop()
        elif op.kind is OpKind.DELTA:
            said = str(op.value["type"])
            kind = _KINDS.get(said, said)
            if kind != self._kind or kind == "image":
                yield from self._stop()
                self._kind = kind
                empty: Step = {"type": kind, "text": ""} if kind == "text" else {"type": kind}
                yield Op(OpKind.START, self._next, empty)
            named = op.value | {"type": _OLDER.get(said, said)}
            yield Op(OpKind.DELTA, self._next, named)

    def _stop(self) -> Iterator[Op]:
        if self._kind:
            yield Op(OpKind.STOP, self._next)
            self._next += 1
            self._kind = ""


_NAMES: Final[Mapping[Generation, Mapping[str, str]]] = {
    Generation.STEPS: {
        "created": "interaction.created",
        "status": "interaction.status_update",
        "start": "step.start",
        "delta": "step.delta",
        "stop": "step.stop",
        "completed": "interaction.completed",
        "error": "error",
    },
    Generation.OUTPUTS: {
        "created": "interaction.start",
        "status": "interaction.status_update",
        "start": "content.start",
        "delta": "content.delta",
        "stop": "content.stop",
        "completed": "interaction.complete",
        "error": "error",
    },
}

# Of deltas: the kind of content that each is for, and what the older generation calls it.
_KINDS: Final[Mapping[str, str]] = {
    "thought_summary": THOUGHT,
    "thought_signature": THOUGHT,
    SOURCES: "text",
}
_OLDER: Final[Mapping[str, str]] = {SOURCES: "text_annotation"}

_EVENT_ID: Final = "evt_"


def event_id(place: int) -> str:
    """A place in a stream, as a caller gets and gives it back."""
    return f"{_EVENT_ID}{place}"


def place_of(event_id: str) -> int | None:
    """The place that an event id names; None for an id that is none of ours."""
    digits = event_id.removeprefix(_EVENT_ID)
    if digits == event_id or not digits.isascii() or not digits.isdecimal() or len(digits) > 15:
        return None
    return int(digits)
