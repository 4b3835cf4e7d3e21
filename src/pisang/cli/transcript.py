"""The last chat, kept in the data folder so that ``pisang chat -c`` can go on with it.

The file is two lines: a small header, and the conversation as a request in Google's own JSON with
pictures and signatures. It is replaced in one step, so an interrupted write loses nothing, and
only its owner can read it.
"""

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pisang.cli.saving import blobs
from pisang.core.content import Content, Part, Role
from pisang.core.errors import RequestError, StoreError
from pisang.core.events import Image, Result, Text
from pisang.core.request import GenerateRequest, ImageConfig
from pisang.wire.gemini import request as gemini

_FORM = 1

NO_CONFIG = ImageConfig()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """A chat so far: whole exchanges, user and model in turn; ``stem`` names its pictures."""

    model: str
    stem: str
    image: ImageConfig = NO_CONFIG
    contents: tuple[Content, ...] = ()


def model_turn(result: Result) -> Content:
    """A result as the turn that goes back with the next request, signatures unchanged."""
    pictures = iter(blobs(result))
    parts = []
    for part in result.parts:
        if isinstance(part, Text) and part.text:
            parts.append(Part(text=part.text, thought_signature=part.signature))
        elif isinstance(part, Image):
            parts.append(Part(blob=next(pictures), thought_signature=part.signature))
    return Content(Role.MODEL, tuple(parts))


def place(data: Path) -> Path:
    """Where the last chat lies in a data folder."""
    return data / "chat" / "last.jsonl"


def keep(transcript: Transcript, data: Path) -> None:
    """Writes the chat over the one before. Raises ``StoreError``."""
    header = {"form": _FORM, "model": transcript.model, "stem": transcript.stem}
    request = GenerateRequest(
        model=transcript.model, contents=transcript.contents, image=transcript.image
    )
    path = place(data)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".last-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(json.dumps(header).encode() + b"\n")
                file.write(gemini.encode(request))
            os.replace(name, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise StoreError(f"The chat cannot be kept in {path}: {why}") from error


def last(data: Path) -> Transcript:
    """Reads the last chat. Raises ``RequestError`` if there is none, ``StoreError`` if it broke."""
    path = place(data)
    try:
        header, _, body = path.read_bytes().partition(b"\n")
    except FileNotFoundError as error:
        message = f"There is no chat to continue in {data}: start one without -c"
        raise RequestError(message, field="continue") from error
    except OSError as error:
        raise StoreError(f"Cannot read {path}: {(error.strerror or str(error)).lower()}") from error
    try:
        fields = json.loads(header)
        if fields["form"] != _FORM:
            raise ValueError(f"form {fields['form']}")
        request = gemini.decode(body, model=fields["model"])
    except (ValueError, LookupError, TypeError, RequestError) as error:
        raise StoreError(
            f"The last chat in {path} cannot be read; start a new one without -c"
        ) from error
    return Transcript(
        model=fields["model"],
        stem=str(fields["stem"]),
        image=request.image,
        contents=request.contents,
    )
