"""What other dialects say in fields, said to a model in words; and what cannot be said, refused."""

from dataclasses import replace
from typing import Any

import pytest

from pisang.core.content import Blob, Content, Part, Role, Use
from pisang.core.errors import EngineRejected
from pisang.core.request import (
    AutoMask,
    Edit,
    EditMode,
    GenerateRequest,
    ImageConfig,
    Marks,
    Mask,
)
from pisang.engines.sketch.scene import Scene
from pisang.engines.sketch.signature import Memory, pack
from pisang.engines.wording import worded
from pisang.wire.gemini.schema import DEVELOPER
from pisang.wire.gemini.vertex import VERTEX

PICTURE = Part(blob=Blob("image/png", b"picture"))
OTHER = Blob("image/png", b"other")


def said(*parts: Part, **more: Any) -> list[Part]:
    asked = GenerateRequest(model="m", contents=(Content(Role.USER, parts),), **more)
    (content,) = worded(asked, thinks=True, variant=DEVELOPER).contents
    return list(content.parts)


def test_what_needs_no_words_is_left_as_it_is() -> None:
    assert said(Part(text="a fox"), PICTURE) == [Part(text="a fox"), PICTURE]


@pytest.mark.parametrize(
    ("marks", "words"),
    [(Marks.LIGHT, "its white part may be changed"), (Marks.HOLES, "its transparent part may be")],
)
def test_a_mask_is_shown_with_what_it_means(marks: Marks, words: str) -> None:
    parts = said(
        PICTURE,
        Part(blob=OTHER, use=Use.MASK),
        Part(text="a hat"),
        edit=Edit(mode=EditMode.INSERT, mask=Mask(marks=marks)),
    )
    assert [part.blob and part.blob.data for part in parts] == [b"picture", None, b"other", None]
    assert words in (parts[1].text or "")
    assert "Draw there what is described." in (parts[1].text or "")
    assert parts[2] == Part(blob=OTHER)


@pytest.mark.parametrize("use", [Use.SUBJECT, Use.STYLE, Use.CONTROL, Use.GARMENT])
def test_every_use_of_a_picture_is_said_before_it(use: Use) -> None:
    words, picture = said(Part(blob=OTHER, use=use, caption="a red scarf"))
    assert "a red scarf" in (words.text or "")
    assert picture == Part(blob=OTHER)


def test_what_is_not_to_be_shown_is_said_at_the_end() -> None:
    *_, last = said(Part(text="a street"), negative="cars, people")
    assert last == Part(text="Do not show: cars, people")


def test_a_kind_of_edit_without_a_mask_is_said_too() -> None:
    *_, last = said(PICTURE, Part(text="a beach"), edit=Edit(mode=EditMode.BACKGROUND))
    assert "behind what is kept" in (last.text or "")
    assert said(PICTURE, edit=Edit()) == [PICTURE]


def test_what_cannot_be_said_is_refused() -> None:
    with pytest.raises(EngineRejected, match="enlarge"):
        said(PICTURE, upscale=2)
    with pytest.raises(EngineRejected, match="no mask by itself"):
        said(PICTURE, edit=Edit(mask=Mask(auto=AutoMask.BACKGROUND)))
    with pytest.raises(EngineRejected, match="transparent"):
        said(Part(text="a fox"), image=ImageConfig(transparent=True))


def test_what_the_model_said_before_comes_back_signed_where_it_thinks() -> None:
    turn = Content(
        Role.MODEL,
        (
            Part(text="Hm.", thought=True),
            Part(text="Here.", thought_signature=b"its own"),
            PICTURE,
        ),
    )
    asked = GenerateRequest(
        model="m", contents=(turn, Content(Role.USER, (Part(text="make it snow"),)))
    )
    model, user = worded(asked, thinks=True, variant=VERTEX).contents
    signatures = [part.thought_signature for part in model.parts]
    assert signatures == [None, b"its own", b"skip_thought_signature_validator"]
    assert user == asked.contents[1]
    assert worded(asked, thinks=False, variant=VERTEX).contents == asked.contents


def test_a_signature_of_the_sketch_engine_is_not_shown_to_google() -> None:
    """Else a chat could not go on once its model has moved from sketch to Google."""
    ours = pack(Memory(Scene(), 1), b"key")
    turn = Content(Role.MODEL, (replace(PICTURE, thought_signature=ours),))
    asked = GenerateRequest(model="m", contents=(turn,))
    (content,) = worded(asked, thinks=True, variant=DEVELOPER).contents
    assert content.parts[0].thought_signature == b"skip_thought_signature_validator"
    kept = worded(asked, thinks=True, variant=DEVELOPER, by_google=False).contents
    assert kept == asked.contents


def test_the_name_of_a_picture_goes_only_where_it_is_known() -> None:
    named = Part(blob=Blob("image/png", b"picture", "cat.png"))
    assert said(named) == [PICTURE]
    asked = GenerateRequest(model="m", contents=(Content(Role.USER, (named,)),))
    assert worded(asked, thinks=True, variant=VERTEX).contents == asked.contents
