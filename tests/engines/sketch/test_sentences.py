"""The one sentence an answer says."""

from pisang.engines.sketch.reading import Reading
from pisang.engines.sketch.scene import Scene
from pisang.engines.sketch.sentences import account


def test_it_lists_what_was_drawn() -> None:
    assert account(Reading(Scene(), drawn=("a red cat",))) == "Drew a red cat."
    assert account(Reading(Scene(), drawn=("a", "b", "c"))) == "Drew a, b and c."


def test_it_says_what_was_not_understood_but_not_without_end() -> None:
    many = tuple(f"word{number}" for number in range(30))
    told = account(Reading(Scene(), drawn=("a cat",), ignored=many))
    assert "“word0”" in told
    assert "18 more words" in told


def test_notes_and_the_photo_sentence_follow() -> None:
    told = account(Reading(Scene(), drawn=("a cat",), notes=("Note.",), photo=True))
    assert told.startswith("Drew a cat. This is a drawn illustration, not a photo")
    assert told.endswith("Note.")
