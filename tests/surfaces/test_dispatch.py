"""Addresses are remembered: the same handler, their own parameters, and nobody who is refused."""

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Message

from pisang.surfaces import dispatch
from pisang.surfaces.dispatch import Dispatch


class Counting(Route):
    """A route that counts how often it is asked whether an address is its own."""

    asked = 0

    def matches(self, scope):  # type: ignore[no-untyped-def]
        type(self).asked += 1
        return super().matches(scope)


async def shown(request: Request) -> Response:
    return PlainTextResponse(f"{request.path_params}")


async def ask(router: Dispatch, path: str, method: str = "GET") -> str:
    out: list[Message] = []

    async def send(message: Message) -> None:
        out.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": method, "path": path, "headers": [], "app": Starlette()}
    await router(scope, receive, send)
    return bytes(out[1]["body"]).decode()


@pytest.fixture
def routes() -> list[BaseRoute]:
    Counting.asked = 0
    return [Counting("/one", shown), Counting("/models/{model}", shown)]


async def test_an_address_is_looked_for_once(routes: list[BaseRoute]) -> None:
    router = Dispatch(routes)
    assert [await ask(router, "/models/a") for _ in range(3)] == ["{'model': 'a'}"] * 3
    assert Counting.asked == 2
    assert await ask(router, "/models/b") == "{'model': 'b'}"
    assert Counting.asked == 4


async def test_a_method_is_part_of_it(routes: list[BaseRoute]) -> None:
    router = Dispatch([*routes, Route("/one", shown, methods=["POST"])])
    await ask(router, "/one")
    for _ in range(2):
        with pytest.raises(HTTPException) as caught:
            await ask(router, "/one", "DELETE")
        assert caught.value.status_code == 405
        with pytest.raises(HTTPException):
            await ask(router, "/nowhere")
    assert await ask(router, "/one", "POST") == "{}"


async def test_what_is_behind_a_prefix_is_found(routes: list[BaseRoute]) -> None:
    router = Dispatch([Route("/healthz", shown), Mount("/api", app=Dispatch(routes))])
    for _ in range(2):
        assert await ask(router, "/api/models/a") == "{'model': 'a'}"
        assert await ask(router, "/healthz") == "{}"


async def test_only_so_many_addresses_are_kept(
    routes: list[BaseRoute], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "MOST", 3)
    router = Dispatch(routes)
    for number in range(10):
        assert await ask(router, f"/models/{number}") == f"{{'model': '{number}'}}"
        assert len(router._known) <= 3
    await ask(router, "/models/" + "x" * 1_000)
    assert all(len(path) < 1_000 for _, path in router._known)
