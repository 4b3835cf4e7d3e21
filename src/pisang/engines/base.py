"""The contract of an engine: something that turns a request into events.

An engine that is somebody else's server (an *upstream*) has a second method: it forwards a body of
its own dialect as it came, and hands on the answer as it comes. docs/how-to/engines.md shows a
whole engine.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeGuard, runtime_checkable

from pisang.catalog.models import Card
from pisang.core.errors import EngineError
from pisang.core.events import Event, Image, Text, Thought
from pisang.core.image import Canvas
from pisang.core.request import GenerateRequest
from pisang.core.upstream import Dialect, Symptom
from pisang.wire.openai.words import Wanted
from pisang.wire.splice import Piece

__all__ = [
    "Engine",
    "Foresees",
    "Forward",
    "Passing",
    "Piece",
    "Upstream",
    "UpstreamFault",
    "foresees",
    "is_upstream",
    "server_of",
]


class Engine(Protocol):
    """Makes images. ``name`` is what routes, logs and ``modelVersion`` call it.

    ``generate`` yields ``Started`` first and ``Finished`` last (see ``core/events.py``). It raises
    a ``RequestError`` for input it cannot read, an ``EngineError`` when it breaks, and
    ``UpstreamFault`` for whatever an upstream did instead. Cancellation of the task is normal: the
    engine stops its work and lets ``CancelledError`` pass.
    """

    name: str

    def generate(
        self, request: GenerateRequest, *, card: Card, canvas: Canvas
    ) -> AsyncIterator[Event]:
        """Draws what ``request`` asks for at exactly the pixels of ``canvas``; an upstream is asked
        for ``request.model``, within ``request.deadline`` seconds."""
        ...

    async def close(self) -> None:
        """Lets go of threads and connections; called once at shutdown."""
        ...


@dataclass(slots=True, kw_only=True)
class Forward:
    """A request in an upstream's own dialect.

    ``body`` is in pieces, to be sent one after another. ``method`` is what stands at the end of the
    address: ``generateContent``, ``predict``, ``images/edits``. ``model`` is the upstream's id.
    ``version`` is the API version that the caller used, ``headers`` what they said that an upstream
    should hear (lower-case names), ``seconds`` the time that is left.
    """

    dialect: Dialect
    method: str
    model: str
    body: Sequence[Piece]
    media_type: str = "application/json"
    version: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 600


@dataclass(slots=True)
class Passing:
    """An answer of status 200 as it arrives. ``headers`` are those that mean something to a caller
    (lower-case names); ``length`` is that of the body where it was told.

    Close the chunks (``contextlib.aclosing``): that stops the upstream. They raise
    ``UpstreamFault`` where the answer breaks off. ``hide`` takes out of it what nobody is to see,
    where it turns out to be an error that has to be quoted.
    """

    headers: Mapping[str, str]
    length: int | None
    chunks: AsyncGenerator[bytes, None]
    hide: Callable[[bytes], bytes] = field(default=bytes, repr=False)


@runtime_checkable
class Upstream(Engine, Protocol):
    """An engine that is somebody else's server. ``dialects`` are those it can be sent as they are,
    ``keeps_dates`` is whether models end here when Google says so (a stand-in has its own), and
    ``vertex`` whether a body of Google's has to be in Vertex AI's variant. It may also have a
    ``server``, its host and port, which traces then tell."""

    dialects: frozenset[Dialect]
    keeps_dates: bool
    vertex: bool

    def takes(self, method: str, wanted: Wanted) -> bool:
        """Whether a body of its dialects may be sent as it came: the method is known there, and so
        is what a body of OpenAI's dialect is ``wanted`` to be understood by."""
        ...

    async def forward(self, sent: Forward) -> Passing:
        """Sends a body as it came. Raises ``UpstreamFault`` for any answer but 200, or none."""
        ...

    async def probe(self, model: str) -> None:
        """Asks for something that costs nothing (a model, or a count of tokens), to see whether the
        address, the credential and the model are right. Raises ``UpstreamFault``."""
        ...


class Foresees(Protocol):
    """An engine that can say beforehand exactly what it will answer."""

    async def foresee(
        self, request: GenerateRequest, *, card: Card, canvas: Canvas
    ) -> Sequence[Thought | Text | Image]:
        """What ``generate`` will yield for the same request, thoughts, texts and pictures (without
        their content), for far less work. Raises what ``generate`` would."""
        ...


def foresees(engine: object) -> TypeGuard[Foresees]:
    """Whether an engine knows its answers beforehand."""
    return hasattr(engine, "foresee")


def server_of(engine: Engine) -> tuple[str, int] | None:
    """The host and the port of an upstream, for traces; None for an engine that names none."""
    named: tuple[str, int] | None = getattr(engine, "server", None)
    return named


def is_upstream(engine: Engine) -> TypeGuard[Upstream]:
    """Whether an engine is somebody else's server. It is asked for every request, so one attribute
    stands for the whole protocol, which ``isinstance`` would look at member by member."""
    return hasattr(engine, "dialects")


class UpstreamFault(EngineError):
    """An upstream did not do its work; ``routing/triage.py`` says what that means.

    No caller ever sees one: they get what triage makes of it.
    """

    def __init__(self, symptom: Symptom) -> None:
        super().__init__(symptom.detail or f"The upstream answered HTTP {symptom.status}.")
        self.symptom = symptom
