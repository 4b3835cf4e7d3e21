"""What can happen to a good answer on its way: slow, stalled, cut, garbled, of the wrong kind.

Each is a function from a play (an answer as steps) to a play, so that several can follow one
another. An event of a stream is a step of its own; any other answer comes as one.
"""

from dataclasses import replace
from itertools import chain
from typing import Final

from pisang.faults.fault import Argument, Cut, Play, Send, Step, TransportFault, Wait

END: Final = b"\r\n\r\n"
"""What ends an event of a stream of ours."""

SSE: Final = "text/event-stream"
_SLICES: Final = 10
_SECONDS: Final = "seconds"


def play(content_type: str, body: bytes) -> Play:
    """A good answer, as it would go out."""
    if content_type.startswith(SSE):
        events = [event + END for event in body.split(END)[:-1]]
        return Play(content_type=content_type, length=None, steps=tuple(map(Send, events)))
    return Play(content_type=content_type, length=len(body), steps=(Send(body),))


def _slow_first_byte(good: Play, seconds: float) -> Play:
    return replace(good, before=seconds)


def _slow_body(good: Play, seconds: float) -> Play:
    pieces = list(chain.from_iterable(_sliced(step) for step in good.steps))
    pause = Wait(seconds / len(pieces)) if pieces else Wait(seconds)
    return replace(good, steps=tuple(chain.from_iterable((pause, piece) for piece in pieces)))


def _stalled(good: Play, seconds: float) -> Play:
    return replace(good, steps=(*_first_half(good), Wait(seconds), Cut()))


def _truncated(good: Play, _: float) -> Play:
    return replace(good, length=None, steps=_first_half(good))


def _cut(good: Play, _: float) -> Play:
    return replace(good, steps=(*_first_half(good), Cut()))


def _cut_in_stream(good: Play, _: float) -> Play:
    """Half of the last event, and the end of the connection."""
    last = None if good.length is not None else _last(good)
    if last is None:
        return _cut(good, 0)
    return replace(good, steps=(*good.steps[:last], _half(good.steps[last]), Cut()))


def _wrong_type(good: Play, _: float) -> Play:
    return replace(good, content_type="text/html; charset=UTF-8")


def _garbled(good: Play, _: float) -> Play:
    """Bytes in the middle that are no UTF-8 and no JSON; the length stays."""
    middle = len(good.steps) // 2
    steps = list(good.steps)
    match steps[middle] if steps else Wait(0):
        case Send(data):
            at, bad = len(data) // 2, b"\xff\x00\xfe\x00\xff"[: len(data) - len(data) // 2]
            steps[middle] = Send(data[:at] + bad + data[at + len(bad) :])
    return replace(good, steps=tuple(steps))


def _doubled_end(good: Play, _: float) -> Play:
    """The last event twice; what only marks the end stays the end."""
    last = None if good.length is not None else _last(good)
    if last is None:
        return good
    return replace(good, steps=(*good.steps[: last + 1], *good.steps[last:]))


def _last(good: Play) -> int | None:
    """The place of the last event that says something."""
    places = reversed(range(len(good.steps)))
    return next((place for place in places if not _marks_the_end(good.steps[place])), None)


def _marks_the_end(step: Step) -> bool:
    return not isinstance(step, Send) or b"[DONE]" in step.data[-60:]


def _first_half(good: Play) -> tuple[Step, ...]:
    """Of a stream of several events the first half of them; else the first half of the bytes."""
    if len(good.steps) > 1:
        middle = len(good.steps) // 2
        return (*good.steps[:middle], _half(good.steps[middle]))
    return tuple(map(_half, good.steps))


def _half(step: Step) -> Step:
    return Send(step.data[: len(step.data) // 2]) if isinstance(step, Send) else step


def _sliced(step: Step) -> list[Step]:
    if not isinstance(step, Send):
        return [step]
    size = max(1, -(-len(step.data) // _SLICES))
    return [Send(step.data[at : at + size]) for at in range(0, len(step.data), size)]


TRANSPORT: Final[tuple[TransportFault, ...]] = (
    TransportFault(
        name="slow-first-byte",
        sees="nothing for a while, then a good answer",
        argument=Argument(unit=_SECONDS, default=5),
        spoil=_slow_first_byte,
    ),
    TransportFault(
        name="slow-body",
        sees="a good answer, in drops",
        argument=Argument(unit=_SECONDS, default=10),
        spoil=_slow_body,
    ),
    TransportFault(
        name="stalled-body",
        sees="half of an answer, then nothing, then the end of the connection",
        argument=Argument(unit=_SECONDS, default=600),
        spoil=_stalled,
    ),
    TransportFault(
        name="truncated-json",
        sees="half of an answer that ends as if it were whole",
        spoil=_truncated,
    ),
    TransportFault(
        name="cut-connection",
        sees="half of an answer, and the end of the connection",
        spoil=_cut,
    ),
    TransportFault(
        name="cut-stream",
        sees="a stream that ends inside its last event (an answer that is none: cut-connection)",
        spoil=_cut_in_stream,
    ),
    TransportFault(
        name="wrong-content-type",
        sees="a good answer that says it is HTML",
        spoil=_wrong_type,
    ),
    TransportFault(
        name="garbled-bytes",
        sees="an answer with bytes in it that are neither JSON nor UTF-8",
        spoil=_garbled,
    ),
    TransportFault(
        name="duplicated-final-chunk",
        sees="a stream whose last event comes twice",
        spoil=_doubled_end,
    ),
)
