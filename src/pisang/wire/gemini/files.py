"""The Files API's bodies: the metadata that starts an upload, and the File resource.

The hash has a form of its own: base64 of the *hexadecimal* digest (surfaces contract, section 7).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pisang.core.errors import MalformedRequest, Violation
from pisang.core.files import File, Source
from pisang.core.request import UnknownField
from pisang.wire import payload
from pisang.wire.base64 import encode_base64
from pisang.wire.fields import INT64, Fields, Reading
from pisang.wire.gemini import paging
from pisang.wire.payload import Written

DEFAULT_PAGE_SIZE: Final = 10
MOST_ON_A_PAGE: Final = 100
MOST_REGISTERED: Final = 100
_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_MIME: Final = re.compile(
    r"(?:application|audio|font|image|message|model|multipart|text|video)"
    r"/[\w.+-]{1,100}(?: *;[\x20-\x7e]*)?",
    re.ASCII | re.IGNORECASE,
)
_UNSUPPORTED: Final = "Unsupported MIME type: {}. Send a media type like image/png, or none."
_LONGEST_TITLE: Final = 512
_WRITTEN_BY_US: Final = (
    "create_time",
    "update_time",
    "expiration_time",
    "sha256_hash",
    "uri",
    "download_uri",
    "state",
    "source",
    "error",
    "video_metadata",
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a caller says about a file; ``name`` is without ``files/``, ``size`` in bytes."""

    name: str | None = None
    display_name: str | None = None
    mime_type: str | None = None
    size: int | None = None


def decode(body: bytes) -> Metadata:
    """Reads ``{"file": {...}}``; an empty body says nothing.

    Single quotes do too, where there are no others: the curl line in Google's own guide to the
    Files API has them. Raises ``MalformedRequest`` with the field's path.
    """
    if not body.strip():
        return Metadata()
    if b'"' not in body:
        body = body.replace(b"'", b'"')
    reading = Reading()
    root = Fields(payload.read_object(body), path="", reading=reading)
    fields = root.nested("file", kind="File")
    said = _read(fields) if fields else Metadata()
    _refuse(reading.check())
    return said


def decode_register(body: bytes) -> list[str]:
    """Reads ``{"uris": ["gs://...", ...]}``. Raises ``MalformedRequest`` with the field's path."""
    reading = Reading()
    root = Fields(payload.read_object(body), path="", reading=reading)
    uris = root.texts("uris")
    if not 0 < len(uris) <= MOST_REGISTERED and not reading.blamed("uris"):
        reading.blame("uris", f"Send 1 to {MOST_REGISTERED} addresses like gs://bucket/name.")
    _refuse(reading.check())
    return uris


def checked_mime_type(text: str, *, field: str) -> str:
    """A media type as it may stand in a header. Raises ``MalformedRequest`` with Google's words."""
    if not _is_mime_type(text):
        raise MalformedRequest(_UNSUPPORTED.format(text[:100]), field=field)
    return text


def written(file: File, *, origin: str) -> dict[str, Written]:
    """The fields of a File resource; ``origin`` is the server's own address."""
    uri = f"{origin}/v1beta/files/{file.name}"
    body: dict[str, Written] = {"name": f"files/{file.name}"}
    if file.display_name:
        body["displayName"] = file.display_name
    body |= {
        "mimeType": file.mime_type,
        "sizeBytes": str(file.size),
        "createTime": _time(file.created_at),
        "updateTime": _time(file.created_at),
        "expirationTime": _time(file.expires_at),
        "sha256Hash": encode_base64(file.sha256.hex().encode()).decode(),
        "uri": uri,
    }
    if file.source is Source.GENERATED:
        body["downloadUri"] = f"{uri}:download?alt=media"
    return body | {"state": "ACTIVE", "source": file.source.value}


def encode(file: File, *, origin: str) -> bytes:
    """Writes one File resource."""
    return b"".join(payload.pieces(written(file, origin=origin)))


def encode_created(file: File, *, origin: str) -> bytes:
    """Writes the answer to an upload."""
    return b"".join(payload.pieces({"file": written(file, origin=origin)}))


def encode_registered(files: Sequence[File], *, origin: str) -> bytes:
    """Writes the answer to ``files:register``."""
    return b"".join(payload.pieces({"files": [written(file, origin=origin) for file in files]}))


def encode_page(
    files: Sequence[File], *, origin: str, following: tuple[datetime, str] | None
) -> bytes:
    """Writes one page of the list; ``following`` is where the next one begins."""
    body: dict[str, Written] = {}
    if files:
        body["files"] = [written(file, origin=origin) for file in files]
    if following:
        body["nextPageToken"] = paging.write_token(f"{following[0].isoformat()} {following[1]}")
    return b"".join(payload.pieces(body))


def page_size(said: str | None) -> int:
    """How many files a page has, by the query's ``pageSize``. Raises ``MalformedRequest``."""
    return paging.read_size(said, usual=DEFAULT_PAGE_SIZE, most=MOST_ON_A_PAGE)


def page_mark(token: str | None) -> tuple[datetime, str] | None:
    """Where a page begins, by its token. Raises ``MalformedRequest`` for one that is none."""
    if not token:
        return None
    when, _, name = paging.read_token(token).partition(" ")
    try:
        begins = datetime.fromisoformat(when)
    except ValueError:
        raise paging.wrong_token() from None
    if begins.tzinfo is not None or not _NAME.fullmatch(name):
        raise paging.wrong_token()
    return begins, name


def _read(fields: Fields) -> Metadata:
    reading = fields.reading
    name, title = fields.text("name"), fields.text("display_name")
    mime_type = fields.text("mime_type")
    size = fields.integer("size_bytes", bounds=(0, INT64[1]))
    fields.ignore(*_WRITTEN_BY_US)
    name = name.removeprefix("files/") if name else None
    if name and not _NAME.fullmatch(name):
        reading.blame(
            "file.name",
            "Invalid value at 'file.name' (TYPE_STRING). A name has at most 40 lower-case letters, "
            "digits and dashes, with no dash at its ends, after 'files/'. Or leave it out.",
        )
    if title and len(title) > _LONGEST_TITLE:
        reading.blame(
            "file.display_name",
            "Invalid value at 'file.display_name' (TYPE_STRING). A display name has at most "
            f"{_LONGEST_TITLE} letters.",
        )
    if mime_type and not _is_mime_type(mime_type):
        reading.blame("file.mime_type", _UNSUPPORTED.format(mime_type[:100]))
    return Metadata(name, title or None, mime_type or None, size)


def _refuse(unknown: Sequence[UnknownField]) -> None:
    """Raises ``MalformedRequest`` in Google's words for names that nobody knows."""
    violations = tuple(
        Violation(
            field.path,
            f'Invalid JSON payload received. Unknown name "{field.name}"'
            + (f" at '{field.path}'" if field.path else "")
            + ": Cannot find field.",
        )
        for field in unknown
    )
    if violations:
        message = "\n".join(violation.description for violation in violations)
        raise MalformedRequest(message, violations=violations)


def _is_mime_type(text: str) -> bool:
    return bool(_MIME.fullmatch(text)) and len(text) <= 255


def _time(moment: datetime) -> str:
    return moment.replace(tzinfo=UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
