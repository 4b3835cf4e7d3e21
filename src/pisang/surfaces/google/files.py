"""Google's Files API: get, list, delete, download, files of metadata only (contract, section 7).

Uploads are in ``uploading.py``. On ``/v1/files`` OpenAI's clients ask too: the form of the body or
of the credential tells whose answer is wanted, and ``openai/files.py`` gives theirs.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.core.errors import FailedPrecondition
from pisang.core.files import Source
from pisang.files import library
from pisang.files.library import Kept, Mark
from pisang.surfaces.addresses import VERSION
from pisang.surfaces.answers import Pieces
from pisang.surfaces.asking import either
from pisang.surfaces.dialects import speaks_openai
from pisang.surfaces.downloads import contents
from pisang.surfaces.forms import is_form
from pisang.surfaces.google.gemini import GEMINI
from pisang.surfaces.google.surface import POST
from pisang.surfaces.openai import files as openai_files
from pisang.surfaces.shared import origin, shared
from pisang.surfaces.small_bodies import small
from pisang.wire.gemini import files as wire

Handler = Callable[[Request], Awaitable[Response]]


async def create_file(call: Request) -> Response:
    """A file of metadata only: it has no bytes, and nothing can be added to it."""
    caller = await GEMINI.caller(call)
    said = wire.decode(await small(call))
    uploads = shared(call).uploads
    _, upload = await uploads.start(
        caller.project_id,
        name=said.name,
        display_name=said.display_name,
        mime_type=said.mime_type or "",
        size=0,
    )
    file = await uploads.finish(upload)
    return Pieces([wire.encode_created(file, origin=origin(call))])


async def register_files(call: Request) -> Response:
    """Makes files of objects in buckets. They are copied: what happens in the bucket afterwards
    changes nothing."""
    caller, inside = await GEMINI.caller(call), shared(call)
    uris = wire.decode_register(await small(call))
    made = []
    for index, uri in enumerate(uris):
        data = await inside.buckets.read(uri, field=f"uris[{index}]")
        file = await library.keep(
            inside.database,
            inside.blobs,
            caller.project_id,
            data,
            mime_type=library.mime_type_of(data, uri),
            source=Source.REGISTERED,
        )
        made.append(file)
    return Pieces([wire.encode_registered(made, origin=origin(call))])


async def list_files(call: Request) -> Response:
    """One page of the project's files, newest first."""
    caller = await GEMINI.caller(call)
    size = wire.page_size(either(call.query_params, "pageSize", "page_size"))
    begins = wire.page_mark(either(call.query_params, "pageToken", "page_token"))
    files, mark = await library.page(
        shared(call).database,
        caller.project_id,
        size=size,
        after=Mark(*begins) if begins else None,
    )
    following = (mark.created_at, mark.name) if mark else None
    return Pieces([wire.encode_page(files, origin=origin(call), following=following)])


async def get_file(call: Request) -> Response:
    """One file's metadata."""
    kept = await _file(call)
    return Pieces([wire.encode(kept.file, origin=origin(call))])


async def delete_file(call: Request) -> Response:
    """Deletes a file; its bytes too."""
    caller = await GEMINI.caller(call)
    inside, name = shared(call), str(call.path_params["name"])
    if not await library.remove(inside.database, inside.blobs, caller.project_id, name):
        raise library.not_yours(name)
    return Pieces([b"{}"])


async def download_file(call: Request) -> Response:
    """The bytes of a file that was generated here; uploaded ones stay, as at Google."""
    kept = await _file(call)
    if kept.file.source is not Source.GENERATED:
        raise FailedPrecondition(
            f"The file {kept.file.name} was uploaded, so it cannot be downloaded: only files that "
            "the service generated can."
        )
    try:
        return await contents(call, kept)
    except FileNotFoundError as error:
        raise library.not_yours(kept.file.name) from error


async def _file(call: Request) -> Kept:
    caller = await GEMINI.caller(call)
    name = str(call.path_params["name"])
    kept = await library.find(shared(call).database, caller.project_id, name)
    if kept is None:
        raise library.not_yours(name)
    return kept


def _either(google: Handler, openai: Handler) -> Handler:
    """One address for both: a form, or a credential as OpenAI's clients send it, is for OpenAI."""

    async def handler(call: Request) -> Response:
        theirs = is_form(call) or speaks_openai(call.headers, call.query_params)
        return await (openai if theirs else google)(call)

    handler.__name__ = google.__name__
    handler.__doc__ = f"{google.__doc__} For OpenAI's clients, as at `/v1/openai/files`."
    return handler


_FILES: Final = f"/{VERSION}/files"
_BOTH: Final = "/v1/files"
_DELETE: Final = ("DELETE",)

ROUTES: Final[Sequence[Route]] = (
    Route(_FILES + ":register", register_files, methods=POST),
    Route(_FILES + "/{name}:download", download_file),
    Route("/download" + _FILES + "/{name}:download", download_file),
    Route(_BOTH, _either(create_file, openai_files.create_file), methods=POST),
    Route(_BOTH, _either(list_files, openai_files.list_files)),
    Route(_BOTH + "/{name}", _either(get_file, openai_files.get_file)),
    Route(_BOTH + "/{name}", _either(delete_file, openai_files.delete_file), methods=_DELETE),
    Route(_BOTH + "/{name}/content", openai_files.get_content),
    Route(_FILES, create_file, methods=POST),
    Route(_FILES, list_files),
    Route(_FILES + "/{name}", get_file),
    Route(_FILES + "/{name}", delete_file, methods=_DELETE),
    *openai_files.ROUTES,
)
