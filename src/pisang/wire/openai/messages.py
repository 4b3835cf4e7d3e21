"""What is said in OpenAI's messages: texts and pictures, in all the places where clients put them.

Chat and Responses have different words for the same parts (``text`` and ``input_text``,
``image_url`` and ``input_image``), and clients mix them, so both are read everywhere. The trap is
the assistant's own turn: a client that knows nothing of pictures keeps them as it got them, as
Markdown or a data URL inside the text, and sends that back. Such pictures are taken out of the text
again: as text they would be a prompt of a million letters.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from pisang.core.content import Blob, FileRef, Part
from pisang.core.image import sniff
from pisang.wire.base64 import BadBase64, decode_base64
from pisang.wire.openai.schema import (
    Parameters,
    WrongParameter,
    missing,
    read_object,
    read_picture,
    read_text,
)

_START: Final = "data:image/"
_HEAD: Final = re.compile(r"data:image/[a-z0-9.+-]{1,60}(?:;[a-z0-9=_.+-]{1,60}){0,4};base64,")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_MARKDOWN: Final = re.compile(r"!\[[^\]\n]{0,200}\]\(\s{0,4}<?\Z")
_MARKDOWN_END: Final = re.compile(r">?(?:\s+\"[^\"\n]{0,200}\")?\s{0,4}\)")
_LONGEST_MARK: Final = 210


def read_content(fields: Parameters, name: str, *, pictures: bool = True) -> tuple[Part, ...]:
    """The parts of a message's content: a text, or a list of parts; empty where there is none.

    ``pictures`` says whether this message may show any (a system message may not).
    """
    value = fields.take(name)
    if value is None or isinstance(value, str):
        return read_said(value or "") if pictures else _spoken(value or "")
    path = fields.at(name)
    if not isinstance(value, list):
        read_text(value, path)  # says what would have been right
    found: list[Part] = []
    for index, item in enumerate(value if isinstance(value, list) else ()):
        at = f"{path}[{index}]"
        if isinstance(item, str):
            found += read_said(item) if pictures else _spoken(item)
            continue
        for part in _read_part(read_object(item, at), said=pictures):
            if part.text is None and not pictures:
                raise WrongParameter(
                    f"Invalid '{at}': a system message may hold text only. Send the picture in a "
                    "message of the user.",
                    param=at,
                )
            found.append(part)
    return tuple(found)


def read_said(text: str) -> tuple[Part, ...]:
    """A text as parts: every picture in it (Markdown or a bare data URL) becomes a part."""
    parts: list[Part] = []
    at = 0
    for start, end, picture in _shown(text):
        parts += [*_spoken(text[at:start].strip()), picture]
        at = end
    return (*parts, *_spoken(text[at:].strip() if parts else text))


def sniffed(part: Part) -> Part:
    """The same picture under the type that its bytes have: data URLs often claim another."""
    header = sniff(part.blob.data) if part.blob else None
    if part.blob is None or header is None or header.media_type == part.blob.mime_type:
        return part
    return replace(part, blob=replace(part.blob, mime_type=header.media_type))


def _spoken(text: str) -> tuple[Part, ...]:
    return (Part(text=text),) if text else ()


def _shown(text: str) -> Iterator[tuple[int, int, Part]]:
    """Where in a text a picture stands, mark included, and the picture."""
    at = text.find(_START)
    before = 0
    while at >= 0:
        head = _HEAD.match(text, at)
        body = _BASE64.match(text, head.end()) if head else None
        picture = _picture(body[0]) if body else None
        if body is None or picture is None:
            at = text.find(_START, at + 1)
            continue
        start, end = at, body.end()
        mark = _MARKDOWN.search(text, max(before, at - _LONGEST_MARK), at)
        close = _MARKDOWN_END.match(text, end) if mark else None
        if mark and close:
            start, end = mark.start(), close.end()
        yield start, end, picture
        before, at = end, text.find(_START, end)


def _picture(base64: str) -> Part | None:
    try:
        data = decode_base64(base64)
    except BadBase64:  # somebody's talk about data URLs
        return None
    header = sniff(data)
    return Part(blob=Blob(header.media_type, data)) if header else None


def _read_part(fields: Parameters, *, said: bool) -> tuple[Part, ...]:
    kind = fields.text("type") or ("text" if fields.has("text") else "")
    read = _PARTS.get(kind)
    if read is None:
        raise WrongParameter(
            f"Invalid value: '{kind[:60]}' for '{fields.at('type')}'. Image models take these "
            f"parts: {', '.join(_PARTS)}.",
            param=fields.at("type"),
        )
    return read(fields, said)


def _text(fields: Parameters, said: bool) -> tuple[Part, ...]:
    text = fields.text("text") or ""
    return read_said(text) if said else _spoken(text)


def _refusal(fields: Parameters, _: bool) -> tuple[Part, ...]:
    return _spoken(fields.text("refusal") or "")


def _image_url(fields: Parameters, _: bool) -> tuple[Part, ...]:
    """``image_url`` as an object with ``url`` (chat) or as the address itself (responses)."""
    value = fields.take("image_url")
    path = fields.at("image_url")
    if isinstance(value, dict):
        path = f"{path}.url"
        value = value.get("url")
    url = read_text(value, path)
    if url:
        return (sniffed(read_picture(url, path)),)
    file = fields.text("file_id")
    if file:
        return (Part(file=FileRef(file)),)
    raise missing(path)


def _file(fields: Parameters, _: bool) -> tuple[Part, ...]:
    """``file`` wraps what ``input_file`` has itself: an uploaded file, an address, or base64."""
    inner = fields.nested("file") or fields
    for name in ("file_id", "file_url"):
        if value := inner.text(name):
            return (Part(file=FileRef(value)),)
    data, path = inner.text("file_data"), inner.at("file_data")
    if not data:
        raise missing(inner.at("file_id"))
    if data.startswith("data:"):
        return (sniffed(read_picture(data, path)),)
    try:
        return (sniffed(Part(blob=Blob("application/octet-stream", decode_base64(data)))),)
    except BadBase64 as error:
        raise WrongParameter(f"Invalid base64 in '{path}': {error}", param=path) from None


_PARTS: Final[Mapping[str, Callable[[Parameters, bool], tuple[Part, ...]]]] = {
    "text": _text,
    "input_text": _text,
    "output_text": _text,
    "refusal": _refusal,
    "image_url": _image_url,
    "input_image": _image_url,
    "file": _file,
    "input_file": _file,
}
