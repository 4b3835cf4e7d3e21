"""Nouns lead to the drawing a person means, in many languages; function words lead to none."""

import pytest

from pisang.engines.sketch import drawings, words

ENGLISH = {
    "puppy": "dog", "kitty": "cat", "car": "automobile", "house": "house", "tree": "deciduous-tree",
    "pine": "evergreen-tree", "bike": "bicycle", "plane": "airplane", "boat": "sailboat",
    "sun": "sun", "moon": "crescent-moon", "coffee": "hot-beverage", "mug": "hot-beverage",
    "laptop": "laptop", "phone": "mobile-phone", "cake": "birthday-cake", "gift": "wrapped-gift",
    "rose": "rose", "nano banana": "banana", "birds": "bird", "Birthday Cake": "birthday-cake",
    "children": "child", "strawberries": "strawberry", "boxes": "package", "wolves": "wolf",
    "pine trees": "evergreen-tree", "T-Shirt": "t-shirt", "rocket ship": "rocket",
    "golden retriever": "dog", "cherries": "cherries", "glasses": "glasses", "men": "man-standing",
}  # fmt: skip


@pytest.mark.parametrize("phrase", ENGLISH)
def test_everyday_english(phrase: str) -> None:
    (name, rank), *_ = words.lookup(phrase, "en")
    assert name == ENGLISH[phrase]
    assert rank < words.CERTAIN


NEVER = (
    "on! top back end new cool free ok red hot speech water night can draw the a light blue white "
    "big text photo image background circle city table sky left right center gold"
)


@pytest.mark.parametrize("phrase", NEVER.split())
def test_words_of_the_grammar_are_no_drawings(phrase: str) -> None:
    assert words.lookup(phrase, "en") == ()


def test_every_word_leads_to_a_drawing_that_exists() -> None:
    for language in words.LANGUAGES:
        for phrase, found in words.nouns(language).items():
            assert phrase == words.normal(phrase)
            assert all(drawings.entry(name).tone == "" for name, _ in found)
            assert list(found) == sorted(found, key=lambda pair: int(pair[1]))


def test_spellings_of_a_language_and_unknown_ones() -> None:
    assert words.nouns("en-GB") == words.nouns("en")
    assert words.nouns("pt_BR") == words.nouns("pt")
    with pytest.raises(KeyError, match="xx"):
        words.nouns("xx")


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("cats", "cat"), ("ponies", "pony"), ("foxes", "fox"), ("buses", "bus"), ("bus", "bus"),
        ("glass", "glass"), ("leaves", "leaf"), ("cacti", "cactus"), ("houses", "house"),
        ("brushes", "brush"), ("tomatoes", "tomato"), ("mice", "mouse"), ("sheep", "sheep"),
        ("cookies", "cookie"), ("princesses", "princess"), ("trees", "tree"), ("pie", "pie"),
    ],
)  # fmt: skip
def test_singular(many: str, one: str) -> None:
    assert words.singular(many) == one
