"""What an engine yields while it works; a unary answer is the fold of the same events.

Order: ``Started``, then any number of ``Thought``, ``Text``, ``Preview`` and ``Image``, then
``Finished``.
Engines of ours put ``Pixels`` into an ``Image``; the gateway marks and encodes them once, so that
surfaces only ever see a ``Blob``.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pisang.core.content import Blob
from pisang.core.image import Pixels


class FinishReason(StrEnum):
    """Why the engine stopped, in Google's words (surfaces contract, section 3.1)."""

    STOP = "STOP"
    MAX_TOKENS = "MAX_TOKENS"
    SAFETY = "SAFETY"
    RECITATION = "RECITATION"
    OTHER = "OTHER"
    LANGUAGE = "LANGUAGE"
    BLOCKLIST = "BLOCKLIST"
    PROHIBITED_CONTENT = "PROHIBITED_CONTENT"
    SPII = "SPII"
    MALFORMED_FUNCTION_CALL = "MALFORMED_FUNCTION_CALL"
    IMAGE_SAFETY = "IMAGE_SAFETY"
    IMAGE_PROHIBITED_CONTENT = "IMAGE_PROHIBITED_CONTENT"
    IMAGE_OTHER = "IMAGE_OTHER"
    NO_IMAGE = "NO_IMAGE"
    IMAGE_RECITATION = "IMAGE_RECITATION"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens by what they were spent on, pictures, and web searches. ``text_output`` leaves
    thoughts out. ``engine_ms`` is how long the engine took, where its price asks for that."""

    prompt_text: int = 0
    prompt_image: int = 0
    text_output: int = 0
    image_output: int = 0
    thoughts: int = 0
    images: int = 0
    searches: int = 0
    engine_ms: int = 0

    @property
    def prompt(self) -> int:
        return self.prompt_text + self.prompt_image

    @property
    def candidates(self) -> int:
        return self.text_output + self.image_output

    @property
    def total(self) -> int:
        return self.prompt + self.candidates + self.thoughts


@dataclass(frozen=True, slots=True)
class Started:
    """The engine took the work. ``model_version`` is what the answer will name."""

    model_version: str


@dataclass(frozen=True, slots=True)
class Thought:
    """A piece of the plan; a surface shows it only to callers who asked for thoughts."""

    text: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A source that was found on the web. ``start`` and ``end`` are the letters of a text that it
    stands behind; from 0 to 0 where it is behind none in particular."""

    url: str
    title: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Text:
    """Some words, and the sources behind them, as far as those came in one piece with them."""

    text: str
    signature: bytes | None = None
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """The picture as it stands while it is being made; only where the request asks for previews.
    A result does not hold them."""

    content: Pixels | Blob


@dataclass(frozen=True, slots=True)
class Image:
    """One picture, whole: ``Pixels`` from engines of ours, a finished ``Blob`` from upstreams."""

    content: Pixels | Blob
    signature: bytes | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """The end. ``message`` explains a reason other than STOP; ``usage`` is None where the engine
    does not count and the gateway is to count by the catalog. ``blocked`` is whether the prompt was
    refused as such, before anything was made of it. ``tier`` is an upstream's own word
    for the tier that it served, empty where it names none. ``notes`` are what Google says of an
    answer beside it, under its own names and unread: its sources, and what it searched for."""

    reason: FinishReason
    message: str | None = None
    usage: Usage | None = None
    blocked: bool = False
    tier: str = ""
    notes: Mapping[str, object] = field(default_factory=dict)


Event = Started | Thought | Text | Preview | Image | Finished


@dataclass(frozen=True, slots=True)
class Result:
    """A whole answer: the fold of its events."""

    model_version: str
    parts: tuple[Thought | Text | Image, ...]
    finished: Finished


async def fold(events: AsyncIterator[Event]) -> Result:
    """Collects a stream of events into one result."""
    version, parts, finished = "", list[Thought | Text | Image](), Finished(FinishReason.OTHER)
    async for event in events:
        match event:
            case Started():
                version = event.model_version
            case Finished():
                finished = event
            case Preview():
                pass
            case _:
                parts.append(event)
    return Result(version, tuple(parts), finished)


async def stop(events: AsyncIterator[object]) -> None:
    """Ends the work behind an iterator at once, not when its memory is next collected."""
    if isinstance(events, AsyncGenerator):
        await events.aclose()
