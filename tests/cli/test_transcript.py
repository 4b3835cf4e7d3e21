import stat
from dataclasses import replace
from pathlib import Path

import pytest

from pisang.cli import transcript
from pisang.cli.transcript import Transcript, model_turn
from pisang.core.content import Blob, Content, Part, Role
from pisang.core.errors import RequestError, StoreError
from pisang.core.events import Finished, FinishReason, Image, Result, Text, Thought
from pisang.core.request import ImageConfig

CHAT = Transcript(
    model="gemini-3-pro-image",
    stem="夕暮れ",
    image=ImageConfig(aspect_ratio="16:9", image_size="2K"),
    contents=(
        Content(Role.USER, (Part(text="夕暮れ\nの海"),)),
        Content(
            Role.MODEL,
            (
                Part(text="Here."),
                Part(blob=Blob("image/png", b"\x00\xff" * 99), thought_signature=b"\xfe\x01"),
            ),
        ),
    ),
)


def test_a_chat_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    transcript.keep(CHAT, tmp_path)

    assert transcript.last(tmp_path) == CHAT


def test_the_newest_chat_replaces_the_one_before_and_leaves_nothing_else(tmp_path: Path) -> None:
    transcript.keep(CHAT, tmp_path)
    newer = replace(CHAT, contents=CHAT.contents * 2)
    transcript.keep(newer, tmp_path)

    assert transcript.last(tmp_path) == newer
    path = transcript.place(tmp_path)
    assert list(path.parent.iterdir()) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_without_a_chat_there_is_nothing_to_continue(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="without -c"):
        transcript.last(tmp_path)


@pytest.mark.parametrize(
    "damage", [b"", b"{}", b"[]\n{}", b"\xff\n{}", b'{"form": 1, "model": "m", "stem": "x"}\n{"con']
)
def test_a_damaged_file_is_an_error_that_says_what_to_do(tmp_path: Path, damage: bytes) -> None:
    path = transcript.place(tmp_path)
    path.parent.mkdir()
    path.write_bytes(damage)

    with pytest.raises(StoreError, match="start a new one without -c"):
        transcript.last(tmp_path)


def test_a_chat_that_cannot_be_kept_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "chat").write_text("in the way")

    with pytest.raises(StoreError, match="cannot be kept"):
        transcript.keep(CHAT, tmp_path)


def test_a_models_turn_has_its_signatures_and_no_thoughts() -> None:
    picture = Blob("image/png", b"...")
    parts = (Thought("plan"), Text("Here.", b"s1"), Image(picture, b"s2"))

    turn = model_turn(Result("v", parts, Finished(FinishReason.STOP)))

    assert turn == Content(
        Role.MODEL,
        (
            Part(text="Here.", thought_signature=b"s1"),
            Part(blob=picture, thought_signature=b"s2"),
        ),
    )
