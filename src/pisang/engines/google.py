"""The Gemini Developer API as an engine: Google's own, or any server that speaks like it."""

import re
from collections.abc import AsyncIterator, Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import quote, urlsplit

from pisang.catalog.models import Card
from pisang.core.events import Event
from pisang.core.image import Canvas
from pisang.core.request import GenerateRequest
from pisang.core.upstream import Dialect
from pisang.engines import gemini, registry
from pisang.engines.base import Engine, Forward, Passing, Piece
from pisang.engines.registry import Config, ConfigError, Means
from pisang.engines.upstream import (
    PATIENCE,
    PROBE,
    Ask,
    Client,
    onward,
    query,
    server_at,
    time_left,
)
from pisang.engines.wording import worded
from pisang.wire.gemini import request as wire
from pisang.wire.gemini.schema import DEVELOPER
from pisang.wire.openai.words import Wanted

HOST: Final = "https://generativelanguage.googleapis.com"
VERSIONS: Final = frozenset({"v1", "v1beta", "v1alpha"})
VERSION: Final = "v1beta"
_ENDS_IN_VERSION: Final = re.compile(r"/(v[0-9][a-z0-9]*)$")
_TUNED: Final = "tunedModels/"


class GoogleEngine:
    """One key of the Developer API. ``base_url`` may have a version at its end, which is then used
    whatever the caller's address had."""

    dialects = frozenset({Dialect.GEMINI, Dialect.IMAGEN})
    vertex = False

    def __init__(self, name: str, key: str, client: Client, *, base_url: str = HOST) -> None:
        self.name = name
        self._key = key
        self._client = client
        found = _ENDS_IN_VERSION.search(base_url)
        self._version = found[1] if found else ""
        self._base = base_url[: found.start()] if found else base_url
        self.keeps_dates = is_googles(base_url)
        self.server = server_at(base_url)

    def takes(self, method: str, wanted: Wanted) -> bool:
        """Every body of Google's: who knows more words than we do is told all of them."""
        del method, wanted
        return True

    async def forward(self, sent: Forward) -> Passing:
        """Sends a body as it came, with our key in place of the caller's."""
        path = f"{_path(sent.model)}:{sent.method}{query(sent.query)}"
        headers = {"content-type": sent.media_type, **onward(sent.headers)}
        return await self._client.forward(
            self._ask(
                path,
                dialect=sent.dialect,
                version=sent.version,
                headers=headers,
                body=sent.body,
                seconds=sent.seconds,
            )
        )

    async def generate(
        self, request: GenerateRequest, *, card: Card, canvas: Canvas
    ) -> AsyncIterator[Event]:
        """Asks for ``request.model``, whole; a server that streams all the same is read as well."""
        del canvas  # the model's own business, once it has been admitted
        fitting = worded(
            request,
            thinks=card.thinking.supported,
            variant=DEVELOPER,
            by_google=self.keeps_dates,
        )
        ask = self._ask(
            f"{_path(request.model)}:generateContent",
            headers={"content-type": "application/json"},
            body=wire.pieces(fitting),
            seconds=request.deadline or PATIENCE,
        )
        async for event in gemini.events(await self._client.forward(ask), model=request.model):
            yield event

    async def probe(self, model: str) -> None:
        """Looks the model up, which costs nothing and needs a good key."""
        await self._client.fetch(self._ask(_path(model), method="GET", seconds=PROBE))

    async def close(self) -> None:
        await self._client.close()

    def _ask(
        self,
        path: str,
        *,
        method: str = "POST",
        dialect: Dialect = Dialect.GEMINI,
        version: str = "",
        headers: dict[str, str] | None = None,
        body: Sequence[Piece] = (),
        seconds: float,
    ) -> Ask:
        chosen = self._version or (version if version in VERSIONS else VERSION)
        return Ask(
            dialect=dialect,
            method=method,
            url=f"{self._base}/{chosen}/{path}",
            headers={"x-goog-api-key": self._key, **time_left(seconds), **(headers or {})},
            body=body,
            seconds=seconds,
            secrets=(self._key,),
        )


def build(config: Config, means: Means) -> Sequence[Engine]:
    """``[engines.NAME]`` with ``kind = "google"``: a member for each key."""
    del means
    registry.allow(config, fields=("api_keys", "base_url", "location"), options=("ca_file",))
    if not config.api_keys:
        raise ConfigError("api_keys", 'Give it a key: api_keys = ["env:GEMINI_API_KEY"].')
    client = Client(ca_file=registry.ca_file(config))
    base = registry.base_url(config, HOST)
    return [GoogleEngine(config.name, key, client, base_url=base) for key in config.api_keys]


def is_googles(address: str) -> bool:
    """Whether Google itself answers there, so that its dates count."""
    host = urlsplit(address).hostname or ""
    return host == "googleapis.com" or host.endswith(".googleapis.com")


@lru_cache(maxsize=256)
def _path(model: str) -> str:
    if model.startswith(_TUNED):
        return _TUNED + quote(model.removeprefix(_TUNED), safe="")
    return f"models/{quote(model.removeprefix('models/'), safe='')}"
