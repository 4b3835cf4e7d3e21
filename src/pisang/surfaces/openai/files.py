"""OpenAI's files: ``/v1/files`` for its clients, and ``/v1beta/openai/files`` (contract, 10.5).

They are the same files as in Google's Files API, with the same 48 hours: uploaded by one kind of
client, a file can be used by the other.
"""

from collections.abc import Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.core.errors import MalformedRequest
from pisang.files import library
from pisang.files.library import OTHER, Kept, Mark
from pisang.files.uploads import Upload
from pisang.surfaces.addresses import LAYER
from pisang.surfaces.answers import Pieces
from pisang.surfaces.asking import caller_of
from pisang.surfaces.bodies import file_size
from pisang.surfaces.downloads import contents
from pisang.surfaces.forms import is_form
from pisang.surfaces.multipart import Parts, disposition
from pisang.surfaces.shared import shared
from pisang.wire.gemini.files import checked_mime_type
from pisang.wire.openai import files as wire
from pisang.wire.openai.schema import missing

_LONGEST_NAME: Final = 512
_TEXT_BYTES: Final = 10_000


async def create_file(call: Request) -> Response:
    """Keeps the file of a form; the file may stand before or after its purpose."""
    caller = await caller_of(call)
    if not is_form(call):
        raise MalformedRequest("Send the file as multipart/form-data, with a purpose.")
    uploads = shared(call).uploads
    upload: Upload | None = None
    try:
        purpose, parts = "", Parts(call)
        while (headers := await parts.next()) is not None:
            name, title = disposition(headers)
            if name == "purpose":
                purpose = wire.purpose(
                    (await parts.whole(most=_TEXT_BYTES)).decode("utf-8", "replace")
                )
            elif name == "file" and upload is None:
                kind = headers.get("content-type", "")
                _, upload = await uploads.start(
                    caller.project_id,
                    display_name=title[:_LONGEST_NAME] or None,
                    mime_type="" if kind in ("", OTHER) else checked_mime_type(kind, field="file"),
                    size=file_size(call),
                )
                await uploads.write(upload, parts.data(), at=0)
        if upload is None or not purpose:
            raise missing("file" if upload is None else "purpose")
        file = await uploads.finish(upload, purpose=purpose, exact=False)
    except BaseException:
        if upload is not None:
            await uploads.cancel(upload)
        raise
    return Pieces([wire.encode(file)])


async def list_files(call: Request) -> Response:
    """The project's files, newest first."""
    caller = await caller_of(call)
    asked, database = wire.listing(call.query_params), shared(call).database
    after = None
    if asked.after is not None:
        kept = await library.find(database, caller.project_id, asked.after)
        if kept is None:
            raise wire.no_such_file(wire.file_id(asked.after))
        after = Mark(kept.file.created_at, kept.file.name)
    files, more = await library.page(
        database,
        caller.project_id,
        size=asked.size,
        after=after,
        oldest_first=asked.oldest_first,
        purpose=asked.purpose,
    )
    return Pieces([wire.encode_page(files, more=more is not None)])


async def get_file(call: Request) -> Response:
    """One file object."""
    return Pieces([wire.encode((await _file(call)).file)])


async def delete_file(call: Request) -> Response:
    """Deletes a file; its bytes too."""
    caller, inside = await caller_of(call), shared(call)
    identifier = str(call.path_params["name"])
    name = wire.name_of(identifier) or ""
    if not await library.remove(inside.database, inside.blobs, caller.project_id, name):
        raise wire.no_such_file(identifier)
    return Pieces([wire.encode_deleted(name)])


async def get_content(call: Request) -> Response:
    """The bytes of a file."""
    kept = await _file(call)
    try:
        return await contents(call, kept)
    except FileNotFoundError as error:
        raise wire.no_such_file(wire.file_id(kept.file.name)) from error


async def _file(call: Request) -> Kept:
    caller = await caller_of(call)
    identifier = str(call.path_params["name"])
    kept = None
    if name := wire.name_of(identifier):
        kept = await library.find(shared(call).database, caller.project_id, name)
    if kept is None:
        raise wire.no_such_file(identifier)
    return kept


_FILES: Final = f"/{LAYER}/files"

ROUTES: Final[Sequence[Route]] = (
    Route(_FILES, create_file, methods=("POST",)),
    Route(_FILES, list_files),
    Route(_FILES + "/{name}", get_file),
    Route(_FILES + "/{name}", delete_file, methods=("DELETE",)),
    Route(_FILES + "/{name}/content", get_content),
)
