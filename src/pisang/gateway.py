"""THE path of a request, in plain verbs: admit, run, encode, count.

Surfaces and the command line call the same two methods. Streaming is the only form inside: an
answer is an iterator of events, and a unary answer is its fold. What is refused is refused by
``generate`` itself, before any event, so that a surface can still choose its status.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

import structlog

from pisang.admission import policy
from pisang.catalog.models import Card, Catalog, Resolution, Surface, catalog
from pisang.core.caller import Caller
from pisang.core.content import Blob, Content, FileRef, Part
from pisang.core.errors import EngineFailed, EngineTimeout, PisangError
from pisang.core.events import Event, Finished, Image, Preview, Started, Text, Thought, Usage
from pisang.core.image import Canvas, MediaType, Pixels
from pisang.core.request import GenerateRequest, Modality, ServiceTier
from pisang.engines.base import Engine
from pisang.metering import usage
from pisang.provenance.encode import encode

log = structlog.get_logger("pisang.gateway")

T = TypeVar("T")
_LONG_TEXT = 100_000  # characters from which counting tokens would hold up everyone else
_SHORTEST = 0.001  # seconds: a deadline that has passed, since 0 would mean none
_QUICK = 1  # the png_level of previews, which nobody keeps
_COUNTED = Blob("", b"")  # stands for a picture that was already handed on


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the operator decided about requests; ``timeout`` is in seconds."""

    strict_models: bool = False
    strict_signatures: bool = False
    max_megapixels: float = 100
    timeout: float = 600
    png_level: int = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Via:
    """The door by which a request came: which of a model's dates count, and what a refusal names.

    ``method`` is Google's (``generateContent``, ``predict``); ``parent`` is Vertex AI's
    ``projects/P/locations/L``.
    """

    surface: Surface = "gemini_api"
    api_version: str = "v1beta"
    method: str = "generateContent"
    parent: str = ""


