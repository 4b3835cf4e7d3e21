"""Several turns of a chat, whatever the client makes of them, and how one is refused."""

import base64
import json

import pytest

from pisang.accounts import keys, projects
from pisang.core.content import Role
from pisang.core.errors import EngineFailed
from pisang.core.events import Finished, FinishReason, Started, Text
from pisang.testing import Server
from tests.path.openai_talk import (
    PNG_URL,
    ask,
    chat,
    chunks,
    error,
    message,
    user,
)


@pytest.mark.parametrize("form", ["images", "markdown", "data-url"])
async def test_a_picture_comes_back_with_its_signature(pisang: Server, form: str) -> None:
    """The client drops everything but what OpenAI's types know, and the picture."""
    answer = message(await ask(pisang, chat(user(), chat_images=form)))
    before = {"role": "assistant", "content": answer["content"]}
    if form == "images":
        url = answer["images"][0]["image_url"]["url"]
        before["images"] = [{"type": "image_url", "image_url": {"url": url}}]
    assert (await ask(pisang, chat(user(), before, user("now in blue")))).status == 200
    spoken = pisang.engine.asked[-1].contents[1]
    assert spoken.role is Role.MODEL
    text, picture = spoken.parts
    assert text.text == "Here it is."
    assert picture.blob is not None
    assert picture.blob.mime_type == "image/png"
    assert picture.thought_signature == b"signature-of-image"


async def test_our_picture_in_a_message_of_the_user_is_continued(pisang: Server) -> None:
    url = message(await ask(pisang, chat(user())))["images"][0]["image_url"]["url"]
    said = user(
        [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "blue"}]
    )
    assert (await ask(pisang, chat(said))).status == 200
    drawn, asked = pisang.engine.asked[-1].contents
    assert drawn.role is Role.MODEL
    assert drawn.parts[0].thought_signature == b"signature-of-image"
    assert (asked.role, asked.text) == (Role.USER, "blue")


async def test_no_error_names_a_place_that_the_caller_does_not_have(pisang: Server) -> None:
    """Our picture makes one more turn, so the places behind it are not known any more."""
    url = message(await ask(pisang, chat(user())))["images"][0]["image_url"]["url"]
    ours, cut = ({"type": "image_url", "image_url": {"url": each}} for each in (url, PNG_URL[:-40]))
    words = {"type": "text", "text": "blue"}
    told = error(await ask(pisang, chat(user([ours, words]), user([cut, words]))))
    assert told["param"] == "messages"
    assert "messages is cut off" in told["message"]
    told = error(await ask(pisang, chat(user([words, *[ours] * 15]))))
    assert told["param"] == "messages"
    assert told["message"].startswith("messages hold 15 input images")
    told = error(await ask(pisang, chat(user(" "))))
    assert told["param"] == "messages"
    assert "Put a prompt into messages[0].content." in told["message"]


async def test_another_project_does_not_get_the_signature(pisang: Server) -> None:
    url = message(await ask(pisang, chat(user())))["images"][0]["image_url"]["url"]
    async with pisang.app.database.write() as connection:
        other = await projects.ensure(connection, "other")
        made = await keys.create(connection, other, name="k")
    before = {"role": "assistant", "content": None, "images": [{"image_url": {"url": url}}]}
    asked = chat(user(), before, user("blue"))
    assert (await ask(pisang, asked, key=made.key)).status == 200
    (picture,) = pisang.engine.asked[-1].contents[1].parts
    assert picture.thought_signature == b"skip_thought_signature_validator"


async def test_a_signature_of_the_client_itself_comes_first(pisang: Server) -> None:
    extra = {"google": {"thought_signature": base64.b64encode(b"mine").decode()}}
    answer = message(await ask(pisang, chat(user())))
    assert base64.b64decode(answer["extra_content"]["google"]["thought_signature"]) == (
        b"signature-of-text"
    )
    answer["images"][0]["extra_content"] = extra
    assert (await ask(pisang, chat(user(), answer, user("blue")))).status == 200
    text, picture = pisang.engine.asked[-1].contents[1].parts
    assert (text.thought_signature, picture.thought_signature) == (b"signature-of-text", b"mine")


REFUSAL = "Unable to show the generated image. You will not be charged. Try other words."


@pytest.mark.parametrize(
    "reason", [FinishReason.IMAGE_SAFETY, FinishReason.PROHIBITED_CONTENT, FinishReason.IMAGE_OTHER]
)
async def test_a_refusal_says_why(pisang: Server, reason: FinishReason) -> None:
    pisang.engine.script = [Started("m"), Finished(reason, REFUSAL)]
    reply = await ask(pisang, chat(user()))
    said = message(reply)
    assert reply.json["choices"][0]["finish_reason"] == "content_filter"
    assert (said["refusal"], said["content"]) == (REFUSAL, REFUSAL)
    assert "images" not in said
    *_, told, last = chunks(await ask(pisang, chat(user(), stream=True)))
    assert told["choices"][0]["delta"]["refusal"] == REFUSAL
    assert last["choices"][0]["finish_reason"] == "content_filter"


async def test_no_picture_is_an_answer_in_words(pisang: Server) -> None:
    pisang.engine.script = [Started("m"), Finished(FinishReason.NO_IMAGE, "Say what to draw.")]
    for said in ([], [Text("Say what to draw.")]):
        pisang.engine.script = [Started("m"), *said, pisang.engine.script[-1]]
        reply = await ask(pisang, chat(user()))
        assert message(reply)["content"] == "Say what to draw."
        assert reply.json["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize(
    ("reason", "finish"),
    [(FinishReason.STOP, "content_filter"), (FinishReason.MAX_TOKENS, "length")],
)
async def test_an_empty_answer_is_never_an_empty_success(
    pisang: Server, reason: FinishReason, finish: str
) -> None:
    pisang.engine.script = [Started("m"), Finished(reason)]
    reply = await ask(pisang, chat(user()))
    assert "neither a picture nor a text" in message(reply)["content"]
    assert reply.json["choices"][0]["finish_reason"] == finish


async def test_what_breaks_before_the_first_chunk_has_a_status(pisang: Server) -> None:
    pisang.engine.script = [Started("m"), EngineFailed("It broke.")]
    for stream in (False, True):
        reply = await ask(pisang, chat(user(), stream=stream))
        assert reply.status == 500
        assert error(reply)["type"] == "server_error"


async def test_what_breaks_in_a_stream_is_its_last_event(pisang: Server) -> None:
    pisang.engine.script = [Started("m"), Text("Here."), EngineFailed("It broke.")]
    reply = await ask(pisang, chat(user(), stream=True))
    first, last, _ = reply.body.split(b"\r\n\r\n")
    assert b"Here." in first
    assert json.loads(last.removeprefix(b"data: "))["error"]["message"] == "It broke."
