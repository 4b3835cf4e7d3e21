"""Errors on demand, through the application: on each surface, and for whom."""

import asyncio
import json
from pathlib import Path

import pytest

from pisang.accounts import keys, projects
from pisang.core.caller import Allowance
from pisang.faults.errors import ERRORS
from pisang.faults.telling import FailedCall, google, interactions, openai, printed
from pisang.testing import Server, server
from tests.path.asgi import MODEL, PROMPT, Reply, call, generate, get, post, streamed
from tests.path.faulty import CHAT, FLASH, GOOGLE, INTERACTIONS, OF_VERTEX, OPENAI, error, order
from tests.path.routed import google as google_engine
from tests.path.routed import routed
from tests.path.signing import Signer, account


@pytest.mark.parametrize("surface", GOOGLE)
async def test_every_error_has_googles_bytes_on_googles_surfaces(
    pisang: Server, surface: str
) -> None:
    address, body, failed = GOOGLE[surface]
    for fault in ERRORS:
        reply = await order(pisang, fault.name, address, body)
        value = fault.argument.default if fault.argument else None

        assert reply.status == fault.status, fault.name
        assert reply.body == (fault.page or printed(google(fault, failed, value))), fault.name
        assert reply.headers["x-pisang-fault"] == fault.name
        assert "retry-after" not in reply.headers  # Google sends none
    assert pisang.engine.asked == []


@pytest.mark.parametrize("surface", OPENAI)
async def test_every_error_is_openais_on_openais_surfaces(pisang: Server, surface: str) -> None:
    address, body = OPENAI[surface]
    for fault in ERRORS:
        reply = await order(pisang, fault.name, address, body)
        value = fault.argument.default if fault.argument else None
        status, told = openai(fault, FailedCall(model=FLASH), value)

        assert reply.status == (502 if fault.page else status), fault.name
        if not fault.page:
            assert reply.json == told
            assert (reply.headers.get("retry-after") == "34") == (value is not None)


@pytest.mark.parametrize("surface", INTERACTIONS)
async def test_every_error_has_a_word_for_its_code_on_interactions(
    pisang: Server, surface: str
) -> None:
    address, body = INTERACTIONS[surface]
    for fault in ERRORS:
        reply = await order(pisang, fault.name, address, body)
        value = fault.argument.default if fault.argument else None

        assert reply.status == fault.status
        assert fault.page or reply.json == interactions(fault, FailedCall(model=FLASH), value)


async def test_googles_layer_may_answer_errors_as_google_does(tmp_path: Path) -> None:
    async with server(tmp_path / "data", openai_errors="google") as pisang:
        reply = await order(pisang, "overloaded", "/v1beta/openai/chat/completions", CHAT)
    assert reply.json == [google(error("overloaded"), FailedCall(model=FLASH), None)]


async def test_several_faults_of_one_answer(pisang: Server) -> None:
    reply = await order(pisang, "overloaded=7,slow-first-byte=0.02,wrong-content-type")

    assert reply.status == 503
    assert reply.error["details"][-1]["retryDelay"] == "7s"
    assert reply.headers["content-type"].startswith("text/html")
    assert reply.headers["x-pisang-fault"] == "overloaded=7,slow-first-byte=0.02,wrong-content-type"


async def test_a_key_that_may_not_ask_for_faults_is_told_the_cure(pisang: Server) -> None:
    async with pisang.app.database.write() as connection:
        project = await projects.find(connection, "default")
        other = await keys.create(connection, project, name="other")

    reply = await order(pisang, "rpm", key=other.key)
    assert reply.status == 403
    assert reply.error["status"] == "PERMISSION_DENIED"
    assert f"pisang keys update {other.id} --allow faults" in reply.error["message"]

    async with pisang.app.database.write() as connection:
        await keys.change(connection, other.id, allowed=[Allowance.FAULTS])
    assert (await order(pisang, "rpm", key=other.key)).status == 429


async def test_a_service_account_is_told_to_have_its_project_changed(pisang: Server) -> None:
    bearer = Signer(await account(pisang)).bearer()
    headers = {"authorization": f"Bearer {bearer}", "x-pisang-fault": "rpm"}

    reply = await post(pisang, generate(), key="", headers=headers)
    assert reply.status == 403
    assert "pisang projects update default --fault NAME" in reply.error["message"]

    async with pisang.app.database.write() as connection:
        await projects.change(connection, "default", fault="rpm")
    reply = await post(pisang, generate(), key="", headers={"authorization": f"Bearer {bearer}"})
    assert reply.status == 429


