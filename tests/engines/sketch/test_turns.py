"""Following a conversation: what is edited as a scene, what as pixels, what is still to read."""

import base64

from pisang.core.content import Blob, Content, Part, Role
from pisang.engines.sketch.scene import Scene, TextRun
from pisang.engines.sketch.signature import Memory, pack
from pisang.engines.sketch.turns import follow

KEY = b"k" * 32
SCENE = Scene(texts=(TextRun(id="t1", words="Hi"),))
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def said(text: str, *blobs: bytes) -> Content:
    pictures = tuple(Part(blob=Blob("image/png", blob)) for blob in blobs)
    return Content(Role.USER, (*pictures, Part(text=text)))


def drew(signature: bytes | None) -> Content:
    return Content(Role.MODEL, (Part(blob=Blob("image/png", DOT), thought_signature=signature),))


def test_a_first_turn_has_words_and_no_memory() -> None:
    talk = follow([said("a cat")], KEY)
    assert (talk.memory, talk.words, talk.pictures) == (None, ("a cat",), ())


def test_a_signed_picture_comes_back_as_its_scene() -> None:
    memory = Memory(SCENE, 5)
    talk = follow([said("a card"), drew(pack(memory, KEY)), said("now blue")], KEY)
    assert talk.memory == memory
    assert talk.words == ("now blue",)
    assert talk.pictures == ()


def test_a_picture_without_signature_is_edited_as_pixels() -> None:
    talk = follow([said("a card"), drew(None), said("now blue")], KEY)
    assert talk.memory is None
    assert talk.words == ("now blue",)
    assert [(p.drawn, p.fresh, p.width) for p in talk.pictures] == [(True, False, 1)]


def test_words_that_no_picture_answered_are_kept_in_order() -> None:
    ask = Content(Role.MODEL, (Part(text="Which colour?"),))
    assert follow([said("a cat"), ask, said("make it red")], KEY).words == ("a cat", "make it red")


def test_supplied_pictures_are_known_by_digest_and_by_turn() -> None:
    other = DOT + b"\0"
    talk = follow([said("one", DOT), drew(pack(Memory(SCENE, 1), KEY)), said("two", other)], KEY)
    assert [picture.fresh for picture in talk.pictures] == [False, True]
    assert {blob.data for blob in talk.blobs.values()} == {DOT, other}


def test_a_thought_picture_is_no_picture() -> None:
    thought = Part(blob=Blob("image/png", DOT), thought=True)
    talk = follow([said("a"), Content(Role.MODEL, (thought,)), said("b")], KEY)
    assert talk.pictures == ()
