"""Chat answers of other servers, read: every picture in them, wherever a server puts pictures.

``message.images``, a list of parts in ``content``, a data URL or Markdown in the text: relays do
all of it, some two at once, so every place is read and a picture that comes twice counts once. Text
is held until a picture comes or the answer ends, because a picture in Markdown may be cut anywhere
by a stream.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from pisang.core.events import Finished, FinishReason, Image, Started, Text, Thought
from pisang.wire.base64 import BadBase64, decode_base64
from pisang.wire.openai.messages import read_said
from pisang.wire.openai.results import (
    NO_PICTURE,
    EventOrLink,
    Link,
    NoAnswer,
    read_picture,
    read_reason,
    read_tier,
    read_tree,
    read_usage,
    told_error,
)
from pisang.wire.sse import EventReader, ServerEvent

_LINK: Final = re.compile(
    r"!\[[^\]\n]{0,200}\]\(\s{0,4}<?(https?://[^\s()<>]{1,4000})>?(?:\s+\"[^\"\n]{0,200}\")?\s{0,4}\)"
)
_BASE64: Final = ";base64,"
_LONG: Final = 2048  # characters of a text with base64 in it from which on it is no talk
_NONE: Final[Mapping[str, object]] = {}
_OTHER: Final = {"message": "delta", "delta": "message"}
_PLACES: Final = ("image_url", "image", "url", "b64_json", "data", "inline_data", "source")


def read(body: bytes | bytearray, *, each: int, links: bool) -> list[EventOrLink]:
    """A whole answer; ``each`` is the tokens of one picture by the catalog, ``links`` is whether
    Markdown links are pictures of the answer. Raises ``NoAnswer``."""
    told = _Told(each=each, links=links)
    tree = read_tree(body)
    choice = _choice(tree)
    if choice is None:
        raise NoAnswer("no choice in 'choices'")
    return [*told.take(tree, choice, "message"), *told.end()]


class Stream:
    """The events of an answer, as its bytes arrive."""

    def __init__(self, *, each: int, links: bool) -> None:
        self._reader = EventReader()
        self._told = _Told(each=each, links=links)
        self._done = False

    def feed(self, chunk: bytes) -> list[EventOrLink]:
        """What the next bytes complete. Raises ``NoAnswer``."""
        return [piece for event in self._reader.feed(chunk) for piece in self._read(event)]

    def close(self) -> list[EventOrLink]:
        """The answer has ended. Raises ``NoAnswer`` where it stopped short."""
        pieces = [piece for event in self._reader.close() for piece in self._read(event)]
        if not (self._done or self._told.ended):
            raise NoAnswer("the stream ends without a finish reason", cut=True)
        return [*pieces, *self._told.end()]

    def _read(self, event: ServerEvent) -> Iterator[EventOrLink]:
        data = event.data.strip()
        if data == b"[DONE]":
            self._done = True
        if data in (b"", b"[DONE]"):
            return
        tree = read_tree(event.data)
        yield from self._told.take(tree, _choice(tree) or _NONE, "delta")


class _Told:
    """What was said so far."""

    def __init__(self, *, each: int, links: bool) -> None:
        self._each = each
        self._links = links
        self._started = False
        self._text: list[str] = []
        self._signature: bytes | None = None
        self._seen: list[object] = []
        self._said = False
        self._refusal = ""
        self._reason: FinishReason | None = None
        self._tree: Mapping[str, object] = _NONE
        self._tier = ""

    @property
    def ended(self) -> bool:
        return self._reason is not None

    def take(
        self, tree: Mapping[str, object], choice: Mapping[str, object], name: str
    ) -> Iterator[EventOrLink]:
        """The pieces of a message, or of what one chunk adds to it."""
        if not self._started:
            self._started = True
            model = tree.get("model")
            yield Started(model if isinstance(model, str) else "")
        if any(tree.get(key) for key in ("usage", "usageMetadata", "usage_metadata")):
            self._tree = tree
        self._tier = read_tier(tree) or self._tier
        if error := choice.get("error"):
            raise told_error(error)
        message = choice.get(name)
        if not isinstance(message, dict):  # a stream in one piece, or an answer like a stream
            message = choice.get(_OTHER[name])
        if isinstance(message, dict):
            yield from self._message(message)
        if said := choice.get("finish_reason"):
            self._reason = read_reason(said, choice.get("native_finish_reason"))

    def end(self) -> Iterator[EventOrLink]:
        """What was held back, and the end."""
        yield from self._flush()
        reason, drawn = self._reason or FinishReason.STOP, len(self._seen)
        if drawn and reason is FinishReason.OTHER:
            reason = FinishReason.STOP  # a word of its own beside a picture is no refusal
        usage = read_usage(self._tree, images=drawn, each=self._each)
        if reason is FinishReason.STOP and not drawn and not self._said:
            reason = FinishReason.IMAGE_SAFETY if self._refusal else FinishReason.NO_IMAGE
            yield Finished(reason, self._refusal or NO_PICTURE, usage, tier=self._tier)
            return
        yield Finished(reason, self._refusal or None, usage, tier=self._tier)

    def _message(self, message: Mapping[str, object]) -> Iterator[EventOrLink]:
        thought = message.get("reasoning_content") or message.get("reasoning")
        if isinstance(thought, str) and thought:
            yield Thought(thought)
        refusal = message.get("refusal")
        if isinstance(refusal, str):
            self._refusal += refusal
        signature = _signature(message)
        self._signature = self._signature or signature
        content = message.get("content")
        if isinstance(content, str) and content != refusal:
            self._text.append(content)
        elif not isinstance(content, str):
            for item in content if isinstance(content, list) else [content]:
                yield from self._item({"text": item} if isinstance(item, str) else item)
        images = message.get("images")
        for item in images if isinstance(images, list) else ():
            yield from self._item({"image_url": item} if isinstance(item, str) else item)

    def _item(self, item: object) -> Iterator[EventOrLink]:
        """One part of a content, or one of ``images``."""
        if not isinstance(item, dict):
            return
        if isinstance(text := item.get("text"), str) and text:
            self._text.append(text)
            return
        said = _address(item)
        if not said:
            return
        yield from self._flush()
        signature = _signature(item)
        if signature is None:  # that of the whole message, if no text has taken it
            signature, self._signature = self._signature, None
        if said[:8].lower().startswith(("http://", "https://")):
            yield from self._new(said, Link(said, signature))
        else:
            blob = read_picture(said)
            yield from self._new(blob.data, Image(blob, signature))

    def _flush(self) -> Iterator[EventOrLink]:
        text, self._text = "".join(self._text), []
        for part in read_said(text):
            if part.blob is not None:
                signature, self._signature = self._signature, None
                yield from self._new(part.blob.data, Image(part.blob, signature))
            elif part.text:
                yield from self._spoken(part.text)

    def _spoken(self, text: str) -> Iterator[EventOrLink]:
        at = 0
        for link in _LINK.finditer(text) if self._links else ():
            yield from self._plain(text[at : link.start()].strip())
            yield from self._new(link[1], Link(link[1], self._signature))
            at = link.end()
        yield from self._plain(text[at:].strip() if at else text)

    def _plain(self, text: str) -> Iterator[EventOrLink]:
        if len(text) > _LONG and _BASE64 in text:
            raise NoAnswer("a picture in its text that cannot be read", paid=True)
        if text.strip():
            self._said = True
            signature, self._signature = self._signature, None
            yield Text(text, signature)

    def _new(self, what: object, piece: EventOrLink) -> Iterator[EventOrLink]:
        if what not in self._seen:
            self._seen.append(what)
            yield piece


def _choice(tree: Mapping[str, object]) -> Mapping[str, object] | None:
    choices = tree.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else None


def _address(item: Mapping[str, object]) -> str:
    """Where a picture is: an address, a data URL, or its base64 itself."""
    for name in _PLACES:
        value = item.get(name)
        if isinstance(value, dict):
            value = value.get("url") or value.get("base64") or value.get("data")
        if isinstance(value, str) and value:
            return value
    return ""


def _signature(fields: Mapping[str, object]) -> bytes | None:
    """``extra_content.google.thought_signature``, as Google's layer carries it."""
    extra = fields.get("extra_content")
    google = extra.get("google") if isinstance(extra, dict) else None
    said = google.get("thought_signature") if isinstance(google, dict) else None
    if not isinstance(said, str) or not said:
        return None
    try:
        return decode_base64(said)
    except BadBase64:
        return None
