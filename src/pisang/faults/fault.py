"""What a fault is: a name, a sentence about what a caller sees, and how its answer is made.

There are three kinds. An *error* is an answer of its own, given at the door. An *answer* is HTTP
200 with something other than one picture. A *transport* fault spoils a good answer on its way out.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pisang.core.events import Event
from pisang.core.image import Canvas
from pisang.core.request import GenerateRequest

Tree = dict[str, Any]
"""A JSON object as it was parsed."""


class Group(StrEnum):
    """The kinds of faults, in the order in which they are listed."""

    ERROR = "error"
    REFUSAL = "refusal"
    SHAPE = "shape"
    TRANSPORT = "transport"


class Known(StrEnum):
    """How well Google's words are known."""

    RECORDED = "recorded"  # byte for byte from recorded traffic
    QUOTED = "quoted"  # as people quote it, or Google's documentation
    GUESSED = "guessed"  # the status is right; the sentence may differ


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """The number behind ``NAME=``; ``default`` is None where nothing is said without it."""

    unit: str
    default: float | None = None
    least: float = 0
    most: float = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault; ``sees`` is what a caller sees, as the end of a sentence."""

    name: str
    group: Group
    sees: str
    argument: Argument | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """Which limit a 429 is about; ``value`` is empty where Google does not tell it."""

    metric: str
    id: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorFault(Fault):
    """An error in Google's words. ``message`` and ``details`` may hold ``{model}`` and other names
    (``telling.FailedCall``); those for Vertex AI are given where they differ.

    ``openai`` is ``type`` and ``code`` of OpenAI's envelope, ``openai_status`` the status there
    where it is another.
    """

    group: Group = Group.ERROR
    status: int
    word: str
    message: str
    on_vertex: str = ""
    details: Sequence[Mapping[str, Any]] = ()
    quota: Quota | None = None
    openai: tuple[str, str | None] = ("invalid_request_error", None)
    openai_status: int = 0
    known: Known = Known.QUOTED
    page: bytes = b""  # an answer that is no JSON at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What the events of an answer are made from; ``value`` is the argument."""

    request: GenerateRequest
    canvas: Canvas
    model: str
    value: float


Script = Callable[[Drawing], Iterator[Event]]
Reshape = Callable[[Tree, float], Tree]


def as_it_is(tree: Tree, _: float) -> Tree:
    """No reshaping."""
    return tree


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFault(Fault):
    """An answer that begins well: its events, which every surface tells in its own form, and what
    Google's own form of it has that events cannot say (``reshape``, on one value of the answer)."""

    script: Script
    reshape: Reshape = as_it_is


@dataclass(frozen=True, slots=True)
class Send:
    """Some bytes of the body."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing is sent for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection is closed, whatever was promised."""


Step = Send | Wait | Cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """An answer on its way out. ``length`` is what Content-Length promises; None promises nothing.
    ``before`` is how long its first byte keeps its reader waiting."""

    content_type: str
    length: int | None
    steps: tuple[Step, ...]
    before: float = 0.0


Spoil = Callable[[Play, float], Play]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportFault(Fault):
    """Something that happens to a good answer on its way."""

    group: Group = Group.TRANSPORT
    spoil: Spoil


@dataclass(frozen=True, slots=True)
class Chosen:
    """A fault with its argument."""

    fault: Fault
    value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The faults that one answer is to have. Of so many requests in a row ``times`` have it, before
    one has not; ``rate`` is the share that has it."""

    chosen: tuple[Chosen, ...] = field(default=())
    times: int | None = None
    rate: float = 1.0

    @property
    def name(self) -> str:
        """The order as it is written in a header."""
        return ",".join(
            one.fault.name if one.value is None else f"{one.fault.name}={one.value:.12g}"
            for one in self.chosen
        )

    @property
    def error(self) -> ErrorFault | None:
        return next((one.fault for one in self.chosen if isinstance(one.fault, ErrorFault)), None)

    @property
    def answer(self) -> AnswerFault | None:
        return next((one.fault for one in self.chosen if isinstance(one.fault, AnswerFault)), None)

    def value(self, fault: Fault) -> float | None:
        """What was given for a fault, else its default."""
        given = next((one.value for one in self.chosen if one.fault is fault), None)
        return given if given is not None or fault.argument is None else fault.argument.default
