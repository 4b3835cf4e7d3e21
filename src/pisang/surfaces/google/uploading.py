"""``/upload/v1beta/files``: all the ways to bring a file that Google has (contract, section 7).

*Resumable*: ``start`` gives an address; ``upload`` adds bytes there at an offset, ``finalize``
makes the file, ``query`` tells how much has arrived, ``cancel`` gives up. *In one request*: raw
bytes, or a multipart/related body with the metadata before them.

Every answer about an upload says in ``x-goog-upload-status`` whether more is expected, errors too:
Google's Python client asks again, and waits, where it is missing.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.core.errors import MalformedRequest, PisangError
from pisang.core.files import File
from pisang.files.library import OTHER
from pisang.files.uploads import Upload
from pisang.surfaces.addresses import VERSION
from pisang.surfaces.answers import Pieces
from pisang.surfaces.asking import either
from pisang.surfaces.bodies import file_size
from pisang.surfaces.google.gemini import GEMINI
from pisang.surfaces.google.surface import POST
from pisang.surfaces.multipart import Parts
from pisang.surfaces.refusals import refused
from pisang.surfaces.shared import origin, shared
from pisang.surfaces.small_bodies import small
from pisang.wire.gemini import files as wire
from pisang.wire.gemini.files import Metadata, checked_mime_type

GRANULARITY: Final = 8_388_608  # bytes, what Google's clients send at once
_STATUS: Final = "x-goog-upload-status"
_RECEIVED: Final = "x-goog-upload-size-received"
_COMMAND: Final = "x-goog-upload-command"
_OFFSET: Final = "x-goog-upload-offset"
_SIZE: Final = "x-goog-upload-header-content-length"
_TYPE: Final = "x-goog-upload-header-content-type"
_METADATA_BYTES: Final = 100_000
_COMMANDS: Final = "upload, finalize, query or cancel"
_HOW: Final = (
    "Say how the file comes: X-Goog-Upload-Protocol resumable (with X-Goog-Upload-Command: start), "
    "raw or multipart; or the query uploadType=media or multipart."
)


async def upload(call: Request) -> Response:
    """Starts an upload, continues one (which needs no key), or takes a file at once."""
    try:
        upload_id = call.query_params.get("upload_id")
        if upload_id is not None:
            return await _continued(call, upload_id)
        return await _begun(call)
    except PisangError as error:
        answer = await refused(call, error)
        answer.headers[_STATUS] = "final"
        return answer


async def _begun(call: Request) -> Response:
    protocol = call.headers.get("x-goog-upload-protocol") or either(
        call.query_params, "uploadType", "upload_type", "upload_protocol"
    )
    body_type = call.headers.get("content-type", "").strip().lower()
    if protocol is None:
        protocol = "multipart" if body_type.startswith("multipart/") else ""
    match protocol.strip().lower():
        case "resumable":
            return await _started(call)
        case "multipart":
            return await _related(call)
        case "raw" | "media":
            return await _raw(call)
    raise MalformedRequest(_HOW, field="x-goog-upload-protocol")


async def _started(call: Request) -> Response:
    caller = await GEMINI.caller(call)
    commands = _commands(call.headers)
    if commands != {"start"}:
        raise MalformedRequest(
            "A resumable upload begins with X-Goog-Upload-Command: start; the bytes follow at the "
            "address that the answer names.",
            field=_COMMAND,
        )
    said = wire.decode(await small(call))
    announced = _number(call.headers, _SIZE)
    upload_id, _ = await shared(call).uploads.start(
        caller.project_id,
        name=said.name,
        display_name=said.display_name,
        mime_type=_mime_type(said, call.headers.get(_TYPE)),
        size=said.size if announced is None else announced,
    )
    address = f"{origin(call)}{_path(call)}?upload_id={upload_id}&upload_protocol=resumable"
    return Response(
        headers={
            _STATUS: "active",
            "x-goog-upload-url": address,
            "x-goog-upload-control-url": address,
            "x-goog-upload-chunk-granularity": str(GRANULARITY),
            "x-guploader-uploadid": upload_id,
        }
    )


async def _continued(call: Request, upload_id: str) -> Response:
    uploads = shared(call).uploads
    commands = _commands(call.headers)
    if not commands or commands - {"upload", "finalize", "query", "cancel"}:
        raise MalformedRequest(f"Send one of these commands: {_COMMANDS}.", field=_COMMAND)
    if len(commands) > 1 and commands != {"upload", "finalize"}:
        raise MalformedRequest(
            "Only upload and finalize can stand together in a command.", field=_COMMAND
        )
    found = await uploads.find(upload_id)
    if "cancel" in commands:
        await uploads.cancel(found)
        return Response(headers={_STATUS: "cancelled"})
    if "query" in commands:
        received = await uploads.received(found)
        status = "final" if found.finished else "active"
        return Response(headers={_STATUS: status, _RECEIVED: str(received)})
    if "upload" in commands and not found.finished:
        at = _number(call.headers, _OFFSET)
        received = await uploads.write(found, call.stream(), at=at or 0)
        if "finalize" not in commands:
            return Response(headers={_STATUS: "active", _RECEIVED: str(received)})
    return _created(call, await uploads.finish(found))


async def _raw(call: Request) -> Response:
    caller = await GEMINI.caller(call)
    kind = call.headers.get(_TYPE) or call.headers.get("content-type")
    _, found = await shared(call).uploads.start(
        caller.project_id, mime_type=_mime_type(Metadata(), kind), size=file_size(call)
    )
    return await _at_once(call, found, call.stream())


async def _related(call: Request) -> Response:
    caller = await GEMINI.caller(call)
    parts = Parts(call)
    if await parts.next() is None:
        raise MalformedRequest("The multipart body has no parts: send the metadata, then the file.")
    said = wire.decode(await parts.whole(most=_METADATA_BYTES))
    headers = await parts.next()
    if headers is None:
        raise MalformedRequest("The multipart body has one part: send the metadata, then the file.")
    _, found = await shared(call).uploads.start(
        caller.project_id,
        name=said.name,
        display_name=said.display_name,
        mime_type=_mime_type(said, headers.get("content-type")),
        size=file_size(call) if said.size is None else said.size,
    )
    return await _at_once(call, found, parts.data(), exact=said.size is not None)


async def _at_once(
    call: Request, found: Upload, pieces: AsyncIterator[bytes], *, exact: bool = True
) -> Response:
    uploads = shared(call).uploads
    try:
        await uploads.write(found, pieces, at=0)
        file = await uploads.finish(found, exact=exact)
    except BaseException:
        await uploads.cancel(found)
        raise
    return _created(call, file)


def _created(call: Request, file: File) -> Response:
    body = wire.encode_created(file, origin=origin(call))
    return Pieces([body], headers={_STATUS: "final"})


def _commands(headers: Mapping[str, str]) -> set[str]:
    words = headers.get(_COMMAND, "").lower().split(",")
    return {word.strip() for word in words} - {""}


def _number(headers: Mapping[str, str], name: str) -> int | None:
    """A header that counts bytes. Raises ``MalformedRequest``."""
    said = headers.get(name, "").strip()
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and len(said) < 19):
        raise MalformedRequest(f"The header {name} must be a number of bytes.", field=name)
    return int(said)


def _mime_type(said: Metadata, header: str | None) -> str:
    """The type that was said, empty where it was not; the bytes will show it then."""
    named = said.mime_type or (header or "").strip()
    if named.lower() == OTHER:
        return ""
    return checked_mime_type(named, field=_TYPE) if named else ""


def _path(call: Request) -> str:
    return f"/upload/{call.path_params['version']}/files"


ROUTES: Final[Sequence[Route]] = (Route(f"/upload/{VERSION}/files", upload, methods=POST),)
