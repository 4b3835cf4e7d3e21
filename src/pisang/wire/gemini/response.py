"""``GenerateContentResponse``: a ``Result`` or a stream of events to bytes, and back.

An answer is written in pieces, so that a 25 MB picture goes from its bytes to the socket as one
base64 piece. The rules that clients depend on (surfaces contract, sections 3 and 4): default and
empty fields are left out, a refusal is a 200 with ``parts: []``, an empty part is never written
beside real ones, and a picture is whole in one chunk.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, cast

from pisang.core.content import Blob
from pisang.core.errors import EngineFailed, MalformedRequest, PisangError
from pisang.core.events import (
    Event,
    Finished,
    FinishReason,
    Image,
    Preview,
    Result,
    Started,
    Text,
    Thought,
    Usage,
    stop,
)
from pisang.core.request import ServiceTier
from pisang.wire import faults, payload, sse
from pisang.wire.fields import Fields, Reading, camel
from pisang.wire.gemini import grounding, signatures
from pisang.wire.gemini import usage as usage_metadata
from pisang.wire.gemini.contents import write_blob
from pisang.wire.gemini.schema import (
    BLOCK_REASONS,
    DEVELOPER,
    FINISH_NUMBERS,
    FINISH_REASONS,
    Variant,
)
from pisang.wire.payload import Written

Spoken = Thought | Text | Image

NOTES: Final = (
    "citation_metadata",
    "grounding_metadata",
    "url_context_metadata",
    "safety_ratings",
)
"""What a candidate says of itself beside its content. Who shows what Google found has to show its
sources, so it goes along unread."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """What every chunk of one answer says alike."""

    response_id: str
    service_tier: ServiceTier | None
    variant: Variant
    created: datetime | None


def encode(
    result: Result,
    *,
    response_id: str,
    include_thoughts: bool = False,
    service_tier: ServiceTier | None = None,
    variant: Variant = DEVELOPER,
    created: datetime | None = None,
) -> bytes:
    """Writes a whole answer as one byte string; see ``pieces`` for big ones."""
    parts = pieces(
        result,
        response_id=response_id,
        include_thoughts=include_thoughts,
        service_tier=service_tier,
        variant=variant,
        created=created,
    )
    return b"".join(parts)


def pieces(
    result: Result,
    *,
    response_id: str,
    include_thoughts: bool = False,
    service_tier: ServiceTier | None = None,
    variant: Variant = DEVELOPER,
    created: datetime | None = None,
) -> list[bytes]:
    """Writes a whole answer in pieces (``payload.size`` gives the Content-Length).

    Thoughts are left out unless the caller asked for them. Every ``Image`` must hold a ``Blob``.
    ``created`` is when the request came, for a surface that tells.
    """
    frame = _Frame(response_id, service_tier, variant, created)
    spoken = [p for p in result.parts if _is_said(p, include_thoughts=include_thoughts)]
    body = _body(
        spoken,
        finished=result.finished,
        model_version=result.model_version,
        usage=result.finished.usage,
        frame=frame,
    )
    return payload.pieces(body)


async def chunks(
    events: AsyncIterator[Event],
    *,
    response_id: str,
    include_thoughts: bool = False,
    service_tier: ServiceTier | None = None,
    variant: Variant = DEVELOPER,
    created: datetime | None = None,
    prompt: Usage | None = None,
    early: bool = False,
) -> AsyncGenerator[list[bytes], None]:
    """Turns events into the JSON values of a stream, each in pieces; ``as_sse`` frames them.

    A part is held back until the next event, so that ``finishReason`` travels with the last part:
    the chat of google-genai forgets a turn if any chunk of it has no parts. For the same reason
    the ``early`` chunk (usage and model only, so that the caller sees bytes at once) is off unless
    asked for (``test_sdk_parsers.py`` pins both). ``prompt`` is the usage known before the end; it
    is on every chunk but the last.
    """
    version = ""
    held: list[Spoken] = []
    frame = _Frame(response_id, service_tier, variant, created)

    def body(finished: Finished | None = None) -> list[bytes]:
        return payload.pieces(
            _body(
                held,
                finished=finished,
                model_version=version,
                usage=finished.usage if finished else prompt,
                frame=frame,
            )
        )

    try:
        async for event in events:
            match event:
                case Started():
                    version = event.model_version
                    if early:
                        yield body()
                case Finished():
                    yield body(event)
                case Preview():
                    pass  # Google's surfaces have no word for one
                case _ if _is_said(event, include_thoughts=include_thoughts):
                    if held:
                        yield body()
                    held = [event]
    finally:
        await stop(events)


def as_sse(values: AsyncGenerator[list[bytes], None]) -> AsyncGenerator[list[bytes], None]:
    """Frames the values as server-sent events; an error after the first is the last event, which
    both of Google's SDKs raise."""

    def failed(error: PisangError) -> list[bytes]:
        return sse.frame(payload.pieces(faults.google(error)[1]))

    return sse.framed(values, sse.frame, failed=failed)


