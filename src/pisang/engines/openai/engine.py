"""An engine that is a server of OpenAI's kind: one key of it, asked as its profile says."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Final, Protocol
from urllib.parse import quote, urljoin

from pisang.catalog.models import Card
from pisang.core.events import Event, Finished, Image, Started
from pisang.core.image import Canvas
from pisang.core.request import GenerateRequest, ServiceTier
from pisang.core.upstream import Broken, Dialect, Symptom
from pisang.engines.base import Forward, Passing, Piece, UpstreamFault
from pisang.engines.openai.links import Links
from pisang.engines.openai.profiles import Profile
from pisang.engines.upstream import PATIENCE, PROBE, Ask, Client, onward, server_at, starred
from pisang.wire.openai import chat_calls, chat_results, image_calls, image_results
from pisang.wire.openai.image_calls import Call
from pisang.wire.openai.rename import rename
from pisang.wire.openai.results import EventOrLink, Link, NoAnswer, read_refusal
from pisang.wire.openai.words import Wanted

_MOST: Final = 256_000_000  # bytes of one answer
_LONG: Final = 1_000_000  # bytes from which reading an answer would hold up everyone else
_EVENTS: Final = "text/event-stream"


class Reader(Protocol):
    """Reads an answer as its bytes arrive. Raises ``NoAnswer``."""

    def feed(self, chunk: bytes) -> list[EventOrLink]: ...

    def close(self) -> list[EventOrLink]: ...


class OpenAIEngine:
    """One key of one server."""

    dialects = frozenset({Dialect.OPENAI})
    keeps_dates = False
    vertex = False

    def __init__(
        self, name: str, key: str, client: Client, links: Links, *, base_url: str, profile: Profile
    ) -> None:
        self.name = name
        self._key = key
        self._client = client
        self._links = links
        self._base = base_url
        self._profile = profile
        self.server = server_at(base_url)

    def takes(self, method: str, wanted: Wanted) -> bool:
        """Whether a body may be sent as it came: the server has the method, and every word of it
        that says how the picture should be, so that none is lost."""
        chat, images = self._profile.chat, self._profile.images
        if method not in self._profile.methods:
            return False
        if chat is not None and method == chat_calls.CHAT:
            return wanted.shapes <= {chat.shape} and wanted.place in (None, chat.images)
        return images is None or wanted.shapes <= {images.shape}

    async def forward(self, sent: Forward) -> Passing:
        """Sends a body as it came, with our key and the upstream's name of the model."""
        whole = sent.body[0] if len(sent.body) == 1 else b"".join(sent.body)
        body = whole if isinstance(whole, bytes) else bytes(whole)
        renamed = rename(body, sent.media_type, sent.model) if sent.model else [body]
        headers = {"content-type": sent.media_type, **onward(sent.headers)}
        return await self._client.forward(
            self._ask(sent.method, headers=headers, body=renamed, seconds=sent.seconds)
        )

    async def generate(
        self, request: GenerateRequest, *, card: Card, canvas: Canvas
    ) -> AsyncIterator[Event]:
        """Draws by the chat or the image API of the server, whichever its profile names.

        A refusal is an event, not a fault: ``Finished`` with Google's reason.
        """
        call = self._written(request, card, canvas)
        each = card.image_tokens.get(canvas.image_size, 0)
        ask = self._ask(
            call.method,
            headers={"content-type": call.media_type},
            body=call.pieces,
            seconds=request.deadline or PATIENCE,
        )
        begun = False
        try:
            passing = await self._client.forward(ask)
            async with aclosing(self._pieces(passing, each)) as pieces:
                async for piece in pieces:
                    begun = True
                    yield await self._event(piece, request.model)
        except UpstreamFault as fault:
            refusal = read_refusal(fault.symptom.body)
            if refusal is None:
                raise
        except NoAnswer as error:
            body = self._hidden(error.body)
            refusal = read_refusal(body)
            if refusal is None:
                raise self._fault(error, body) from error
        else:
            return
        if not begun:
            yield Started(request.model)
        yield refusal

    async def probe(self, model: str) -> None:
        """Asks for the list of models, or for the one where the server has an address for that."""
        free = self._profile.free
        path = f"{free}/{quote(model, safe='')}" if self._profile.lists and model else free
        await self._client.fetch(self._ask(path, method="GET", seconds=PROBE))

    async def close(self) -> None:
        self._links.close()
        await self._client.close()

    def _written(self, request: GenerateRequest, card: Card, canvas: Canvas) -> Call:
        unknown = self._profile.own and request.model == card.id  # a name of Google's
        if unknown:
            request = replace(request, model="")
        if self._profile.chat is not None:
            return chat_calls.write(request, canvas=canvas, words=self._profile.chat)
        assert self._profile.images is not None
        return image_calls.write(request, canvas=canvas, words=self._profile.images)

    async def _pieces(self, passing: Passing, each: int) -> AsyncGenerator[EventOrLink, None]:
        """What an answer says, as it arrives where it is a stream."""
        streamed = passing.headers.get("content-type", "").startswith(_EVENTS)
        reader, kept, size = self._reader(each), list[bytes](), 0
        async with aclosing(passing.chunks) as chunks:
            async for chunk in chunks:
                size += len(chunk)
                if size > _MOST:
                    raise NoAnswer(f"more than {_MOST} bytes")
                if not streamed:
                    kept.append(chunk)
                    continue
                for piece in reader.feed(chunk):
                    yield piece
        if streamed:
            for piece in reader.close():
                yield piece
            return
        body = b"".join(kept)
        if len(body) > _LONG:
            whole = await asyncio.to_thread(self._read, body, each)
        else:
            whole = self._read(body, each)
        for piece in whole:
            yield piece

    def _reader(self, each: int) -> Reader:
        if (chat := self._profile.chat) is not None:
            return chat_results.Stream(each=each, links=chat.links)
        return image_results.Stream(each=each)

    def _read(self, body: bytes, each: int) -> list[EventOrLink]:
        if (chat := self._profile.chat) is not None:
            return chat_results.read(body, each=each, links=chat.links)
        return image_results.read(body, each=each)

    async def _event(self, piece: EventOrLink, model: str) -> Event:
        match piece:
            case Link():
                return Image(await self._links.fetch(piece.address), piece.signature)
            case Started():
                return Started(piece.model_version or model)
            case Finished() if self._profile.chat is None:  # the image API has no tiers
                return replace(piece, tier=piece.tier or ServiceTier.STANDARD.value)
            case _:
                return piece

    def _fault(self, error: NoAnswer, body: bytes) -> UpstreamFault:
        """An answer of status 200 that is none, as what was seen."""
        broken = None
        if error.status is None:
            broken = Broken.CUT if error.cut else Broken.GARBLED
            broken = Broken.UNUSABLE if error.paid else broken
        return UpstreamFault(
            Symptom(
                dialect=Dialect.OPENAI,
                status=error.status or 200,
                body=body,
                broken=broken,
                detail=self._hidden(f"The upstream's answer holds {error}.".encode()).decode(),
            )
        )

    def _hidden(self, body: bytes) -> bytes:
        """What an upstream said, without our key."""
        return starred(body, (self._key,))

    def _ask(
        self,
        path: str,
        *,
        method: str = "POST",
        headers: dict[str, str] | None = None,
        body: Sequence[Piece] = (),
        seconds: float,
    ) -> Ask:
        authorization = {"authorization": f"Bearer {self._key}"} if self._key else {}
        return Ask(
            dialect=Dialect.OPENAI,
            method=method,
            url=urljoin(f"{self._base}/", path),
            headers={**authorization, **(headers or {})},
            body=body,
            seconds=seconds,
            secrets=(self._key,) if self._key else (),
        )
