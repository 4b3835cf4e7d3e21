"""What a response answers: its items one after another, whole or as the events of a stream.

``Telling`` takes the events of the gateway and gives the events of the dialect; a whole answer is
what it holds at the end, so both forms say the same. Every event carries a ``sequence_number``, and
the last one the whole response again (surfaces contract, section 10.3).

A refusal is never an empty success: a whole answer is then an error of its own
(``PictureRefused``), a stream ends in ``response.failed``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from pisang.core.content import Blob, Role
from pisang.core.errors import Fault, PictureRefused, PisangError
from pisang.core.events import (
    Citation,
    Event,
    Finished,
    FinishReason,
    Image,
    Preview,
    Started,
    Text,
    Thought,
    Usage,
)
from pisang.core.image import sniff
from pisang.core.request import ServiceTier
from pisang.wire.openai.citations import annotation, google_said
from pisang.wire.openai.completions import picture, refused, why
from pisang.wire.openai.response_items import PICTURE, item_id
from pisang.wire.openai.responses import ResponseRequest
from pisang.wire.payload import Written

Object = dict[str, Written]
_CALL: Final = f"response.{PICTURE}"
_ANNOTATED: Final = "response.output_text.annotation.added"
_TIERS: Final = {ServiceTier.STANDARD: "default"}


@dataclass(slots=True)
class Telling:
    """One response while it comes about. ``created`` is in seconds since 1970."""

    asked: ResponseRequest
    id: str
    created: int
    tier: ServiceTier
    output: list[Written] = field(default_factory=list)
    number: int = 0
    drawing: str | None = None  # the id of the picture that is being drawn
    held: list[Thought | Text] = field(default_factory=list)  # items end in the order they begin
    previews: int = 0
    said: bool = False

    def begin(self) -> Iterator[Object]:
        """The first two events."""
        for kind in ("created", "in_progress"):
            yield self._event(f"response.{kind}", response=self.envelope("in_progress"))

    def take(self, event: Event) -> Iterator[Object]:
        """The events that tell about one event of the gateway; ``Finished`` is for ``end``."""
        match event:
            case Thought() | Text() if self.drawing is not None:
                self.held.append(event)
            case Thought() if event.text:
                yield from self._thought(event.text)
            case Text() if event.text:
                yield from self._text(event.text, event.citations)
            case Preview():
                yield from self._preview(event)
            case Image():
                yield from self._picture(event)
            case Started() | Finished() | Thought() | Text():
                return

    def end(self, finished: Finished) -> Iterator[Object]:
        """The last events. Raises ``PictureRefused`` where there is nothing but a refusal."""
        if self.drawing is not None:
            yield from self._given_up(self.drawing)
        told = why(finished, said=self.said)
        if refused(finished, said=self.said):
            raise PictureRefused(told or "", metadata={"finish_reason": finished.reason.value})
        if told:
            yield from self._text(told)
        status = "incomplete" if finished.reason is FinishReason.MAX_TOKENS else "completed"
        body = self.envelope(status, usage=finished.usage or Usage())
        if said := google_said(finished.notes):
            body["extra_content"] = {"google": said}
        yield self._event(f"response.{status}", response=body)

    def fail(self, error: PisangError) -> Object:
        """The last event of a response that broke or was refused."""
        code = "server_error"
        if isinstance(error, PictureRefused):
            code = "image_content_policy_violation"
        elif error.fault is Fault.CALLER:
            code = "invalid_prompt"
        body = self.envelope("failed") | {"error": {"code": code, "message": error.message}}
        return self._event("response.failed", response=body)

    def envelope(self, status: str, *, usage: Usage | None = None) -> Object:
        """The response as it stands."""
        cut = status == "incomplete"
        return {
            "id": self.id,
            "object": "response",
            "created_at": self.created,
            "status": status,
            "background": False,
            "completed_at": self.created if status == "completed" else None,
            "error": None,
            "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
            "model": self.asked.found.card.id,
            "output": list(self.output),
            "previous_response_id": self.asked.previous,
            "service_tier": _TIERS.get(self.tier, self.tier.value),
            "store": self.asked.store,
            "text": {"format": {"type": "text"}},
            "usage": written_usage(usage) if usage else None,
            **self.asked.echo,
        }

    def _thought(self, text: str) -> Iterator[Object]:
        item: Object = {"id": self._new("rs"), "type": "reasoning", "summary": []}
        at = {"item_id": item["id"], "output_index": len(self.output), "summary_index": 0}
        part: Object = {"type": "summary_text", "text": text}
        yield self._added(item)
        empty = part | {"text": ""}
        yield self._event("response.reasoning_summary_part.added", **at, part=empty)
        yield self._event("response.reasoning_summary_text.delta", **at, delta=text)
        yield self._event("response.reasoning_summary_text.done", **at, text=text)
        yield self._event("response.reasoning_summary_part.done", **at, part=part)
        yield self._done(item | {"summary": [part]})

    def _text(self, text: str, sources: Sequence[Citation] = ()) -> Iterator[Object]:
        self.said = True
        item: Object = {
            "id": self._new("msg"),
            "type": "message",
            "status": "in_progress",
            "role": "assistant",
            "content": [],
        }
        at = {"item_id": item["id"], "output_index": len(self.output), "content_index": 0}
        part: Object = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
        yield self._added(item)
        yield self._event("response.content_part.added", **at, part=part)
        yield self._event("response.output_text.delta", **at, delta=text, logprobs=[])
        told: list[Written] = [annotation(each) for each in sources]
        for index, each in enumerate(told):
            yield self._event(_ANNOTATED, **at, annotation_index=index, annotation=each)
        yield self._event("response.output_text.done", **at, text=text, logprobs=[])
        whole = part | {"text": text, "annotations": told}
        yield self._event("response.content_part.done", **at, part=whole)
        yield self._done(item | {"status": "completed", "content": [whole]})

    def _preview(self, event: Preview) -> Iterator[Object]:
        assert isinstance(event.content, Blob)  # the gateway has made a file of it
        yield from self._begun()
        yield self._event(
            f"{_CALL}.partial_image",
            item_id=self.drawing,
            output_index=len(self.output),
            partial_image_index=self.previews,
            partial_image_b64=event.content.data,
            **self._form(event.content),
        )
        self.previews += 1

    def _picture(self, image: Image) -> Iterator[Object]:
        self.said = True
        yield from self._begun()
        blob, name = picture(image), self.drawing
        self.drawing, self.previews = None, 0
        yield self._event(f"{_CALL}.completed", item_id=name, output_index=len(self.output))
        item: Object = {
            "id": name,
            "type": PICTURE,
            "status": "completed",
            "action": self.asked.picture.action,
            **self._form(blob),
            "revised_prompt": self._prompt(),
            "result": blob.data,
        }
        yield self._done(item)
        yield from self._released()

    def _given_up(self, name: str) -> Iterator[Object]:
        self.drawing = None
        yield self._done({"id": name, "type": PICTURE, "status": "failed", "result": None})
        yield from self._released()

    def _released(self) -> Iterator[Object]:
        held, self.held = self.held, []
        for event in held:
            yield from self.take(event)

    def _begun(self) -> Iterator[Object]:
        """Says, once, that a picture is being drawn."""
        if self.drawing is not None:
            return
        self.drawing = self._new("ig")
        yield self._added({"id": self.drawing, "type": PICTURE, "status": "in_progress"})
        for step in ("in_progress", "generating"):
            at = len(self.output)
            yield self._event(f"{_CALL}.{step}", item_id=self.drawing, output_index=at)

    def _form(self, blob: Blob) -> Object:
        header = sniff(blob.data)
        return {
            "size": f"{header.width}x{header.height}" if header else "auto",
            "quality": self.asked.picture.quality,
            "background": self.asked.picture.background,
            "output_format": blob.mime_type.removeprefix("image/"),
        }

    def _prompt(self) -> str:
        """What was drawn: the last words of the user, which nothing here rewrites."""
        turns = [turn for turn in self.asked.request.contents if turn.role is Role.USER]
        return turns[-1].text if turns else ""

    def _new(self, kind: str) -> str:
        return item_id(kind, self.id, len(self.output))

    def _added(self, item: Object) -> Object:
        at = len(self.output)
        return self._event("response.output_item.added", output_index=at, item=item)

    def _done(self, item: Object) -> Object:
        self.output.append(item)
        at = len(self.output) - 1
        return self._event("response.output_item.done", output_index=at, item=item)

    def _event(self, kind: str, **more: Written) -> Object:
        self.number += 1
        return {"type": kind, "sequence_number": self.number - 1, **more}


def written_usage(usage: Usage) -> Object:
    """``usage`` of a response; thoughts count as output, as Google bills them."""
    return {
        "input_tokens": usage.prompt,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": usage.candidates + usage.thoughts,
        "output_tokens_details": {"reasoning_tokens": usage.thoughts},
        "total_tokens": usage.total,
    }
