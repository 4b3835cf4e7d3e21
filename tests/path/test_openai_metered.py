"""What the meter learns of pictures from servers of OpenAI's kind: each once, with its price."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pisang.core.events import Usage
from pisang.metering.outcome import Outcome
from tests.path.asgi import call
from tests.path.routed import Routed, openai, routed
from tests.path.test_relayed_openai import (
    B64,
    B64_BLUE,
    MODEL,
    RED,
    USED,
    chat,
    chat_answer,
    images,
    shown,
)
from tests.upstream import Answer, sse, upstream, whole

BARE: dict[str, Any] = {"data": [{"b64_json": B64}]}
TOLD = {"prompt_tokens": 10, "completion_tokens": 1500, "total_tokens": 1510}
SPOKEN: dict[str, Any] = {"role": "assistant", "content": "Here.", "images": [shown(B64)]}
DONE = {"type": "image_generation.completed", "b64_json": B64, "usage": USED}
FORM = (
    b'--B\r\nContent-Disposition: form-data; name="model"\r\n\r\n%b\r\n'
    b'--B\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nsnow\r\n'
    b'--B\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n'
    b"Content-Type: image/png\r\n\r\n" % MODEL.encode() + RED.data + b"\r\n--B--\r\n"
)


async def draw(server: Routed) -> None:
    await images(server, {"model": MODEL, "prompt": "a lake"})


async def draw_streamed(server: Routed) -> None:
    await images(server, {"model": MODEL, "prompt": "a lake", "stream": True})


async def draw_two(server: Routed) -> None:
    await images(server, {"model": MODEL, "prompt": "a lake", "n": 2})


async def edit(server: Routed) -> None:
    headers = {
        "authorization": f"Bearer {server.key}",
        "content-type": "multipart/form-data; boundary=B",
    }
    await call(server.app.asgi, "POST", "/v1/images/edits", headers=headers, chunks=[FORM])


async def talk(server: Routed) -> None:
    await chat(server)


async def talk_streamed(server: Routed) -> None:
    await chat(server, stream=True)


async def metered(
    tmp_path: Path, answer: Answer, ask: Callable[[Routed], Any], profile: str, **more: Any
) -> Outcome:
    async with (
        upstream(answer) as there,
        routed(tmp_path, {"relay": openai(there.url, profile, **more)}) as server,
    ):
        await ask(server)
    (outcome,) = server.outcomes
    return outcome


@pytest.mark.parametrize(
    ("answer", "ask", "profile", "used"),
    [
        (whole(BARE | {"usage": USED}), draw, "images", (1290, 0, 1)),
        (whole(BARE | {"usage": USED}), edit, "images", (1290, 0, 1)),
        (sse(DONE), draw_streamed, "images", (1290, 0, 1)),
        (
            whole({"data": [{"b64_json": B64}, {"b64_json": B64_BLUE}], "usage": USED}),
            draw_two,
            "images",
            (1290, 0, 2),
        ),
        (chat_answer(SPOKEN, usage=TOLD), talk, "chat-images", (1120, 380, 1)),
        (
            sse(
                {"model": "m", "choices": [{"index": 0, "delta": SPOKEN}]},
                {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
                {"choices": [], "usage": TOLD},
                b"data: [DONE]\n\n",
            ),
            talk_streamed,
            "chat-images",
            (1120, 380, 1),
        ),
    ],
)
async def test_every_answer_is_metered_once_with_its_kinds_of_tokens(
    answer: Answer,
    ask: Callable[[Routed], Any],
    profile: str,
    used: tuple[int, int, int],
    tmp_path: Path,
) -> None:
    outcome = await metered(tmp_path, answer, ask, profile)
    assert outcome.whole
    assert outcome.usage is not None
    found = outcome.usage
    assert (found.image_output, found.text_output, found.images) == used
    assert outcome.cost is not None
    assert outcome.bill.components["output_image"].nanos == used[0] * 60_000


@pytest.mark.parametrize("profile", ["images", "sglang"])
async def test_pictures_of_a_server_that_does_not_count_are_counted_by_the_catalog(
    profile: str, tmp_path: Path
) -> None:
    outcome = await metered(tmp_path, whole(BARE), draw, profile)
    assert outcome.usage == Usage(prompt_text=2, image_output=1120, images=1)
    assert outcome.cost is not None
    assert outcome.bill.components["output_image"].nanos == 67_200_000


async def test_a_picture_of_a_model_that_nobody_knows_costs_what_its_route_says(
    tmp_path: Path,
) -> None:
    async with upstream(whole(BARE)) as there:
        route = {"model": "flux*", "engines": ["gpu"], "price": {"image": 0.04}}
        gpu = openai(there.url, "vllm-omni")
        async with routed(tmp_path, {"gpu": gpu}, [route]) as server:
            await images(server, {"model": "flux.2", "prompt": "a lake", "n": 1})
    (outcome,) = server.outcomes
    assert outcome.cost is not None
    assert outcome.cost.nanos == 40_000_000


async def test_the_model_that_the_route_names_is_paid_where_the_answer_names_none(
    tmp_path: Path,
) -> None:
    async with upstream(whole(BARE | {"usage": USED})) as there:
        route = {
            "model": MODEL,
            "engines": ["relay"],
            "upstream_model": "gemini-3-pro-image",
        }
        async with routed(tmp_path, {"relay": openai(there.url)}, [route]) as server:
            await draw(server)
    (outcome,) = server.outcomes
    assert outcome.cost is not None
    assert outcome.bill.components["output_image"].nanos == 1290 * 120_000


async def test_an_answer_without_a_picture_costs_what_it_says(tmp_path: Path) -> None:
    message = {"role": "assistant", "content": None, "refusal": "No."}
    told = {"prompt_tokens": 10, "completion_tokens": 0}
    outcome = await metered(tmp_path, chat_answer(message, usage=told), talk, "chat-images")
    assert outcome.usage == Usage(prompt_text=10)
    assert json.dumps(outcome.reason) == '"IMAGE_SAFETY"'
