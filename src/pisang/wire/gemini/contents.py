"""``Content`` and its parts: what is said, read from the wire and written to it.

A part holds exactly one of text, inline bytes and a named file. Parts of an agent's conversation
(function calls, code) are refused: image models do not take them.

Much code in the wild writes ``"parts": {"text": ...}`` without the list, as Google's own samples
once did, so a lone part is read as a list of one; a lone *content* is refused with what to do.
"""

from pisang.core.content import Blob, Content, FileRef, Part, Role
from pisang.wire.fields import Fields
from pisang.wire.gemini import schema
from pisang.wire.payload import Written

_GIVEN = ("text", "inline_data", "file_data")


def read_contents(root: Fields) -> tuple[Content, ...]:
    """Reads ``contents``, which every request must have."""
    items = root.nested_list("contents", kind="Content")
    if not items:
        require(root, "contents", "contents is not specified")
    return tuple(read_content(fields) for fields in items)


def require(fields: Fields, name: str, text: str) -> None:
    """Blames a missing field in Google's words, unless something else in it is wrong already."""
    path = fields.at(name)
    if not fields.reading.blamed(path):
        fields.reading.blame(path, f"* GenerateContentRequest.{path}: {text}")


def read_content(fields: Fields, *, at_system: bool = False) -> Content:
    """Reads one turn; a system instruction may name any role, for nobody takes turns there."""
    said = fields.text("role") or ""
    role = Role.USER if at_system else schema.ROLES.get(said)
    if role is None:
        fields.reading.blame(
            fields.at("role"),
            f"Please use a valid role: user, model. (got '{said[:60]}' at '{fields.at('role')}')",
        )
        role = Role.USER
    if (texts := fields.only_texts("parts", under="text")) is not None:
        return Content(role, tuple(Part(text=text) for text in texts))
    parts = fields.nested_list("parts", kind="Part", lone=True)
    if not parts:
        require(fields, "parts", "contents.parts must not be empty.")
    return Content(role, tuple(_part(part) for part in parts))


def _part(fields: Fields) -> Part:
    given = fields.given(_GIVEN)
    foreign = fields.given(schema.FOREIGN_PARTS)
    if len(given) + len(foreign) > 1:
        first, second, *_ = given + foreign
        fields.reading.blame(
            fields.path,
            f"Invalid value at '{fields.path}' (oneof), oneof field 'data' is already set "
            f"('{first}'). Cannot set '{second}'. Send them as two parts.",
        )
    for name in foreign:
        fields.take(name)
        fields.reading.unsupported(
            fields.at(name), f"{fields.at(name)} is not supported: image models call no tools."
        )
    text = fields.text("text")
    inline = fields.nested("inline_data", kind="Blob")
    file = fields.nested("file_data", kind="FileData")
    signature = fields.data("thought_signature", verbatim=schema.SIGNATURE_BYPASSES) or None
    thought = fields.flag("thought") or False
    fields.ignore(*schema.IDLE_PART_FIELDS)
    if not given and not foreign and signature is None:
        require(fields, "data", "required oneof field 'data' must have one initialized field")
    return Part(
        text=(text or "") if not (inline or file) else None,
        blob=_blob(inline) if inline else None,
        file=_file(file) if file else None,
        thought=thought,
        thought_signature=signature,
    )


def _blob(fields: Fields) -> Blob:
    mime_type = fields.text("mime_type")
    has_data = fields.has("data")
    data = fields.data("data")
    if not mime_type:
        require(fields, "mime_type", "mime_type is not specified; send e.g. 'image/png'.")
    if not has_data or data == b"":
        require(fields, "data", "data is empty; send the base64 of the file.")
    return Blob(mime_type or "", data or b"", fields.text("display_name"))


def _file(fields: Fields) -> FileRef:
    uri = fields.text("file_uri")
    if not uri:
        require(fields, "file_uri", "file_uri is not specified.")
    fields.ignore("display_name")
    return FileRef(uri or "", fields.text("mime_type") or None)


def write_content(content: Content) -> Written:
    """One content with its parts, as both halves of the dialect write it."""
    return {"role": content.role.value, "parts": [_written_part(part) for part in content.parts]}


def _written_part(part: Part) -> Written:
    written: dict[str, Written] = {}
    if part.blob:
        written["inlineData"] = blob = write_blob(part.blob)
        if part.blob.display_name is not None:
            blob["displayName"] = part.blob.display_name
    elif part.file:
        file: dict[str, Written] = {"fileUri": part.file.uri}
        written["fileData"] = file
        if part.file.mime_type is not None:
            file["mimeType"] = part.file.mime_type
    else:
        written["text"] = part.text or ""
    if part.thought:
        written["thought"] = True
    if part.thought_signature is not None:
        written["thoughtSignature"] = part.thought_signature
    return written


def write_blob(blob: Blob) -> dict[str, Written]:
    """``inlineData``: the type and the bytes."""
    return {"mimeType": blob.mime_type, "data": blob.form}
