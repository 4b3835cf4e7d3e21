"""Reads what ``-a`` names: files, http(s) addresses, and ``-`` for a picture on standard input."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from pisang.core.content import Blob
from pisang.core.errors import RequestError
from pisang.core.image import sniff

MAX_BYTES = 100_000_000
"""The most that is read of one attachment: what a server takes as a whole body by default."""


def is_address(source: str) -> bool:
    return source.lower().startswith(("http://", "https://"))


async def read(sources: Sequence[str], *, stdin: BinaryIO | None = None) -> tuple[Blob, ...]:
    """Reads every attachment in order. The blobs bear no name: a path is nobody else's business.

    Raises ``RequestError`` for what cannot be read, is too large, or is no picture.
    """
    if sources.count("-") > 1:
        raise RequestError("Only one picture can come from standard input", field="attach")
    return tuple([await _read(source, stdin) for source in sources])


async def _read(source: str, stdin: BinaryIO | None) -> Blob:
    if source == "-":
        return picture("standard input", _limited(stdin or sys.stdin.buffer, source))
    if is_address(source):
        from pisang.client import fetch  # the HTTP client costs start-up time

        return picture(source, await fetch(source))
    return picture(source, _read_file(source))


def _read_file(source: str) -> bytes:
    try:
        with Path(source).open("rb") as file:
            return _limited(file, source)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise RequestError(f"Cannot read {source}: {why}", field="attach") from error


def picture(source: str, data: bytes) -> Blob:
    """A blob of the type that its own first bytes show, whatever its name says."""
    header = sniff(data)
    if header is None:
        raise RequestError(
            f"{source} is no picture that can be read: use PNG, JPEG, WebP, HEIC or GIF"
            if data
            else f"{source} is empty",
            field="attach",
        )
    return Blob(header.media_type, data)


def _limited(file: BinaryIO, source: str) -> bytes:
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise RequestError(f"{source} is larger than {MAX_BYTES // 1_000_000} MB", field="attach")
    return data
