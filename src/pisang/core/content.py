"""What is said in a conversation: contents made of parts, in exactly Google's meaning."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Who speaks. An absent role on the wire counts as the user."""

    USER = "user"
    MODEL = "model"


class Encoded:
    """Bytes that came as base64, and may go on as they came: ``text`` is decoded at most once, when
    somebody asks for ``data``. Equal to the same bytes in any form."""

    __slots__ = ("_data", "_decode", "text")

    def __init__(self, text: bytes, decode: Callable[[bytes], bytes]) -> None:
        self.text = text
        self._decode = decode
        self._data: bytes | None = None

    @property
    def data(self) -> bytes:
        """The bytes themselves. Raises what the decoder raises."""
        if self._data is None:
            self._data = self._decode(self.text)
        return self._data

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Encoded):
            return self.text == other.text or self.data == other.data
        return self.data == other if isinstance(other, bytes) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.data)

    def __repr__(self) -> str:
        return f"Encoded({len(self.text)} characters)"


@dataclass(frozen=True, slots=True, repr=False)
class Blob:
    """Bytes of a file that travels inside a request or an answer, with the type it claims.

    They keep the ``form`` in which they came. ``named`` says that the request only named the file,
    and we brought it: what is wrong with it is blamed where the caller wrote its name.
    """

    mime_type: str
    form: bytes | Encoded
    display_name: str | None = None
    named: bool = False

    @property
    def data(self) -> bytes:
        return self.form if isinstance(self.form, bytes) else self.form.data

    def __repr__(self) -> str:  # an image body must never reach a log
        form = self.form if isinstance(self.form, Encoded) else f"{len(self.form)} bytes"
        return f"Blob({self.mime_type!r}, {form})"


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file that is named, not sent: a Files API uri, an https or a gs:// address."""

    uri: str
    mime_type: str | None = None


class Use(StrEnum):
    """What a picture of a request is for, in dialects that say so; a picture without one is to be
    edited, or shown."""

    MASK = "mask"  # marks what an edit may change; see ``request.Mask``
    SUBJECT = "subject"  # who or what the new picture shows
    STYLE = "style"  # whose manner the new picture has
    CONTROL = "control"  # whose lines the new picture follows
    GARMENT = "garment"  # what the person of the picture puts on


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a content: exactly one of ``text``, ``blob`` and ``file`` is set.

    ``thought_signature`` is opaque to everyone but the engine that wrote it. ``use`` and
    ``caption`` are said of pictures: what one is for, and what the caller says that it shows.
    """

    text: str | None = None
    blob: Blob | None = None
    file: FileRef | None = None
    thought: bool = False
    thought_signature: bytes | None = None
    use: Use | None = None
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """One turn: who speaks, and the parts in order."""

    role: Role
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """All spoken text of the turn, thoughts left out."""
        return "\n".join(part.text for part in self.parts if part.text and not part.thought)
