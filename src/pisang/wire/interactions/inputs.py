"""What is said to a model, and what it said before: ``input`` and steps to contents, and back.

``input`` has four forms: a text, one content, a list of contents (one turn of the user's), and a
list of steps or, from older clients, of turns with a ``role``. The forms may be mixed in one list.

A thought step carries the signature of what the model said *next*; in a content it stands on the
part itself. So a signature is kept until the parts it belongs to come, and put on each of them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from pisang.core.content import Blob, Content, FileRef, Part, Role
from pisang.wire.fields import Fields, Reading, read_object
from pisang.wire.gemini.schema import SIGNATURE_BYPASSES
from pisang.wire.interactions import schema
from pisang.wire.payload import Written

_REMEDY: Final = (
    'Send a text, a content such as {"type": "text", "text": "..."}, or a list of contents or '
    "steps."
)
_ROLES: Final[Mapping[str, Role]] = {
    "": Role.USER,
    "user": Role.USER,
    "model": Role.MODEL,
    "assistant": Role.MODEL,
}


@dataclass(slots=True)
class Said:
    """Contents as they are read one after another; parts of one role in a row are one turn.

    ``paths`` are the names that the caller's body has for the parts, so that whoever refuses
    ``contents[2].parts[0]`` later can say which ``input`` that was.
    """

    turns: list[tuple[Role, list[Part]]] = field(default_factory=list)
    paths: list[list[str]] = field(default_factory=list)
    signature: bytes | None = None

    def add(self, role: Role, part: Part, path: str) -> None:
        """Adds a part to the turn that is open, or opens one."""
        if not self.turns or self.turns[-1][0] is not role:
            self.turns.append((role, []))
            self.paths.append([])
        if role is Role.MODEL and self.signature and not part.thought:
            part = replace(part, thought_signature=part.thought_signature or self.signature)
        self.turns[-1][1].append(part)
        self.paths[-1].append(path)

    def end_turn(self) -> None:
        """What comes now begins another turn, so an open signature belongs to nothing."""
        self.signature = None

    @property
    def contents(self) -> tuple[Content, ...]:
        return tuple(Content(role, tuple(parts)) for role, parts in self.turns)


def read_input(root: Fields, said: Said) -> None:
    """Reads ``input`` of a request into ``said``; an absent or empty one is blamed."""
    value, path, reading = root.take("input"), root.at("input"), root.reading
    before = len(said.turns)
    if isinstance(value, str):
        said.add(Role.USER, Part(text=value), path)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _read_item(item, f"{path}[{index}]", reading, said)
    elif value is not None:
        _read_item(value, path, reading, said)
    if len(said.turns) == before and not reading.blamed(path):
        reading.blame(path, f"* CreateInteractionRequest.{path}: input is not specified. {_REMEDY}")


def read_steps(value: object, path: str, reading: Reading, said: Said) -> None:
    """Reads a list of steps (of a stored interaction) into ``said``."""
    for index, item in enumerate(value if isinstance(value, list) else []):
        _read_item(item, f"{path}[{index}]", reading, said)


def _read_item(value: object, path: str, reading: Reading, said: Said) -> None:
    if isinstance(value, str):
        said.add(Role.USER, Part(text=value), path)
        return
    fields = read_object(value, path=path, kind="Step", reading=reading)
    if fields is None:
        return
    kind = fields.text("type")
    if kind is None and (fields.has("role") or fields.has("content")):
        _read_turn(fields, said)
    elif kind == "user_input":
        said.end_turn()
        _read_parts(fields, "content", Role.USER, said)
    elif kind == "model_output":
        fields.ignore("error")
        _read_parts(fields, "content", Role.MODEL, said)
    elif kind == "thought":
        _read_thought(fields, said)
    else:
        _read_content(fields, kind, Role.USER, said)


def _read_turn(fields: Fields, said: Said) -> None:
    """A turn of the older generation: ``{"role": "model", "content": text or contents}``."""
    named = (fields.text("role") or "").lower()
    role = _ROLES.get(named)
    if role is None:
        fields.reading.blame(
            fields.at("role"), f"Please use a valid role: user, model. (got '{named[:60]}')"
        )
        role = Role.USER
    said.end_turn()
    _read_parts(fields, "content", role, said)


def _read_parts(fields: Fields, name: str, role: Role, said: Said) -> None:
    value, path = fields.take(name), fields.at(name)
    if isinstance(value, str):
        said.add(role, Part(text=value), path)
        return
    for index, item in enumerate(value if isinstance(value, list) else [value]):
        at = f"{path}[{index}]" if isinstance(value, list) else path
        if item is None:
            continue
        if isinstance(item, str):
            said.add(role, Part(text=item), at)
            continue
        opened = read_object(item, path=at, kind="Content", reading=fields.reading)
        if opened is not None:
            _read_content(opened, opened.text("type"), role, said)


def _read_content(fields: Fields, kind: str | None, role: Role, said: Said) -> None:
    reader = _CONTENTS.get(kind or "")
    if reader is not None:
        reader(fields, role, said)
    elif kind in schema.MEDIA:
        fields.reading.unsupported(
            fields.path, f"{fields.path}: {kind} is not supported; image models read text, images."
        )
        fields.ignore(*fields.rest())
    elif kind and kind.endswith(("_call", "_result")):
        fields.ignore(*fields.rest())  # what a tool did on the way to a picture is not drawn
    else:
        fields.reading.invalid(fields.at("type"), "TYPE_ENUM", kind, _REMEDY)
        fields.ignore(*fields.rest())


def _read_text(fields: Fields, role: Role, said: Said) -> None:
    if not fields.has("text"):
        text = fields.take("text")
        if text is None:
            fields.reading.blame(fields.at("text"), f"* {fields.at('text')}: text is not specified")
            return
    text = fields.text("text")
    fields.ignore("annotations")
    if text is not None:
        said.add(role, Part(text=text), fields.path)


def _read_image(fields: Fields, role: Role, said: Said) -> None:
    inline = fields.has("data")
    mime_type, data, uri = fields.text("mime_type"), fields.data("data"), fields.text("uri")
    fields.ignore("resolution", "asset")
    if inline and uri:
        fields.reading.blame(
            fields.path, f"{fields.path} has both data and uri: send one of the two."
        )
    elif uri:
        said.add(role, Part(file=FileRef(uri, mime_type)), fields.path)
    elif data:
        said.add(role, Part(blob=Blob(mime_type or _guessed(data), data)), fields.path)
    elif not fields.reading.blamed(fields.path):
        fields.reading.blame(
            fields.at("data"), f"* {fields.at('data')}: send the base64 of the file, or a uri."
        )


def _guessed(data: bytes) -> str:
    """The type of a picture that came without one; admission looks into the file anyway."""
    return "image/jpeg" if data.startswith(b"\xff\xd8") else "image/png"


def _read_thought(fields: Fields, said: Said) -> None:
    """A thought, as a step or (older) as a content: only its signature matters to the model."""
    signature = fields.data("signature", verbatim=SIGNATURE_BYPASSES)
    fields.ignore("summary")
    said.signature = signature or said.signature


def _thought_content(fields: Fields, _: Role, said: Said) -> None:
    _read_thought(fields, said)


_CONTENTS: Final[Mapping[str, Callable[[Fields, Role, Said], None]]] = {
    "text": _read_text,
    "image": _read_image,
    "thought": _thought_content,
}


def write_steps(contents: Sequence[Content]) -> list[dict[str, Written]]:
    """Contents as steps, the way they are kept and shown as the input of an interaction."""
    return [step for content in contents for step in _written_steps(content)]


def _written_steps(content: Content) -> Iterator[dict[str, Written]]:
    kind = "model_output" if content.role is Role.MODEL else "user_input"
    signature, parts = None, list[Written]()
    for part in content.parts:
        if part.thought_signature and part.thought_signature != signature:
            if parts:
                yield {"type": kind, "content": parts}
            signature, parts = part.thought_signature, []
            yield {"type": "thought", "signature": signature}
        parts.append(write_content(part))
    yield {"type": kind, "content": parts}


def write_content(part: Part) -> dict[str, Written]:
    """One part as a content of this dialect."""
    if part.blob:
        return {"type": "image", "mime_type": part.blob.mime_type, "data": part.blob.data}
    if part.file:
        named: dict[str, Written] = {"type": "image", "uri": part.file.uri}
        return named | ({"mime_type": part.file.mime_type} if part.file.mime_type else {})
    return {"type": "text", "text": part.text or ""}
