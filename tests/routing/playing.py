"""Plays the faults of the matrix through a whole server, with the real engine, and no real waits.

One server and one stand-in serve all runs: every run gets a route table of its own, whose engines
point to a path of its own.
"""

import json
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from time import monotonic
from typing import Any

from pisang.catalog.models import Card
from pisang.core.errors import PisangError
from pisang.core.events import Event
from pisang.core.image import Canvas
from pisang.core.request import GenerateRequest
from pisang.engines.base import Forward, Passing
from pisang.engines.google import GoogleEngine
from pisang.engines.upstream import Client
from pisang.routing.attempts import Pace
from pisang.routing.router import Router
from pisang.routing.table import EngineSpec, Route, Table, Target
from pisang.wire.sse import EventReader
from tests.engines.certificates import certificate
from tests.path.asgi import PROMPT, Reply, call
from tests.path.routed import Routed, google, routed
from tests.routing.matrix import GOOD, GOOD_STREAM, Fault
from tests.upstream import Answer, Received, Upstream, upstream

MODEL = "gemini-3-pro-image"
WHOLE = f"/v1beta/models/{MODEL}:generateContent"
STREAM = f"/v1beta/models/{MODEL}:streamGenerateContent?alt=sse"
IMAGES = "/v1/images/generations"


@dataclass
class Time:
    """A clock that stands still while a request is under way, but for what is said to be slept.
    ``later`` is how much more has passed for who remembers illnesses."""

    begun: float = 0.0
    slept: float = 0.0
    later: float = 0.0

    def now(self) -> float:
        return self.begun + self.slept

    def of_health(self) -> float:
        return self.now() + self.later

    async def sleep(self, seconds: float) -> None:
        self.slept += seconds


class Counted(GoogleEngine):
    """The real engine, which counts how often it is asked."""

    asked = 0

    async def forward(self, sent: Forward) -> Passing:
        self.asked += 1
        return await super().forward(sent)

    def generate(
        self, request: GenerateRequest, *, card: Card, canvas: Canvas
    ) -> AsyncIterator[Event]:
        self.asked += 1
        return super().generate(request, card=card, canvas=canvas)


class When(Enum):
    """How long a fault lasts, and what else there is that is well."""

    ONCE = "once"
    ALWAYS = "always"
    KEY = "always, with another key"
    BESIDE = "always, with another engine"


@dataclass(frozen=True)
class Run:
    """What became of one request: the status and word that the caller got, whether it was served,
    how often the engine was asked and how often what is well, the seconds that were waited, and how
    the engine was left. ``kind`` is what our error says it is, ``broke`` whether an answer broke
    off."""

    status: int
    word: str
    kind: str
    served: bool
    asked: tuple[int, int]
    waited: int
    left: str
    retry_after: str
    broke: bool


