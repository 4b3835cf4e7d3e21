"""Vertex AI as an engine: by service account, by what this machine is, or by key (express mode).

The body is nearly that of the Developer API; the service tier travels in a header instead
(limits and billing, section 2.3), and only an answer from the global endpoint heeds it.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import quote

from pisang.catalog.models import Card
from pisang.core.events import Event
from pisang.core.image import Canvas
from pisang.core.request import GenerateRequest, ServiceTier
from pisang.core.upstream import Broken, Dialect, Symptom
from pisang.engines import credentials, gemini, registry
from pisang.engines.base import Engine, Forward, Passing, Piece, UpstreamFault
from pisang.engines.credentials import ADC, Tokens
from pisang.engines.google import is_googles
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
from pisang.wire.gemini.vertex import SHARED_TYPE, VERTEX
from pisang.wire.openai.words import Wanted

GLOBAL: Final = "global"
VERSIONS: Final = frozenset({"v1", "v1beta1"})
VERSION: Final = "v1beta1"  # the one of google-genai
_NOBODY: Final = 401  # the status of a request by nobody who is known
_TIERS: Final = frozenset({ServiceTier.FLEX, ServiceTier.PRIORITY})
_MULTI_REGIONS: Final = frozenset({"us", "eu"})
_PREDICTS_ONLY: Final = "imagen"  # models that cannot count tokens
_ONE_WORD: Final = b'{"contents":[{"role":"user","parts":[{"text":"a"}]}]}'


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: the headers that say so, the project of the account, and what must not be shown."""

    headers: dict[str, str] = field(repr=False)
    project: str
    secret: str = field(repr=False)


class Identities(Protocol):
    """Where an engine has its identity from."""

    async def now(self) -> Identity:
        """Raises ``UpstreamFault``."""
        ...

    def refused(self, identity: Identity) -> bool:
        """The upstream does not know this one (any more); whether there may be a better one."""
        ...

    async def close(self) -> None: ...


class ByKey:
    """An API key; without a project in the address it is Vertex AI's express mode."""

    def __init__(self, key: str) -> None:
        self._identity = Identity({"x-goog-api-key": key}, "", key)

    async def now(self) -> Identity:
        return self._identity

    def refused(self, identity: Identity) -> bool:
        """A key stays what it is."""
        del identity
        return False

    async def close(self) -> None:
        """There is nothing to close."""


