"""The steps of an answer: built from an engine's events, told piece by piece, told again later.

A thought step holds what the model planned and the signature of what it says next; a model output
step holds texts and pictures. ``Timeline`` builds them and yields an ``Op`` for each change, which
a stream writes as events. ``retold`` makes the ops of finished steps, for a stream that is asked
for afterwards; a text that came in ten pieces is one by then. The sources of a text come behind all
of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pisang.core.content import Blob
from pisang.core.errors import EngineFailed
from pisang.core.events import Citation, Image, Text, Thought
from pisang.wire.payload import Written

Step = dict[str, Written]
Spoken = Thought | Text | Image

THOUGHT: Final = "thought"
OUTPUT: Final = "model_output"
SOURCES: Final = "text_annotation_delta"


class OpKind(StrEnum):
    START = "start"
    DELTA = "delta"
    STOP = "stop"


@dataclass(frozen=True, slots=True, repr=False)
class Op:
    """One change: step ``index`` begins, gets ``value``, or is complete. ``value`` is the delta,
    and of a step that begins the type."""

    kind: OpKind
    index: int
    value: Step = field(default_factory=dict)

    @property
    def text(self) -> str:
        """What a delta of text adds; empty for every other op."""
        text = self.value.get("text")
        return text if self.kind is OpKind.DELTA and isinstance(text, str) else ""

    @property
    def length(self) -> int:
        """How far this op leads in a stream: the letters of a text, else 1."""
        return len(self.text) or 1

    def cut(self, at: int) -> tuple["Op", "Op"]:
        """A delta of text as two, split after so many letters."""
        head, rest = self.text[:at], self.text[at:]
        return (
            Op(self.kind, self.index, self.value | {"text": head}),
            Op(self.kind, self.index, self.value | {"text": rest}),
        )


@dataclass(slots=True)
class Timeline:
    """Steps in the making; ``steps`` may be read at any time."""

    steps: list[Step] = field(default_factory=list)
    _signature: bytes | None = None
    _sources: list[Written] = field(default_factory=list)  # of the text that is being said

    def add(self, part: Spoken, *, asset: str | None = None) -> list[Op]:
        """Takes the next thing that was said; ``asset`` is where a picture is kept for a link."""
        match part:
            case Thought():
                return self._thought(part.text)
            case Text():
                if not part.text:
                    return []
                content: Step = {"type": "text", "text": part.text}
                return self._output(content, part.signature, part.citations)
            case Image():
                return self._output(_picture(part, asset), part.signature)

    def close(self) -> list[Op]:
        """The end of what was said."""
        if not self.steps or "open" not in self.steps[-1]:
            return []
        ops = self._cited()
        del self.steps[-1]["open"]
        return [*ops, Op(OpKind.STOP, len(self.steps) - 1)]

    def _thought(self, text: str) -> list[Op]:
        ops = self._opened(THOUGHT)
        content: Written = {"type": "text", "text": text}
        _list(self.steps[-1], "summary").append(content)
        return [*ops, self._delta({"type": "thought_summary", "content": content})]

    def _signed(self, signature: bytes) -> list[Op]:
        ops = self._opened(THOUGHT)
        self._signature = self.steps[-1]["signature"] = signature
        return [*ops, self._delta({"type": "thought_signature", "signature": signature})]

    def _output(
        self, content: Step, signature: bytes | None, citations: Sequence[Citation] = ()
    ) -> list[Op]:
        ops = list[Op]()
        if signature and signature != self._signature:
            ops += self._signed(signature)
        ops += self._opened(OUTPUT)
        said = _list(self.steps[-1], "content")
        last, before = said[-1] if said else None, ""
        if isinstance(last, dict) and last["type"] == content["type"] == "text":
            before = str(last["text"])
            last["text"] = before + str(content["text"])
        else:
            ops += self._cited()
            said.append(dict(content))
        self._sources += [_source(each, before, str(content["text"])) for each in citations]
        return [*ops, self._delta(content)]

    def _cited(self) -> list[Op]:
        """The sources of the text that ends here, together: its pieces become one text as well."""
        if not self._sources:
            return []
        said, sources = _list(self.steps[-1], "content"), self._sources
        self._sources = []
        assert isinstance(said[-1], dict)
        said[-1]["annotations"] = sources
        return [self._delta({"type": SOURCES, "annotations": sources})]

    def _opened(self, kind: str) -> list[Op]:
        """Makes sure that the last step is an open one of this kind."""
        if self.steps and self.steps[-1]["type"] == kind and "open" in self.steps[-1]:
            return []
        ops = self.close()
        self.steps.append({"type": kind, "open": True})
        return [*ops, Op(OpKind.START, len(self.steps) - 1, {"type": kind})]

    def _delta(self, value: Step) -> Op:
        return Op(OpKind.DELTA, len(self.steps) - 1, value)


def retold(steps: Iterable[Step]) -> Iterator[Op]:
    """The ops that finished steps are made of."""
    for index, step in enumerate(steps):
        yield Op(OpKind.START, index, {"type": step["type"]})
        for content in _list(step, "summary"):
            yield Op(OpKind.DELTA, index, {"type": "thought_summary", "content": content})
        if step.get("signature") is not None:
            value: Step = {"type": "thought_signature", "signature": step["signature"]}
            yield Op(OpKind.DELTA, index, value)
        for content in _list(step, "content"):
            if isinstance(content, dict):
                yield from _retold(index, content)
        yield Op(OpKind.STOP, index)


def _retold(index: int, content: Step) -> Iterator[Op]:
    """A content as the deltas that it came in."""
    if "annotations" not in content:
        yield Op(OpKind.DELTA, index, content)
        return
    plain = {name: value for name, value in content.items() if name != "annotations"}
    yield Op(OpKind.DELTA, index, plain)
    yield Op(OpKind.DELTA, index, {"type": SOURCES, "annotations": content["annotations"]})


def _source(citation: Citation, before: str, text: str) -> Step:
    """A source as this dialect writes it: its place is counted in bytes of all that the content
    says; it has none where it is behind no words in particular."""
    source: Step = {"type": "url_citation", "url": citation.url, "title": citation.title}
    if not citation.end:
        return source
    begin = _bytes(before + text[: citation.start])
    end = begin + _bytes(text[citation.start : citation.end])
    return source | {"start_index": begin, "end_index": end}


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))  # half a character has become "?" on the wire


def _picture(part: Image, asset: str | None) -> Step:
    if not isinstance(part.content, Blob):
        raise EngineFailed("A picture reached the wire before it was encoded to a file.")
    picture: Step = {"type": "image", "mime_type": part.content.mime_type}
    picture["data"] = part.content.form
    return picture | ({"asset": asset} if asset else {})


def _list(step: Step, name: str) -> list[Written]:
    found = step.setdefault(name, []) if "open" in step else step.get(name)
    return found if isinstance(found, list) else []