async def as_json_array(values: AsyncIterator[list[bytes]]) -> AsyncGenerator[list[bytes], None]:
    """Frames the values as one JSON array, element by element: the form without ``alt=sse``."""
    opening: Final = b"["
    before = opening
    try:
        async for value in values:
            yield [before, *value]
            before = b"\n,\r\n"
    except PisangError as error:
        if before is opening:
            raise
        yield [before, *payload.pieces(faults.google(error)[1])]
    finally:
        await stop(values)
    yield [b"[]" if before is opening else b"\n]"]


def _is_said(part: Spoken, *, include_thoughts: bool) -> bool:
    match part:
        case Thought():
            return include_thoughts and bool(part.text)
        case Text():
            return bool(part.text)
        case Image():
            return True


def _body(
    spoken: list[Spoken],
    *,
    finished: Finished | None,
    model_version: str,
    usage: Usage | None,
    frame: _Frame,
) -> dict[str, Written]:
    body: dict[str, Written] = {}
    variant = frame.variant
    if finished and finished.blocked and not spoken:
        body["promptFeedback"] = _feedback(finished, variant)
    elif spoken or finished:
        candidate: dict[str, Written] = {
            "content": {"parts": [_written(part) for part in spoken], "role": "model"}
        }
        if finished:
            reason = variant.missing_words.get(finished.reason, finished.reason)
            candidate["finishReason"] = reason.value
        if finished and finished.message:
            candidate["finishMessage"] = finished.message
        candidate["index"] = 0
        if finished:
            candidate |= cast(Mapping[str, Written], finished.notes)
        body["candidates"] = [candidate]
    if usage is not None:
        body["usageMetadata"] = usage_metadata.written(
            usage, service_tier=frame.service_tier, variant=variant
        )
    body["modelVersion"] = model_version
    if variant.tells_time and frame.created is not None:
        body["createTime"] = _timestamp(frame.created)
    body["responseId"] = frame.response_id
    return body


def _feedback(finished: Finished, variant: Variant) -> dict[str, Written]:
    """What stands in place of candidates where the prompt itself was refused (section 3)."""
    reason = finished.reason.value
    feedback: dict[str, Written] = {
        "blockReason": reason if reason in BLOCK_REASONS else FinishReason.OTHER.value
    }
    if variant.explains_blocks and finished.message:
        feedback["blockReasonMessage"] = finished.message
    return feedback


def _timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with six decimals, as Google writes it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def _written(part: Spoken) -> dict[str, Written]:
    match part:
        case Thought():
            return {"text": part.text, "thought": True}
        case Text():
            written: dict[str, Written] = {"text": part.text}
        case Image():
            if not isinstance(part.content, Blob):
                raise EngineFailed("A picture reached the wire before it was encoded to a file.")
            written = {"inlineData": write_blob(part.content)}
    if part.signature is not None:
        written["thoughtSignature"] = part.signature
    return written