class ByToken:
    """An account of Google Cloud's, by its tokens."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    async def now(self) -> Identity:
        token, project = await self._tokens.account()
        return Identity({"authorization": f"Bearer {token}"}, project, token)

    def refused(self, identity: Identity) -> bool:
        self._tokens.forget(identity.secret)
        return True

    async def close(self) -> None:
        await self._tokens.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """The endpoint of Vertex AI that an engine's requests go to. ``base`` is empty for Google's own
    host of the location."""

    location: str = GLOBAL
    project: str = ""
    base: str = ""

    @property
    def host(self) -> str:
        if self.base:
            return self.base
        if self.location == GLOBAL:
            return "https://aiplatform.googleapis.com"
        if self.location in _MULTI_REGIONS:
            return f"https://aiplatform.{self.location}.rep.googleapis.com"
        return f"https://{self.location}-aiplatform.googleapis.com"


class VertexEngine:
    """One account, or one key, at one endpoint."""

    dialects = frozenset({Dialect.GEMINI, Dialect.IMAGEN})
    vertex = True

    def __init__(
        self, name: str, identities: Identities, client: Client, endpoint: Endpoint
    ) -> None:
        self.name = name
        self._identities = identities
        self._client = client
        self._endpoint = endpoint
        self._express = isinstance(identities, ByKey) and not endpoint.project
        self.keeps_dates = is_googles(endpoint.host)
        self.server = server_at(endpoint.host)

    def takes(self, method: str, wanted: Wanted) -> bool:
        """Every body of Google's: who knows more words than we do is told all of them."""
        del method, wanted
        return True

    async def forward(self, sent: Forward) -> Passing:
        """Sends a body of Vertex AI's variant as it came, in our own project's name."""
        return await self._passing(sent)

    async def generate(
        self, request: GenerateRequest, *, card: Card, canvas: Canvas
    ) -> AsyncIterator[Event]:
        """Asks for ``request.model``, whole; a server that streams all the same is read as well."""
        del canvas  # the model's own business, once it has been admitted
        fitting = worded(
            request,
            thinks=card.thinking.supported,
            variant=VERTEX,
            by_google=self.keeps_dates,
        )
        tier = request.service_tier
        passing = await self._passing(
            Forward(
                dialect=Dialect.GEMINI,
                method="generateContent",
                model=request.model,
                body=wire.pieces(replace(fitting, service_tier=None), variant=VERTEX),
                headers={SHARED_TYPE: tier.value} if tier in _TIERS else {},
                seconds=request.deadline or PATIENCE,
            )
        )
        async for event in gemini.events(passing, model=request.model):
            yield event

    async def probe(self, model: str) -> None:
        """Counts the tokens of one word, which costs nothing and needs everything to be right; a
        model that only predicts is looked up."""
        if model.startswith(_PREDICTS_ONLY):
            identity = await self._identity(PROBE)
            path = f"{VERSION}/publishers/google/models/{quote(model, safe='')}"
            await self._client.fetch(self._ask(identity, path, method="GET", seconds=PROBE))
            return
        passing = await self._passing(
            Forward(
                dialect=Dialect.GEMINI,
                method="countTokens",
                model=model,
                body=(_ONE_WORD,),
                seconds=PROBE,
            )
        )
        await passing.chunks.aclose()

    async def close(self) -> None:
        await self._identities.close()
        await self._client.close()

    async def _passing(self, sent: Forward) -> Passing:
        """Asks; and once more where a token was refused that had looked good, for nothing has
        happened then."""
        ends = asyncio.get_running_loop().time() + sent.seconds
        identity = await self._identity(sent.seconds)
        try:
            return await self._client.forward(self._forwarded(sent, identity, ends))
        except UpstreamFault as fault:
            if fault.symptom.status != _NOBODY or not self._identities.refused(identity):
                raise
        identity = await self._identity(sent.seconds)
        return await self._client.forward(self._forwarded(sent, identity, ends))

    def _forwarded(self, sent: Forward, identity: Identity, ends: float) -> Ask:
        return self._ask(
            identity,
            self._path(sent, identity),
            dialect=sent.dialect,
            headers={"content-type": sent.media_type, **onward(sent.headers)},
            body=sent.body,
            seconds=max(ends - asyncio.get_running_loop().time(), 0.001),
        )

    async def _identity(self, seconds: float) -> Identity:
        try:
            async with asyncio.timeout(seconds):
                return await self._identities.now()
        except TimeoutError:
            detail = "No access token for our own account within the time there was."
            raise UpstreamFault(
                Symptom(dialect=Dialect.GEMINI, broken=Broken.TIMEOUT, detail=detail)
            ) from None

    def _path(self, sent: Forward, identity: Identity) -> str:
        version = sent.version if sent.version in VERSIONS else VERSION
        model = f"publishers/google/models/{quote(sent.model, safe='')}"
        end = f"{model}:{quote(sent.method)}{query(sent.query)}"
        if self._express:
            return f"{version}/{end}"
        project = self._endpoint.project or identity.project
        if not project:
            detail = "Our account belongs to no project: name one (project = ...) for this engine."
            raise UpstreamFault(
                Symptom(dialect=sent.dialect, broken=Broken.CREDENTIALS, detail=detail)
            )
        where = f"projects/{quote(project, safe='')}/locations/{self._endpoint.location}"
        return f"{version}/{where}/{end}"

    def _ask(
        self,
        identity: Identity,
        path: str,
        *,
        method: str = "POST",
        dialect: Dialect = Dialect.GEMINI,
        headers: dict[str, str] | None = None,
        body: Sequence[Piece] = (),
        seconds: float,
    ) -> Ask:
        return Ask(
            dialect=dialect,
            method=method,
            url=f"{self._endpoint.host}/{path}",
            headers={**identity.headers, **time_left(seconds), **(headers or {})},
            body=body,
            seconds=seconds,
            secrets=(identity.secret,),
        )


def build(config: Config, means: Means) -> Sequence[Engine]:
    """``[engines.NAME]`` with ``kind = "vertex"``: one member for its account, or one for each of
    its keys."""
    del means
    fields = ("api_keys", "base_url", "project", "location", "credentials")
    registry.allow(config, fields=fields, options=("ca_file",))
    ca_file = registry.ca_file(config)
    endpoint = Endpoint(
        location=config.location or GLOBAL,
        project=config.project,
        base=registry.base_url(config) if config.base_url else "",
    )
    if quote(endpoint.location, safe="") != endpoint.location:
        raise ConfigError("location", f"{endpoint.location!r} is no location of Google Cloud's.")
    client = Client(ca_file=ca_file)
    identities = _identities(config, ca_file)
    return [VertexEngine(config.name, who, client, endpoint) for who in identities]


def _identities(config: Config, ca_file: Path | None) -> list[Identities]:
    if config.api_keys and config.credentials:
        sentence = "Name either credentials or api_keys (express mode), not both."
        raise ConfigError("credentials", sentence)
    if config.api_keys:
        return [ByKey(key) for key in config.api_keys]
    if not config.credentials:
        sentence = 'Say who asks: credentials = "file:sa.json" or "adc", or api_keys = [...].'
        raise ConfigError("credentials", sentence)
    if config.credentials == ADC:
        return [ByToken(Tokens(credentials.of_machine, ca_file=ca_file))]
    if config.credentials.startswith("{"):  # the text of a key file, as the admin API keeps it
        return [ByToken(Tokens(credentials.of_text(config.credentials), ca_file=ca_file))]
    return [ByToken(Tokens(credentials.of_file(Path(config.credentials)), ca_file=ca_file))]
