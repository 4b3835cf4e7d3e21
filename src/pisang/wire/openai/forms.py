"""A multipart form, written: what OpenAI's edits take, whose pictures go as the bytes they are."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class FormData:
    """One field of a form; a file has a title and a type."""

    name: str
    value: bytes
    title: str = ""
    mime_type: str = ""


def form(fields: Sequence[FormData]) -> tuple[list[bytes], str]:
    """The body in pieces, and its media type. The pictures are not copied."""
    boundary = f"pisang-{secrets.token_hex(16)}"
    pieces: list[bytes] = []
    for field in fields:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(field.name)}"'
        if field.title:
            head += f'; filename="{_quoted(field.title)}"\r\nContent-Type: {field.mime_type}'
        pieces += (f"{head}\r\n\r\n".encode(), field.value, b"\r\n")
    pieces.append(f"--{boundary}--\r\n".encode())
    return pieces, f"multipart/form-data; boundary={boundary}"


def _quoted(text: str) -> str:
    """A name inside quotes, as HTML's rules for forms have it."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
