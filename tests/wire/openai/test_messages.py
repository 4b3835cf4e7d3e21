"""Pictures in OpenAI's messages: found wherever clients put them, and nothing else is touched."""

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.core.content import Blob, FileRef, Part
from pisang.wire.openai.messages import read_content, read_said
from pisang.wire.openai.schema import Parameters
from tests.wire.openai.test_chat import refusal

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
BASE64 = base64.b64encode(PNG).decode()
URL = f"data:image/png;base64,{BASE64}"
PICTURE = Part(blob=Blob("image/png", PNG))


def text(words: str) -> Part:
    return Part(text=words)


def content(value: object) -> tuple[Part, ...]:
    return read_content(Parameters({"content": value}, path="messages[0]"), "content")


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        (URL, (PICTURE,)),
        (f"![image]({URL})", (PICTURE,)),
        (f"![]( {URL} )", (PICTURE,)),
        (f'![a "cat"]({URL} "A cat")', (PICTURE,)),
        (f"![image](<{URL}>)", (PICTURE,)),
        (f"Here.\n\n![image]({URL})\n\nBetter?", (text("Here."), PICTURE, text("Better?"))),
        (f"![a]({URL})![b]({URL})", (PICTURE, PICTURE)),
        (f"{URL}\n{URL}", (PICTURE, PICTURE)),
        (f"see ![open]({URL}", (text("see ![open]("), PICTURE)),
        (f"[link]({URL})", (text("[link]("), PICTURE, text(")"))),
        (URL.replace("png;", "png;charset=utf-8;"), (PICTURE,)),
    ],
)
def test_pictures_are_taken_out_of_the_text(said: str, parts: tuple[Part, ...]) -> None:
    assert read_said(said) == parts


@pytest.mark.parametrize(
    "said",
    [
        "",
        " two  spaces stay ",
        "What is data:image/png;base64, good for?",
        "data:image/png;base64,AAAA",
        "data:image/svg+xml,<svg/>",
        "![image](https://example.com/a.png)",
        "data:text/plain;base64,aGVsbG8=",
    ],
)
def test_what_is_no_picture_stays_text(said: str) -> None:
    assert read_said(said) == ((text(said),) if said else ())


@given(st.lists(st.sampled_from([URL, "![", "](", ")", "data:image/", "a", " ", "\n"]), max_size=9))
def test_no_text_is_lost_and_no_picture_is_left(pieces: list[str]) -> None:
    said = "".join(pieces)
    parts = read_said(said)
    kept = "".join(part.text or "" for part in parts)
    assert URL not in kept
    assert sum(part.blob is not None for part in parts) == said.count(URL)


def test_a_long_text_of_beginnings_is_read_in_no_time() -> None:
    for said in ("data:image/" * 200_000, "![" * 500_000 + URL, "data:image/png;base64," * 100_000):
        began = time.process_time()
        read_said(said)
        assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("part", "read"),
    [
        ({"type": "text", "text": "a"}, text("a")),
        ({"type": "input_text", "text": "a"}, text("a")),
        ({"type": "output_text", "text": "a", "annotations": []}, text("a")),
        ({"type": "refusal", "refusal": "a"}, text("a")),
        ({"text": "a"}, text("a")),
        ({"type": "image_url", "image_url": {"url": URL, "detail": "low"}}, PICTURE),
        ({"type": "image_url", "image_url": URL}, PICTURE),
        ({"type": "input_image", "image_url": URL}, PICTURE),
        ({"type": "input_image", "image_url": {"url": URL}}, PICTURE),
        ({"type": "input_image", "file_id": "file-1"}, Part(file=FileRef("file-1"))),
        (
            {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
            Part(file=FileRef("https://example.com/a.png")),
        ),
        ({"type": "file", "file": {"file_id": "file-1"}}, Part(file=FileRef("file-1"))),
        ({"type": "file", "file": {"file_data": URL, "filename": "a.png"}}, PICTURE),
        ({"type": "input_file", "file_data": BASE64}, PICTURE),
        (
            {"type": "input_file", "file_url": "https://example.com/a.png"},
            Part(file=FileRef("https://example.com/a.png")),
        ),
        (
            {"type": "image_url", "image_url": {"url": URL.replace("image/png", "image/jpeg")}},
            PICTURE,
        ),
    ],
)
def test_every_part_a_client_sends_is_read(part: dict[str, object], read: Part) -> None:
    assert content([part]) == (read,)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(URL),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "text", "image_url", "url", "file", "file_id", "file_data"])
            | st.text(max_size=3),
            inner | st.sampled_from(["text", "image_url", "input_image", "file", "input_file"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_content_breaks_the_reader(value: object) -> None:
    error = refusal(lambda: content(value))
    assert error is None or (error.field or "").startswith("messages[0]")
