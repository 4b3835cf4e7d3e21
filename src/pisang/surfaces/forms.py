"""Forms of fields and pictures, read into memory: texts stay texts, files become bytes.

The body as a whole is held back by ``BodyLimit``, the number of parts by ``multipart.Parts``.
"""

from typing import Final

from starlette.requests import Request

from pisang.core.errors import MalformedRequest
from pisang.surfaces.multipart import Parts, disposition
from pisang.wire.openai.schema import FormFile

_TEXT_BYTES: Final = 1_000_000
_TEXT_TYPES: Final = ("", "text/plain")


def is_form(request: Request) -> bool:
    """Whether the body says of itself that it is a form."""
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


async def form_of(request: Request) -> dict[str, object]:
    """The fields by name: a ``str`` or a ``FormFile``, or a list of those where a name came more
    than once. Raises ``MalformedRequest``, and ``RequestTooLarge`` as every reader of a body."""
    fields: dict[str, object] = {}
    parts = Parts(request)
    while (headers := await parts.next()) is not None:
        name, file_name = disposition(headers)
        if not name:
            raise MalformedRequest("A part of the form has no name in its Content-Disposition.")
        kind = headers.get("content-type", "")
        value: object
        if file_name or kind.partition(";")[0].strip().lower() not in _TEXT_TYPES:
            value = FormFile(file_name, kind, b"".join([piece async for piece in parts.data()]))
        else:
            value = (await parts.whole(most=_TEXT_BYTES)).decode("utf-8", "replace")
        before = fields.get(name)
        if before is None:
            fields[name] = value
        elif isinstance(before, list):
            before.append(value)
        else:
            fields[name] = [before, value]
    return fields
