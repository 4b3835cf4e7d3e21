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
    "golden retriever": "dog", "cherries": "cherries", "glasses": "glasses", "men": "man",
    "hot air balloon": "hot-air-balloon",
    "park benches": "bench", "bookshelves": "bookshelf", "traffic light": "vertical-traffic-light",
}  # fmt: skip


@pytest.mark.parametrize("phrase", ENGLISH)
def test_everyday_english(phrase: str) -> None:
    (name, rank), *_ = words.lookup(phrase, "en")
    assert name == ENGLISH[phrase]
    assert rank < words.CERTAIN


NEVER = (
    "on! top back end new cool free ok red hot speech water night can draw the a light blue white "
    "big text photo image background circle city sky left right center gold"
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


SPOKEN = {
    "de": {"Hunde": "dog", "Bäumen": "deciduous-tree", "Häuschen": "house"},
    "fr": {"chats": "cat", "gâteaux": "birthday-cake", "voiture": "automobile"},
    "es": {"gatitos": "cat", "árboles": "deciduous-tree", "globos": "balloon", "barco": "sailboat"},
    "it": {"gatti": "cat", "alberi": "deciduous-tree", "macchina": "automobile", "sole": "sun"},
    "pt": {"balões": "balloon", "cachorro": "dog", "flores": "hibiscus", "bolo": "birthday-cake"},
    "nl": {"katten": "cat", "bomen": "deciduous-tree", "koffie": "hot-beverage"},
    "sv": {"katten": "cat", "bilarna": "automobile", "blommor": "hibiscus"},
    "pl": {"psa": "dog", "kotów": "cat", "drzewem": "deciduous-tree", "samochody": "automobile"},
    "ru": {"кошкой": "cat", "собаками": "dog", "деревьями": "deciduous-tree"},
    "uk": {"кота": "cat", "собаку": "dog", "квітами": "bouquet", "місяць": "crescent-moon"},
    "ja": {"ねこ": "cat", "犬": "dog", "風船": "balloon", "コーヒー": "hot-beverage"},
    "zh": {"小猫": "cat", "狗": "dog", "气球": "balloon", "汽车": "automobile"},
    "ko": {"고양이": "cat", "강아지": "dog", "풍선": "balloon", "나무": "deciduous-tree"},
    "hi": {"बिल्लियाँ": "cat", "कुत्ते": "dog", "पेड़": "deciduous-tree", "गुब्बारे": "balloon"},
}  # fmt: skip


@pytest.mark.parametrize("language", SPOKEN)
def test_everyday_words_of_fourteen_languages(language: str) -> None:
    for phrase, name in SPOKEN[language].items():
        (first, rank), *_ = words.lookup(phrase, language)
        assert (phrase, first) == (phrase, name)
        assert rank < words.CERTAIN


@pytest.mark.parametrize(
    ("language", "phrase"),
    [
        ("de", "rot"),
        ("fr", "nuit"),
        ("es", "grande"),
        ("ru", "красный"),
        ("ja", "赤い"),
        ("zh", "红"),
    ],
)
def test_colours_and_scenes_are_no_drawings_elsewhere_either(language: str, phrase: str) -> None:
    assert words.lookup(phrase, language) == ()


def test_texts_without_spaces_are_scanned_for_the_longest_match() -> None:
    text = "大きな木の隣に赤い宇宙飛行士と子猫"
    found = [(text[start:end], hits[0][0]) for start, end, hits in words.scan(text, "ja")]
    assert found == [("木", "deciduous-tree"), ("宇宙飛行士", "astronaut"), ("子猫", "cat")]
    assert [hits[0][0] for _, _, hits in words.scan("고양이와", "ko")] == ["cat"]


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