@pytest.mark.parametrize("fault", ["no-image", "several-images", "truncated-json"])
async def test_no_upstream_is_asked_and_nothing_is_metered(tmp_path: Path, fault: str) -> None:
    engines = {"nobody": google_engine("http://127.0.0.1:1")}
    async with routed(tmp_path / "data", engines, tries=1) as server:
        body = json.dumps(PROMPT).encode()
        for address in (generate(), streamed(), f"/v1/{OF_VERTEX}:generateContent"):
            reply = await server.post(address, body, x_pisang_fault=fault)
            assert (reply.status, reply.headers["x-pisang-fault"]) == (200, fault)
        chat = json.dumps(CHAT).encode()
        assert (await server.post("/v1/chat/completions", chat, x_pisang_fault=fault)).status == 200
        assert server.outcomes == []
        assert (await server.post(generate(), body)).status == 503


async def test_faults_strike_behind_a_prefix(tmp_path: Path) -> None:
    async with server(tmp_path / "data", prefix="/pictures") as pisang:
        reply = await order(pisang, "no-image", f"/pictures{generate()}")
        assert "content" not in reply.json["candidates"][0]
        reply = await order(pisang, "model-gone", f"/pictures/v1/{OF_VERTEX}:generateContent")
        assert reply.error["message"] == f"Publisher Model `{OF_VERTEX}` not found."


async def test_an_unknown_fault_names_those_that_are_near(pisang: Server) -> None:
    reply = await order(pisang, "overlod")
    assert reply.status == 400
    assert "Did you mean overloaded? `pisang faults`" in reply.error["message"]
    (detail,) = (d for d in reply.error["details"] if d["@type"].endswith("BadRequest"))
    assert detail["fieldViolations"][0]["field"] == "x-pisang-fault"


async def test_a_project_may_have_a_fault_that_a_key_may_turn_off(pisang: Server) -> None:
    async with pisang.app.database.write() as connection:
        project = await projects.ensure(connection, "unlucky")
        await projects.change(connection, "unlucky", fault="overloaded")
        key = await keys.create(connection, project, name="k")
        able = await keys.create(connection, project, name="k", allowed=[Allowance.FAULTS])

    reply = await post(pisang, generate(), key=key.key)
    assert (reply.status, reply.headers["x-pisang-fault"]) == (503, "overloaded")
    assert (await order(pisang, "none", key=key.key)).status == 403
    assert (await order(pisang, "none", key=able.key)).status == 200
    assert len(pisang.engine.asked) == 1
    assert (await order(pisang, "rpm", key=able.key)).status == 429
    assert (await post(pisang, generate())).status == 200


async def test_two_requests_fail_and_the_third_works(pisang: Server) -> None:
    replies = [await order(pisang, "overloaded;times=2") for _ in range(6)]

    assert [reply.status for reply in replies] == [503, 503, 200] * 2
    assert ["x-pisang-fault" in reply.headers for reply in replies] == [True, True, False] * 2
    assert len(pisang.engine.asked) == 2


async def test_only_addresses_that_make_pictures_have_faults(pisang: Server) -> None:
    assert (await get(pisang, "/v1beta/models", **{"x-pisang-fault": "rpm"})).status == 200
    counted = await order(pisang, "rpm", f"/v1beta/models/{MODEL}:countTokens")
    assert counted.status == 200
    assert "x-pisang-fault" not in counted.headers


async def test_a_bad_request_is_refused_as_ever_before_a_refusal_is_played(pisang: Server) -> None:
    config = {"generationConfig": {"imageConfig": {"imageSize": "9K"}}}
    reply = await order(pisang, "no-image", generate(), PROMPT | config)

    assert reply.status == 400
    assert "9K" in reply.error["message"]


async def test_who_hangs_up_on_a_stalled_body_is_not_waited_for(pisang: Server) -> None:
    gone, into = asyncio.Event(), Reply()
    data = json.dumps(PROMPT).encode()
    headers = {"x-goog-api-key": pisang.key, "x-pisang-fault": "stalled-body"}
    calling = asyncio.create_task(
        call(
            pisang.app.asgi,
            "POST",
            generate(),
            headers=headers,
            chunks=[data],
            hang_up=gone,
            into=into,
        )
    )
    async with asyncio.timeout(20):
        while not into.pieces:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert not calling.done()
        gone.set()
        await calling
