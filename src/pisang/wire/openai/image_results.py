"""Answers of OpenAI's image API, read: whole, or as events with previews."""

from collections.abc import Iterator
from typing import Final

from pisang.core.events import Finished, FinishReason, Image, Preview, Started
from pisang.wire.openai.results import (
    NO_PICTURE,
    EventOrLink,
    Link,
    NoAnswer,
    read_picture,
    read_tree,
    read_usage,
)
from pisang.wire.sse import EventReader, ServerEvent

_PREVIEW: Final = ".partial_image"
_DONE: Final = ".completed"


def read(body: bytes | bytearray, *, each: int) -> list[EventOrLink]:
    """A whole answer; ``each`` is the tokens of one picture by the catalog. Raises ``NoAnswer``."""
    tree = read_tree(body)
    data = tree.get("data")
    if not isinstance(data, list):
        raise NoAnswer("no list of pictures in 'data'")
    pieces = list(_pictures(data))
    model = tree.get("model")
    usage = read_usage(tree, images=len(pieces), each=each)
    if not pieces:
        return [Started(""), Finished(FinishReason.NO_IMAGE, NO_PICTURE, usage)]
    return [
        Started(model if isinstance(model, str) else ""),
        *pieces,
        Finished(FinishReason.STOP, usage=usage),
    ]


class Stream:
    """The events of an answer, as its bytes arrive."""

    def __init__(self, *, each: int) -> None:
        self._reader = EventReader()
        self._each = each
        self._begun = False
        self._finished: Finished | None = None

    def feed(self, chunk: bytes) -> list[EventOrLink]:
        """What the next bytes complete. Raises ``NoAnswer``."""
        return [piece for event in self._reader.feed(chunk) for piece in self._read(event)]

    def close(self) -> list[EventOrLink]:
        """The answer has ended. Raises ``NoAnswer`` where it stopped before the picture."""
        pieces = [piece for event in self._reader.close() for piece in self._read(event)]
        if self._finished is None:
            raise NoAnswer("the stream ends without a picture", cut=True)
        return [*pieces, self._finished]

    def _read(self, event: ServerEvent) -> Iterator[EventOrLink]:
        if event.data.strip() == b"[DONE]":
            return
        tree = read_tree(event.data)
        kind = str(tree.get("type") or event.name)
        if not self._begun:
            self._begun = True
            yield Started("")
        picture = tree.get("b64_json")
        if kind.endswith(_PREVIEW) and isinstance(picture, str):
            yield Preview(read_picture(picture))
        elif kind.endswith(_DONE) and isinstance(picture, str):
            yield Image(read_picture(picture))
            usage = read_usage(tree, images=1, each=self._each)
            self._finished = Finished(FinishReason.STOP, usage=usage)


def _pictures(data: list[object]) -> Iterator[EventOrLink]:
    for item in data:
        if not isinstance(item, dict):
            continue
        said, url = item.get("b64_json"), item.get("url")
        if isinstance(said, str) and said:
            yield Image(read_picture(said))
        elif isinstance(url, str) and url[:5].lower() == "data:":
            yield Image(read_picture(url))
        elif isinstance(url, str) and url:
            yield Link(url)
