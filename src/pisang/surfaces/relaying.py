"""An answer of an upstream on its way to a caller who speaks the same dialect: its own bytes."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.responses import Response

from pisang.core.current import bind
from pisang.core.errors import PisangError
from pisang.lanes.verbatim import Relayed
from pisang.surfaces.answers import SSE, Chunks
from pisang.surfaces.asking import served_by
from pisang.surfaces.refusals import tell_log
from pisang.wire import payload, sse
from pisang.wire.payload import Written

Failed = Callable[[PisangError], Written]

_NONE: Final[Mapping[str, str]] = MappingProxyType({})


def relayed(got: Relayed, failed: Failed, headers: Mapping[str, str] = _NONE) -> Response:
    """The answer as it came, with our headers beside its own. ``failed`` writes an error that comes
    too late for a status of its own."""
    bind(model=got.model, engine=got.served.engine)
    said = {**headers, **got.headers, **served_by(got.model, got.notice, got.served)}
    streamed = said.get("content-type", "").startswith(SSE)

    def broken(error: PisangError) -> bytes:
        """Where the bytes break off, a stream ends with an event that says why. What is no stream
        ends without its last bytes, which every client notices."""
        tell_log(error)
        if not streamed:
            raise ClientDisconnect from error
        return b"".join([sse.END, *sse.frame(payload.pieces(failed(error)))])

    length = None if streamed else got.length
    return Chunks(got.chunks, length=length, headers=said, broken=broken)
