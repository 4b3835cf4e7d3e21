"""What is kept of responses: to continue, to read again, to delete, for one project only."""

import pytest

from pisang.core.content import Role
from pisang.surfaces.openai import responses
from pisang.testing import Server
from tests.databases import database_url as kept_in  # noqa: F401 - on both databases
from tests.path.openai_talk import (
    MODEL,
    PNG_URL,
    RESPONSES,
    error,
    events,
    other_key,
    output,
    respond,
    send,
)


async def test_the_next_response_continues_the_one_before(pisang: Server) -> None:
    first = await respond(pisang, [{"role": "user", "content": "a cat"}])
    second = await respond(pisang, "in blue", previous_response_id=first.json["id"])
    assert second.json["previous_response_id"] == first.json["id"]
    third = await respond(pisang, "larger", previous_response_id=second.json["id"])
    assert third.status == 200
    said = pisang.engine.asked[-1].contents
    assert [turn.role for turn in said] == [Role.USER, Role.MODEL] * 2 + [Role.USER]
    assert [turn.text for turn in said if turn.role is Role.USER] == ["a cat", "in blue", "larger"]
    for turn in said[1::2]:
        text, picture = turn.parts
        assert (text.text, picture.thought_signature) == ("Here it is.", b"signature-of-image")


async def test_what_is_sent_beside_a_stored_response_stays_apart(pisang: Server) -> None:
    first = await respond(pisang, "a cat")
    (picture,) = output(first, "image_generation_call")
    said = [picture, {"role": "user", "content": "in blue"}]
    second = await respond(pisang, said, previous_response_id=first.json["id"])
    assert [len(turn.parts) for turn in pisang.engine.asked[-1].contents] == [1, 2, 1, 1]
    items = await send(pisang, "GET", f"{RESPONSES}/{second.json['id']}/input_items?order=asc")
    assert [item["type"] for item in items.json["data"]] == ["image_generation_call", "message"]
    nothing = await respond(pisang, "", previous_response_id=first.json["id"])
    assert (nothing.status, error(nothing)["param"]) == (400, "input")


async def test_a_client_may_send_back_what_it_got(pisang: Server) -> None:
    first = (await respond(pisang, "a cat", store=False)).json
    said = [{"role": "user", "content": "a cat"}, *first["output"]]
    again = await respond(pisang, [*said, {"role": "user", "content": "in blue"}])
    assert again.status == 200
    drawn = pisang.engine.asked[-1].contents[1]
    assert [bool(part.blob) for part in drawn.parts] == [False, True]
    assert drawn.parts[1].thought_signature == b"signature-of-image"


@pytest.mark.parametrize("kind", ["image_generation_call", "item_reference"])
async def test_an_item_can_be_named_by_its_id_alone(pisang: Server, kind: str) -> None:
    first = await respond(pisang, "a cat")
    (picture,) = output(first, "image_generation_call")
    said = [{"role": "user", "content": "in blue"}, {"type": kind, "id": picture["id"]}]
    assert (await respond(pisang, said)).status == 200
    drawn, asked = pisang.engine.asked[-1].contents  # what is said about it comes after it
    assert drawn.parts[0].thought_signature == b"signature-of-image"
    assert asked.text == "in blue"
    unknown = await respond(pisang, [{"type": kind, "id": "ig_unknown"}])
    assert (unknown.status, error(unknown)["code"]) == (400, "item_not_found")


async def test_items_of_more_than_a_conversation_may_hold_cannot_be_named(
    pisang: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = [output(await respond(pisang, "a cat"), "image_generation_call")[0] for _ in range(2)]
    named = [{"type": "item_reference", "id": picture["id"]} for picture in drawn]
    said = {"role": "user", "content": "in blue"}
    assert (await respond(pisang, [said, *named])).status == 200
    body = (await send(pisang, "GET", f"{RESPONSES}/resp_{drawn[0]['id'].split('_')[1]}")).body
    monkeypatch.setattr(responses, "MOST_BYTES", int(1.9 * len(body)))
    assert (await respond(pisang, [said, named[0]])).status == 200
    reply = await respond(pisang, [said, *named])
    assert (reply.status, error(reply)["param"]) == (400, "input")
    assert "Name fewer" in error(reply)["message"]


async def test_what_is_kept_can_be_read_listed_and_deleted(pisang: Server) -> None:
    said = [
        {"role": "system", "content": "in pencil"},
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "a cat"},
                {"type": "input_image", "image_url": PNG_URL},
            ],
        },
        {"role": "assistant", "content": "Which colour?"},
        {"role": "user", "content": "red"},
    ]
    first = await respond(pisang, said)
    address = f"{RESPONSES}/{first.json['id']}"
    assert (await send(pisang, "GET", address)).json == first.json
    listed = (await send(pisang, "GET", f"{address}/input_items?order=asc")).json
    assert [item["role"] for item in listed["data"]] == ["system", "user", "assistant", "user"]
    assert listed["data"][1]["content"][1] == {
        "type": "input_image",
        "image_url": PNG_URL,
        "detail": "auto",
    }
    page = (await send(pisang, "GET", f"{address}/input_items?limit=1")).json
    assert (len(page["data"]), page["has_more"]) == (1, True)
    assert page["data"][0]["content"][0]["text"] == "red"
    after = f"{address}/input_items?after={page['last_id']}"
    assert len((await send(pisang, "GET", after)).json["data"]) == 3
    assert (await send(pisang, "POST", f"{address}/cancel")).status == 400
    assert error(await send(pisang, "GET", f"{address}?stream=true"))["param"] == "stream"
    gone = await send(pisang, "DELETE", address)
    assert gone.json == {"id": first.json["id"], "object": "response", "deleted": True}
    for method in ("GET", "DELETE"):
        reply = await send(pisang, method, address)
        assert (reply.status, "not found" in error(reply)["message"]) == (404, True)


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "order=up", "after=msg_1"])
async def test_a_wrong_page_is_refused(pisang: Server, query: str) -> None:
    first = await respond(pisang)
    reply = await send(pisang, "GET", f"{RESPONSES}/{first.json['id']}/input_items?{query}")
    assert (reply.status, error(reply)["param"]) == (400, query.partition("=")[0])


async def test_another_project_sees_nothing_of_it(pisang: Server) -> None:
    first = await respond(pisang)
    (picture,) = output(first, "image_generation_call")
    name, key = first.json["id"], await other_key(pisang)
    for method, rest in (("GET", ""), ("DELETE", ""), ("GET", "/input_items"), ("POST", "/cancel")):
        reply = await send(pisang, method, f"{RESPONSES}/{name}{rest}", key=key)
        assert reply.status == 404, rest
    body = {"model": MODEL, "input": "blue", "previous_response_id": name}
    reply = await send(pisang, "POST", RESPONSES, body, key=key)
    assert (reply.status, error(reply)["code"]) == (400, "previous_response_not_found")
    body = {"model": MODEL, "input": [{"type": "item_reference", "id": picture["id"]}]}
    reply = await send(pisang, "POST", RESPONSES, body, key=key)
    assert (reply.status, error(reply)["code"]) == (400, "item_not_found")
    assert (await send(pisang, "GET", f"{RESPONSES}/{name}")).status == 200


async def test_nothing_is_kept_where_the_caller_says_so(pisang: Server) -> None:
    for stream in (False, True):
        reply = await respond(pisang, store=False, stream=stream)
        name = events(reply)[0]["response"]["id"] if stream else reply.json["id"]
        assert (await send(pisang, "GET", f"{RESPONSES}/{name}")).status == 404