class References(Protocol):
    """Brings the bytes of files that a request names and does not send."""

    async def load(self, caller: Caller, files: Mapping[str, FileRef]) -> Mapping[str, Blob]:
        """All files of a request, by the field that names each. Raises a ``PisangError`` that
        blames a field."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """An admitted request: which card serves it, a notice where that is not the model asked for,
    the usage known so far, and the events, which start to be made when they are asked for. Close
    the events (``contextlib.aclosing``) where they may not be read to the end: that stops the work.
    """

    card: Card
    notice: str | None
    tier: ServiceTier
    prompt: Usage
    events: AsyncGenerator[Event, None]


@dataclass(slots=True)
class _Run:
    """One request on its way through the engine."""

    request: GenerateRequest
    card: Card
    canvas: Canvas
    ends: float
    parts: list[Thought | Text | Image] = field(default_factory=list)


class Gateway:
    """Every request for a picture passes here, whichever surface it came in by."""

    def __init__(
        self,
        engine: Engine,
        *,
        rules: Rules = Rules(),
        models: Catalog | None = None,
        references: References | None = None,
    ) -> None:
        self.engine = engine
        self.rules = rules
        self.catalog = models or catalog()
        self.references = references

    async def generate(
        self, caller: Caller, request: GenerateRequest, *, via: Via = Via()
    ) -> Answer:
        """Admits a request, or raises why not (a ``RequestError``).

        The events raise ``EngineTimeout`` at the caller's deadline or the ``request_timeout``
        setting, whichever comes first, and ``EngineError`` where the engine breaks.
        """
        ends = self._ends(request)
        found = self.find(request.model, via=via)
        request = await _before(ends, self._with_files(caller, request))
        if _is_long(request):
            canvas, prompt = await asyncio.to_thread(self._admit, request, found.card, via)
        else:
            canvas, prompt = self._admit(request, found.card, via)
        log.debug("admitted", key=caller.key_id, model=found.card.id)
        run = _Run(request, found.card, canvas, ends)
        tier = policy.served_tier(request, found.card, surface=via.surface)
        return Answer(found.card, found.notice, tier, prompt, self._events(run))

    async def count_tokens(
        self, caller: Caller, request: GenerateRequest, *, via: Via = Via(method="countTokens")
    ) -> Usage:
        """What the prompt of this request would count as, by the catalog. Draws nothing.

        Raises a ``RequestError`` for a prompt that cannot be counted.
        """
        card = self.find(request.model, via=via).card
        ends = self._ends(request)
        request = await _before(ends, self._with_files(caller, request))
        policy.admit_count(request, card, max_megapixels=self.rules.max_megapixels)
        if _is_long(request):
            return await asyncio.to_thread(usage.count_prompt, request, card)
        return usage.count_prompt(request, card)

    def find(self, model: str, *, via: Via = Via()) -> Resolution:
        """The card an id means; raises ``ModelNotFound``."""
        return self.catalog.resolve(
            model,
            strict=self.rules.strict_models,
            surface=via.surface,
            method=via.method,
            api_version=via.api_version,
            parent=via.parent,
        )

    async def fetched(self, caller: Caller, request: GenerateRequest) -> GenerateRequest:
        """The request with the bytes of every file that it names: for who sends it more than once.

        The deadline of what comes back is what is left of it. Raises what ``generate`` raises for a
        file that cannot be had, or not in time.
        """
        ends = self._ends(request)
        loaded = await _before(ends, self._with_files(caller, request))
        if loaded is request or request.deadline is None:
            return loaded
        return replace(loaded, deadline=max(ends - _now(), _SHORTEST))

    async def close(self) -> None:
        await self.engine.close()

    def _ends(self, request: GenerateRequest) -> float:
        """When a request that came just now is given up, by the loop's clock."""
        return _now() + min(self.rules.timeout, request.deadline or self.rules.timeout)

    async def _with_files(self, caller: Caller, request: GenerateRequest) -> GenerateRequest:
        """The request with every file that it names brought here."""
        named = {f"{path}.file_data": part.file for path, part in request.parts() if part.file}
        if self.references is None or not named:
            return request  # without a place to look, admission refuses them
        found = await self.references.load(caller, named)

        def loaded(part: Part, path: str) -> Part:
            if part.file is None:
                return part
            blob = replace(found[f"{path}.file_data"], named=True)
            return replace(part, file=None, blob=blob)

        contents = tuple(
            Content(
                content.role,
                tuple(
                    loaded(part, f"contents[{turn}].parts[{index}]")
                    for index, part in enumerate(content.parts)
                ),
            )
            for turn, content in enumerate(request.contents)
        )
        return replace(request, contents=contents)

    def _admit(self, request: GenerateRequest, card: Card, via: Via) -> tuple[Canvas, Usage]:
        canvas = policy.admit(
            request,
            card,
            max_megapixels=self.rules.max_megapixels,
            surface=via.surface,
            strict=self.rules.strict_signatures,
        )
        return canvas, usage.count_prompt(request, card)

    async def _events(self, run: _Run) -> AsyncGenerator[Event, None]:
        events = self.engine.generate(run.request, card=run.card, canvas=run.canvas)
        try:
            while (event := await _before(run.ends, anext(events, None))) is not None:
                shown = await _before(run.ends, self._seen(event, run))
                if shown is not None:
                    yield shown
        except (PisangError, asyncio.CancelledError):
            raise
        except Exception as error:
            raise EngineFailed(
                f"The {self.engine.name} engine broke while drawing: a defect of pisang, which "
                "the server's log explains. Please report it."
            ) from error
        finally:
            if isinstance(events, AsyncGenerator):
                await events.aclose()

    async def _seen(self, event: Event, run: _Run) -> Event | None:
        """The event as the caller gets it; None for one that was not asked for."""
        request, thinks = run.request, run.card.thinking.supported
        match event:
            case Started():
                return event
            case Thought():
                run.parts.append(event)
                return event if request.thinking.include_thoughts else None
            case Text():
                if not request.wants(Modality.TEXT):
                    return None
                run.parts.append(event)
                return event if thinks else replace(event, signature=None)
            case Image():
                if not request.wants(Modality.IMAGE):
                    return None
                run.parts.append(Image(_COUNTED))
                blob = await self._finished(event.content, run)
                return Image(blob, event.signature if thinks else None)
            case Preview():
                if not (request.previews and request.wants(Modality.IMAGE)):
                    return None
                return Preview(await self._finished(event.content, run, png_level=_QUICK))
            case Finished():
                return replace(event, usage=event.usage or self._count(run))

    async def _finished(
        self, content: Pixels | Blob, run: _Run, *, png_level: int | None = None
    ) -> Blob:
        if isinstance(content, Blob):  # an upstream's finished file stays one
            return content
        media_type = MediaType(run.request.image.mime_type or run.card.mime_default)
        data = await asyncio.to_thread(
            encode,
            content,
            media_type,
            quality=run.request.image.quality,
            png_level=self.rules.png_level if png_level is None else png_level,
        )
        return Blob(media_type, data)

    def _count(self, run: _Run) -> Usage:
        return usage.count(run.request, run.card, canvas=run.canvas, parts=run.parts)


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _before(ends: float, work: Awaitable[T]) -> T:
    """Waits for one step, but not beyond the deadline."""
    try:
        async with asyncio.timeout_at(ends) as limit:
            return await work
    except TimeoutError:
        if not limit.expired():
            raise
    raise EngineTimeout(
        "Deadline expired before the image was ready. Give more time (X-Server-Timeout, or the "
        "timeout of your client), or ask for a smaller size."
    )


def _is_long(request: GenerateRequest) -> bool:
    return sum(len(part.text or "") for _, part in request.parts()) > _LONG_TEXT