def decode(body: bytes) -> Result:
    """Reads a whole answer; ``decode(encode(x)) == x`` when thoughts are included.

    Tolerant as a client must be: unknown fields are skipped, an unknown finish reason is OTHER.
    Raises the error that the body holds, or ``EngineFailed`` if it is no answer at all.
    """
    version, parts, finished = "", list[Spoken](), Finished(FinishReason.OTHER)
    for event in decode_chunk(body):
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


def decode_chunk(body: bytes, *, whole: bool = False) -> list[Event]:
    """Reads one value of a stream: ``Started`` with its version, its parts, its end if it ends.

    A picture that is marked as a thought is a draft, and so a ``Preview``; all others are kept, and
    the last is the answer. Long base64 stays as it came until somebody wants its bytes. Where
    nothing follows (``whole``), a picture is an end.
    """
    try:
        tree = payload.read_answer(body)
        if "error" in tree:
            raise faults.from_google(500, body)
        reading = Reading()
        events = _events(Fields(tree, path="", reading=reading), whole=whole)
        reading.check()
    except MalformedRequest as error:
        raise EngineFailed(f"The server's answer cannot be read: {error.message}") from None
    return events


def _events(root: Fields, *, whole: bool) -> list[Event]:
    version = root.text("model_version") or ""
    events: list[Event] = [Started(version)] if version else []
    candidates = root.nested_list("candidates", kind="Candidate")
    reason: FinishReason | None = None
    message, blocked, searches = None, False, 0
    notes: Mapping[str, object] = {}
    if candidates:
        events += _parts(candidates[0].nested("content", kind="Content"))
        reason = finish_reason(candidates[0])
        message = candidates[0].text("finish_message")
        notes = _notes(candidates[0])
        searches = usage_metadata.searched(notes.get("groundingMetadata"))
        events = grounding.cited(events, notes)
    feedback = root.nested("prompt_feedback", kind="PromptFeedback")
    if feedback and (block := block_reason(feedback)):
        reason, message = block, feedback.text("block_reason_message")
        blocked = not candidates
    metadata = root.take("usage_metadata")
    images = sum(isinstance(event, Image) for event in events)
    usage, tier = None, ""
    if isinstance(metadata, dict):
        tier = usage_metadata.tier(metadata)
        usage = usage_metadata.read(metadata, images=images, searches=searches)
    if reason is None and whole and images:
        reason = FinishReason.STOP
    if reason is not None:
        events.append(Finished(reason, message, usage, blocked, tier, notes))
    return events


def _notes(candidate: Fields) -> Mapping[str, object]:
    """What there is to say of a candidate, by the names that it is written under."""
    told = {camel(name): candidate.take(name) for name in NOTES}
    return {name: value for name, value in told.items() if value and isinstance(value, dict | list)}


def finish_reason(candidate: Fields) -> FinishReason | None:
    """Why a candidate ended; None while it goes on."""
    return reason_of(candidate.take("finish_reason"))


def reason_of(said: object) -> FinishReason | None:
    """A finish reason, by word or number; None for none."""
    if isinstance(said, int):
        said = FINISH_NUMBERS.get(said)
    if said is None:
        return None
    return FINISH_REASONS.get(str(said), FinishReason.OTHER)


def block_reason(feedback: Fields) -> FinishReason | None:
    """Why a prompt was refused as such; None if it was not."""
    return block_of(feedback.take("block_reason"))


def block_of(said: object) -> FinishReason | None:
    """The reason of a refusal by its word; None for none."""
    if said is None:
        return None
    return FINISH_REASONS.get(str(said), FinishReason.PROHIBITED_CONTENT)


def _parts(content: Fields | None) -> list[Event]:
    return [
        event
        for part in (content.nested_list("parts", kind="Part", lone=True) if content else [])
        if (event := _part(part)) is not None
    ]


def _part(part: Fields) -> Event | None:
    text = part.text("text")
    inline = part.nested("inline_data", kind="Blob")
    thought = part.flag("thought")
    signature = signatures.read(part)
    if inline:
        blob = Blob(inline.text("mime_type") or "", inline.form("data") or b"")
        return Preview(blob) if thought else Image(blob, signature)
    if not text:
        return None
    return Thought(text) if thought else Text(text, signature)
