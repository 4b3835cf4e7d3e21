"""An ``Interaction`` as its body and as the events of a stream, for clients of both generations.

The older form is a view of the newer one: a thought step is one output, and each content of a model
output step is one, so what a stream tells of a step is told of a content with a number of its own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from pisang.core.events import Finished, Usage
from pisang.wire import payload, sse
from pisang.wire.interactions.schema import ENDS, Generation, Status
from pisang.wire.interactions.timeline import OUTPUT, THOUGHT, Op, OpKind, Step
from pisang.wire.payload import Written

DONE: Final[list[bytes]] = [b"event: done\r\ndata: [DONE]\r\n\r\n"]
"""The closing frame; readers of this API stop at it."""

NO_LINKS: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """One interaction, in progress or ended. Times are UTC without a zone.

    ``input`` and ``steps`` are steps as this dialect writes them; in them a picture that is
    delivered by a link has the id of its ``asset`` beside its data.
    """

    id: str
    model: str
    status: Status
    created: datetime
    updated: datetime
    tier: str = "standard"
    previous_id: str | None = None
    input: list[Step] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    usage: Step | None = None
    errors: list[Step] = field(default_factory=list)


def ended(finished: Finished) -> tuple[Status, list[Step]]:
    """How an interaction ends by what its model said at the end, and the errors that say why."""
    status = ENDS.get(finished.reason, Status.FAILED)
    if status is Status.COMPLETED:
        return status, []
    message = finished.message or f"The model stopped: {finished.reason}."
    return status, [{"code": finished.reason.value, "message": message}]


def written_usage(usage: Usage | None) -> Step | None:
    """The counts as this dialect itemises them; ``total_output_tokens`` leaves thoughts out."""
    if usage is None:
        return None
    return {
        "total_input_tokens": usage.prompt,
        "total_output_tokens": usage.candidates,
        "total_thought_tokens": usage.thoughts,
        "total_tokens": usage.total,
        "input_tokens_by_modality": _by_modality(usage.prompt_text, usage.prompt_image),
        "output_tokens_by_modality": _by_modality(usage.text_output, usage.image_output),
    }


def _by_modality(text: int, image: int) -> list[Written]:
    rows = (("text", text), ("image", image))
    return [{"modality": kind, "tokens": count} for kind, count in rows if count]


def pieces(
    shown: Interaction,
    generation: Generation,
    *,
    links: Mapping[str, str] = NO_LINKS,
    stored: bool = False,
    include_input: bool = False,
) -> list[bytes]:
    """The body of an answer in pieces; ``links`` are the addresses of assets.

    ``stored`` is the form of one that is asked for again: its steps begin with the input.
    """
    body = _head(shown) | {"role": "model"}
    if generation is Generation.STEPS:
        told = [*shown.input, *shown.steps] if stored else shown.steps
        body["steps"] = [_linked_step(step, links) for step in told]
    else:
        body["outputs"] = list(_outputs(shown.steps, links))
    if include_input:
        steps = generation is Generation.STEPS
        body["input"] = list(shown.input) if steps else list(_turns(shown.input))
    if shown.errors:
        body["errors"] = list(shown.errors)
    return payload.pieces(body)


def _head(shown: Interaction) -> Step:
    head: Step = {
        "id": shown.id,
        "object": "interaction",
        "status": shown.status.value,
        "model": shown.model,
        "created": f"{shown.created:%Y-%m-%dT%H:%M:%SZ}",
        "updated": f"{shown.updated:%Y-%m-%dT%H:%M:%SZ}",
        "service_tier": shown.tier,
    }
    if shown.previous_id:
        head["previous_interaction_id"] = shown.previous_id
    if shown.usage is not None:
        head["usage"] = shown.usage
    return head


def _linked_step(step: Step, links: Mapping[str, str]) -> Step:
    """A step as it is shown: without the marks that are only ours."""
    contents = step.get("content")
    told = {name: value for name, value in step.items() if name != "open"}
    if isinstance(contents, list):
        told["content"] = [_linked(c, links) for c in contents if isinstance(c, dict)]
    return told


def _linked(content: Step, links: Mapping[str, str]) -> Step:
    asset = content.get("asset")
    if asset is None:
        return content
    shown = {name: value for name, value in content.items() if name != "asset"}
    link = links.get(str(asset))
    if link is not None:
        del shown["data"]
        shown["uri"] = link
    return shown


def _outputs(steps: list[Step], links: Mapping[str, str]) -> Iterator[Written]:
    for step in steps:
        if step["type"] == THOUGHT:
            yield _linked_step(step, links)
        elif step["type"] == OUTPUT:
            contents = step.get("content")
            for content in contents if isinstance(contents, list) else []:
                if isinstance(content, dict):
                    yield _linked(content, links)


def _turns(steps: list[Step]) -> Iterator[Written]:
    """Steps as the turns of the older generation, a thought inside the turn that it was for."""
    thoughts: list[Written] = []
    for step in steps:
        if step["type"] == THOUGHT:
            thoughts.append(step)
            continue
        contents = step.get("content")
        said = [*thoughts, *(contents if isinstance(contents, list) else [])]
        yield {"role": "model" if step["type"] == OUTPUT else "user", "content": said}
        thoughts = []


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
            self._frame("created", {"interaction": _head(shown)}, 0),
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
        end: Step = {"interaction": _head(shown)}
        return [*failed, self._frame("completed", end, self._place)]

    def _in_its_form(self, op: Op) -> list[Op]:
        return [op] if self._flat is None else list(self._flat.ops(op))

    def _value(self, op: Op, links: Mapping[str, str]) -> Step:
        key = "content" if self._flat else "step"
        match op.kind:
            case OpKind.START:
                return {"index": op.index, key: op.value}
            case OpKind.DELTA:
                return {"index": op.index, "delta": _linked(op.value, links)}
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
            kind = str(op.value["type"])
            kind = THOUGHT if kind.startswith("thought") else kind
            if kind != self._kind or kind == "image":
                yield from self._stop()
                self._kind = kind
                empty: Step = {"type": kind, "text": ""} if kind == "text" else {"type": kind}
                yield Op(OpKind.START, self._next, empty)
            yield Op(OpKind.DELTA, self._next, op.value)

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
