"""A server in this process whose route table leads to stand-in upstreams, and what it metered."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pisang.app import Application, application
from pisang.metering.outcome import Outcome
from pisang.settings import Settings
from tests.path.asgi import Reply, call


@dataclass
class Routed:
    """Send it requests; ``outcomes`` are what became of them."""

    app: Application
    key: str
    settings: Settings
    outcomes: list[Outcome] = field(default_factory=list)

    async def post(self, address: str, body: bytes, **headers: str) -> Reply:
        """Posts JSON. A header ``x_goog_api_key`` replaces that of the server's own key."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"x-goog-api-key": self.key, "content-type": "application/json"} | named
        if "authorization" in sent:
            del sent["x-goog-api-key"]
        return await call(self.app.asgi, "POST", address, headers=sent, chunks=[body])


def google(url: str, **more: Any) -> dict[str, Any]:
    """An engine of the Developer API."""
    return {"kind": "google", "api_keys": ["upstream-key-1"], "base_url": url, **more}


def vertex(url: str, **more: Any) -> dict[str, Any]:
    """An engine of Vertex AI in express mode, whose credential is a key."""
    return {"kind": "vertex", "api_keys": ["upstream-key-2"], "base_url": url, **more}


def openai(url: str, profile: str = "images", **more: Any) -> dict[str, Any]:
    """An engine that speaks OpenAI's API."""
    return {
        "kind": "openai",
        "profile": profile,
        "api_keys": ["upstream-key-3"],
        "base_url": url,
        **more,
    }


@asynccontextmanager
async def routed(
    data: Path,
    engines: Mapping[str, Mapping[str, Any]],
    routes: Sequence[Mapping[str, Any]] | None = None,
    **settings: object,
) -> AsyncIterator[Routed]:
    """A server with these engines; without ``routes``, everything goes to them in their order."""
    told = [{"model": "*", "engines": list(engines)}] if routes is None else list(routes)
    chosen = Settings.model_validate(
        {"data": data, "engines": dict(engines), "routes": told, **settings}
    )
    outcomes: list[Outcome] = []
    async with application(chosen, meter=outcomes.append) as app:
        assert app.first_key is not None
        yield Routed(app, app.first_key.key, chosen, outcomes)