@dataclass
class Theatre:
    """Where faults are played."""

    pisang: Routed
    there: Upstream
    places: dict[str, str]
    time: Time
    scripts: dict[str, list[Answer]] = field(default_factory=dict)
    engines: list[Counted] = field(default_factory=list)
    runs: int = 0

    @property
    def router(self) -> Router:
        return self.pisang.app.gateway.router

    async def play(self, fault: Fault, when: When, address: str = WHOLE) -> Run:
        """One request."""
        self.runs += 1
        streamed = address == STREAM
        good, bad = GOOD_STREAM if streamed else GOOD, fault.answer(streamed=streamed)
        self.scripts = {
            f"/{self.runs}/studio/": [bad, good] if when is When.ONCE else [bad],
            f"/{self.runs}/well/": [good],
        }
        self._route(fault.base.format(**self.places), when)
        self.time.begun, self.time.slept, self.time.later = monotonic(), 0.0, 0.0
        return self._seen(await self._asked(address, fault), round(self.time.slept))

    async def again(self, fault: Fault) -> Run:
        """The same request at the same engines, much later."""
        self.time.later = 1_000_000
        return self._seen(await self._asked(WHOLE, fault), 0)

    def answer(self, received: Received) -> Answer:
        """The next answer of the engine that this request is for."""
        script = next(
            script for path, script in self.scripts.items() if received.target.startswith(path)
        )
        return script.pop(0) if len(script) > 1 else script[0]

    def _route(self, base: str, when: When) -> None:
        """The first engine asked is ``studio``, the other one or its second key is well."""
        bases = [f"{base}/{self.runs}/studio", f"{self.places['url']}/{self.runs}/well"]
        self.engines = [
            Counted("studio", f"key-{number}", Client(), base_url=base)
            for number, base in enumerate(bases)
        ]
        first, second = self.engines
        members = {"studio": [first]}
        if when is When.KEY:
            members["studio"].append(second)
        if when is When.BESIDE:
            members["cloud"] = [second]
        specs = {name: EngineSpec(name=name, kind="google") for name in members}
        route = Route(id="all", models=("*",), targets=tuple(Target(name) for name in specs))
        self.router.replace(Table(specs, (route,)), members)

    async def _asked(self, address: str, fault: Fault) -> Reply:
        body: dict[str, Any] = PROMPT
        headers = {"x-goog-api-key": self.pisang.key}
        if address == IMAGES:
            body = {"model": MODEL, "prompt": "a yellow field"}
            headers = {"authorization": f"Bearer {self.pisang.key}"}
        if fault.seconds is not None:
            headers["x-server-timeout"] = str(fault.seconds)
        headers["content-type"] = "application/json"
        reply = Reply()
        try:
            await call(
                self.pisang.app.asgi,
                "POST",
                address,
                headers=headers,
                chunks=[json.dumps(body).encode()],
                into=reply,
            )
        except PisangError:  # an answer with a known length can only be broken off
            assert reply.status == 200
        return reply

    def _seen(self, reply: Reply, waited: int) -> Run:
        error = _error(reply)
        info = next((row for row in error.get("details", ()) if row.get("domain") == "pisang"), {})
        studio = self.router.snapshot()[0]
        troubles = [*studio["troubles"], *studio["keys"][0]["troubles"]]  # type: ignore[misc,index]
        here, there = self.engines
        return Run(
            status=reply.status,
            word=str(error.get("status") or error.get("code") or ""),
            kind=info.get("metadata", {}).get("kind", ""),
            served=not (error or _broken(reply)),
            asked=(here.asked, there.asked),
            waited=waited,
            left=_left(troubles[0]) if troubles else "",
            retry_after=reply.headers.get("retry-after", ""),
            broke=reply.status == 200 and bool(error or _broken(reply)),
        )


@asynccontextmanager
async def theatre(data: Path) -> AsyncIterator[Theatre]:
    """A server with a key, a stand-in, another whose certificate nobody trusts, and a port that
    nobody listens at."""
    made: list[Theatre] = []

    def answer(received: Received) -> Answer:
        return made[0].answer(received)

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate(data).chain)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with (
            upstream(answer) as there,
            upstream(GOOD, tls=context) as untrusted,
            routed(data / "pisang", {"studio": google(there.url)}) as pisang,
        ):
            nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
            places = {"url": there.url, "nobody": nobody, "untrusted": untrusted.url}
            time = Time()
            made.append(Theatre(pisang, there, places, time))
            router = made[0].router
            router.pace = Pace(time.now, time.sleep, lambda: 0.0)
            router.health.clock = time.of_health
            yield made[0]


def _error(reply: Reply) -> dict[str, Any]:
    """The error of an answer, or in the middle of one."""
    if reply.headers.get("content-type", "").startswith("text/event-stream"):
        reader = EventReader()
        events = [*reader.feed(reply.body), *reader.close()]
        values = [_read(event.data) for event in events]
        return next((value["error"] for value in values if "error" in value), {})
    return dict(_read(reply.body).get("error", {})) if reply.status != 200 else {}


def _read(body: bytes) -> dict[str, Any]:
    try:
        return dict(json.loads(body))
    except ValueError:
        return {}


def _broken(reply: Reply) -> bool:
    """Whether an answer is not whole."""
    if reply.headers.get("content-type", "").startswith("text/event-stream"):
        return b"finishReason" not in reply.body and b"blockReason" not in reply.body
    try:
        return "error" in json.loads(reply.body) and reply.status == 200
    except ValueError:
        return True


def _left(trouble: dict[str, Any]) -> str:
    """How an engine was left: out, cooling for some time, resting, or under suspicion."""
    state, seconds = trouble["state"], trouble["seconds"]
    if state == "out":
        return "out" if trouble["model"] is None else "out for this model"
    if state == "shaky":
        return ""
    return "until the day ends" if seconds > 3600 else f"left alone {round(seconds)} s"
