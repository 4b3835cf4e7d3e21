"""Multipart forms, read within limits: texts stay texts, files become bytes.

The body as a whole is held back by ``BodyLimit``; a form of a hundred thousand empty fields by the
limits here. Starlette spools larger files to disk while it reads, and they are closed at the end.
"""

from typing import Final

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from pisang.core.errors import MalformedRequest
from pisang.wire.openai.schema import FormFile

_MOST_FILES: Final = 32
_MOST_FIELDS: Final = 200
_TEXT_BYTES: Final = 1_000_000


def is_form(request: Request) -> bool:
    """Whether the body says of itself that it is a form."""
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


async def form_of(request: Request) -> dict[str, object]:
    """The fields by name: a ``str`` or a ``FormFile``, or a list of those where a name came more
    than once. Raises ``MalformedRequest``, and ``RequestTooLarge`` as every reader of a body."""
    parser = MultiPartParser(
        request.headers,
        request.stream(),
        max_files=_MOST_FILES,
        max_fields=_MOST_FIELDS,
        max_part_size=_TEXT_BYTES,
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise MalformedRequest(f"The form cannot be read: {error.message}") from None
    fields: dict[str, object] = {}
    try:
        for name, value in form.multi_items():
            plain = value if isinstance(value, str) else await _file(value)
            before = fields.get(name)
            if before is None:
                fields[name] = plain
            elif isinstance(before, list):
                before.append(plain)
            else:
                fields[name] = [before, plain]
    finally:
        await form.close()
    return fields


async def _file(upload: UploadFile) -> FormFile:
    data = await upload.read()
    return FormFile(upload.filename or "", upload.content_type or "application/octet-stream", data)
