"""Chats for other servers: what our own server reads of them is what was meant."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.catalog.models import Resolution, catalog
from pisang.core.caller import ChatImages
from pisang.core.content import Blob, Content, FileRef, Part, Role
from pisang.core.errors import EngineRejected
from pisang.core.image import MediaType, Pixels
from pisang.core.request import (
    Edit,
    GenerateRequest,
    ImageConfig,
    Modality,
    Sampling,
    Thinking,
    ThinkingLevel,
)
from pisang.provenance.encode import encode
from pisang.wire.openai import chat
from pisang.wire.openai.chat_calls import CHAT, write
from pisang.wire.openai.words import ChatWords, Shape, Thinks

CARD = catalog().cards["gemini-3.1-flash-image"]
CANVAS = CARD.canvas("16:9", "2K")
RED = Blob("image/png", encode(Pixels(8, 8, 3, bytes((200, 30, 30)) * 64), MediaType.PNG))
BLUE = Blob("image/jpeg", encode(Pixels(8, 8, 3, bytes((30, 30, 200)) * 64), MediaType.JPEG))
IMAGES = ChatWords(shape=Shape.IMAGE_CONFIG)
GOOGLES = ChatWords(
    shape=Shape.GOOGLE, images=ChatImages.MARKDOWN, modalities=False, thinks=Thinks.GOOGLE
)
SHAPED = ImageConfig(aspect_ratio="16:9", image_size="2K")
BOTH = frozenset({Modality.TEXT, Modality.IMAGE})


def user(*parts: Part) -> Content:
    return Content(Role.USER, parts)


def model(*parts: Part) -> Content:
    return Content(Role.MODEL, parts)


def asked(*contents: Content, **more: Any) -> GenerateRequest:
    return GenerateRequest(model=CARD.id, contents=contents, **more)


def body(request: GenerateRequest, words: ChatWords = IMAGES) -> dict[str, Any]:
    call = write(request, canvas=CANVAS, words=words)
    assert call.method == CHAT
    return dict(json.loads(b"".join(call.pieces)))


def read(request: GenerateRequest, words: ChatWords) -> GenerateRequest:
    """What our own server makes of the chat that is written of a request."""
    pieces = write(request, canvas=CANVAS, words=words).pieces
    return chat.decode(b"".join(pieces), find=lambda name: Resolution(CARD, name)).request


TALKS = (
    asked(user(Part(text="a lake"))),
    asked(
        user(Part(text="a lake")),
        system_instruction=user(Part(text="no people")),
        image=SHAPED,
        sampling=Sampling(
            seed=7, temperature=0.5, top_p=0.9, top_k=3, max_output_tokens=99, stop_sequences=("x",)
        ),
        thinking=Thinking(level=ThinkingLevel.HIGH),
    ),
    asked(user(Part(text="join them"), Part(blob=RED), Part(blob=BLUE), Part(text="please"))),
    asked(user(Part(text="like this"), Part(file=FileRef("https://example.com/a.png")))),
    asked(
        user(Part(text="a lake")),
        model(
            Part(text="Here it is.", thought_signature=b"of the text"),
            Part(blob=RED, thought_signature=b"of red"),
            Part(blob=BLUE),
        ),
        user(Part(text="with snow")),
    ),
    asked(
        user(Part(text="a lake")),
        model(Part(blob=RED, thought_signature=b"skip_thought_signature_validator")),
        user(Part(text="with snow")),
    ),
)


@pytest.mark.parametrize("request_", TALKS)
def test_our_own_server_reads_the_same_chat_again(request_: GenerateRequest) -> None:
    whole = replace(request_, modalities=BOTH)
    assert read(whole, IMAGES) == whole


@pytest.mark.parametrize("images", [ChatImages.MARKDOWN, ChatImages.DATA_URL])
def test_pictures_inside_the_text_come_back_as_pictures(images: ChatImages) -> None:
    request = asked(
        user(Part(text="a lake")),
        model(Part(text="Here.", thought_signature=b"s"), Part(blob=RED), Part(text="And now?")),
        user(Part(text="with snow")),
        image=SHAPED,
        thinking=Thinking(include_thoughts=True, level=ThinkingLevel.HIGH),
    )
    assert read(request, replace(GOOGLES, images=images)) == request


SAID = st.text(min_size=1).filter(str.strip)
PARTS = st.one_of(
    st.builds(Part, text=SAID),
    st.builds(Part, blob=st.sampled_from([RED, BLUE])),
)


@given(st.lists(st.lists(PARTS, min_size=1, max_size=4), min_size=1, max_size=4), SAID)
def test_any_talk_of_a_user_is_read_as_it_was_written(turns: list[list[Part]], system: str) -> None:
    request = asked(
        *(user(*parts) for parts in turns),
        modalities=BOTH,
        system_instruction=user(Part(text=system)),
    )
    assert read(request, IMAGES) == request


def test_a_long_signature_goes_back_whole() -> None:
    signature = bytes(range(256)) * 8000
    turn = model(Part(blob=RED, thought_signature=signature))
    request = asked(user(Part(text="x")), turn, user(Part(text="y")), modalities=BOTH)
    assert read(request, IMAGES) == request


def test_googles_layer_gets_googles_words() -> None:
    told = body(
        asked(
            user(Part(text="x")),
            image=SHAPED,
            thinking=Thinking(include_thoughts=True, level=ThinkingLevel.LOW),
        ),
        replace(GOOGLES, extra={"extra_body": {"google": {"cached": "c"}}, "user": "me"}),
    )
    assert told == {
        "model": CARD.id,
        "messages": [{"role": "user", "content": "x"}],
        "extra_body": {
            "google": {
                "image_config": {"aspect_ratio": "16:9", "image_size": "2K"},
                "thinking_config": {"include_thoughts": True, "thinking_level": "low"},
                "cached": "c",
            }
        },
        "user": "me",
    }


def test_thoughts_are_not_sent_back_and_a_turn_of_thoughts_only_is_left_out() -> None:
    request = asked(user(Part(text="x")), model(Part(text="plan", thought=True)))
    assert body(request)["messages"] == [{"role": "user", "content": "x"}]


def test_a_stream_asks_for_its_usage() -> None:
    told = body(asked(user(Part(text="x"))), replace(IMAGES, stream=True))
    assert told["stream"] is True
    assert told["stream_options"] == {"include_usage": True}


def test_a_chat_has_no_word_for_a_transparent_ground() -> None:
    asked = GenerateRequest(
        model="m", contents=(user(Part(text="a fox")),), image=ImageConfig(transparent=True)
    )
    with pytest.raises(EngineRejected, match="transparent"):
        write(asked, canvas=CANVAS, words=IMAGES)


def test_a_chat_has_no_words_for_an_edit_with_a_mask() -> None:
    with pytest.raises(EngineRejected, match="no words for masks"):
        body(asked(user(Part(text="x"), Part(blob=RED)), edit=Edit()))
