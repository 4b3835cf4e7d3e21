"""Makes the everyday inflected forms of a dictionary word, for the languages that inflect nouns.

emojibase knows "Hund", "собака", "pies"; people write "zwei Hunde", "с собакой", "z psem". These
rules are broad on purpose: a form that nobody uses costs a few bytes and never wins against a
real entry, while a form that is missing means an object that is not drawn. Words that change
inside (pies, psa) stand written out in `words/<language>.txt`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

_UMLAUT = {"a": "ä", "o": "ö", "u": "ü"}


def german(word: str) -> Iterator[str]:
    """Hund -> Hunde, Hunden; Baum -> Bäume, Bäumen; Katze -> Katzen; Auto -> Autos."""
    for end in ("n",) if word.endswith("e") else ("e", "en", "er", "ern", "n", "s", "es", "nen"):
        yield word + end
    for place in range(len(word) - 1, -1, -1):
        if word[place] in _UMLAUT:
            if word[place] == "u" and word[place - 1 : place] == "a":
                place -= 1
            changed = word[:place] + _UMLAUT[word[place]] + word[place + 1 :]
            yield from (changed + end for end in ("", "e", "en", "er", "ern", "n"))
            return


def dutch(word: str) -> Iterator[str]:
    """kat -> katten, katje; boom -> bomen; huis -> huizen; auto -> auto's."""
    yield from (word + end for end in ("en", "s", "'s", "n", "je", "jes", "tje", "tjes"))
    yield word + word[-1] + "en"
    for vowel in "aeou":
        if word[-3:-1] == vowel * 2:
            yield word[:-2] + word[-1] + "en"
    changed = {"s": "z", "f": "v"}.get(word[-1])
    if changed:
        yield word[:-1] + changed + "en"


def swedish(word: str) -> Iterator[str]:
    """bil -> bilen, bilar, bilarna; blomma -> blommor; äpple -> äpplen, äpplet; hus -> huset."""
    yield from (
        word + end for end in ("en", "et", "n", "t", "ar", "er", "arna", "erna", "na", "or")
    )
    if word[-1] in "ae":
        yield from (word[:-1] + end for end in ("or", "orna", "ar", "arna", "er", "erna"))


def french(word: str) -> Iterator[str]:
    """chat -> chats; gâteau -> gâteaux; cheval -> chevaux."""
    yield word + "s"
    if word.endswith(("au", "eu", "ou")):
        yield word + "x"
    if word.endswith("al"):
        yield word[:-1] + "ux"


def spanish(word: str) -> Iterator[str]:
    """gato -> gatos; árbol -> árboles; pez -> peces; camión -> camiones; gato -> gatito."""
    yield word + "s"
    yield word + "es"
    if word.endswith("z"):
        yield word[:-1] + "ces"
    if word.endswith(("ón", "án", "ín")):
        yield word[:-2] + {"ó": "o", "á": "a", "í": "i"}[word[-2]] + "nes"
    if word[-1] in "oa":
        yield from (word[:-1] + end for end in (f"it{word[-1]}", f"it{word[-1]}s"))


def portuguese(word: str) -> Iterator[str]:
    """gato -> gatos; flor -> flores; balão -> balões; animal -> animais; jardim -> jardins."""
    yield word + "s"
    yield word + "es"
    if word.endswith("ão"):
        yield from (word[:-2] + end for end in ("ões", "ães", "ãos"))
    if word.endswith("l"):
        yield word[:-1] + "is"
    if word.endswith("m"):
        yield word[:-1] + "ns"


def italian(word: str) -> Iterator[str]:
    """gatto -> gatti; casa -> case; fiore -> fiori; amico -> amici, fuoco -> fuochi."""
    if word[-1] in "oe":
        yield word[:-1] + "i"
    if word.endswith("io"):
        yield word[:-1]
    if word.endswith("a"):
        yield word[:-1] + "e"
    if word.endswith(("co", "go", "ca", "ga")):
        yield word[:-1] + ("hi" if word[-1] == "o" else "he")


def russian(word: str) -> Iterator[str]:
    """кошка -> кошки, кошку, кошкой; кот -> кота, котом, коты; конь, дерево, машина likewise."""
    yield from _slavic(word, hard="ы", soft="и", e="е", o="ой", genitive="ов")


def ukrainian(word: str) -> Iterator[str]:
    """кішка -> кішки, кішку, кішкою; кіт stands written out for its change of vowel."""
    yield from _slavic(word, hard="и", soft="і", e="і", o="ою", genitive="ів")
    if not word.endswith(tuple("аяоеьй")):
        yield word + "ові"


def _slavic(word: str, *, hard: str, soft: str, e: str, o: str, genitive: str) -> Iterator[str]:
    stem, last = word[:-1], word[-1]
    plural = soft if word[-2:-1] in tuple("гкхжчшщ") and hard == "ы" else hard
    if last == "а":
        yield from (stem + end for end in (plural, e, "у", o, "ам", "ами", "ах", "", "ей"))
    elif last == "я":
        ends = (soft, e, "ю", "ей", "ею", "ям", "ями", "ях", "й", "ь")
        yield from (stem + end for end in ends)
    elif last in "ое":
        yield from (
            stem + end for end in ("а", "у", "ом", "ем", e, "ами", "ах", "ам", "", "я", "ю")
        )
    elif last in "ьй":
        ends = ("я", "ю", "ем", "ём", "ом", e, soft, "ей", "ями", "ях", "ью", "ям", "їв", "ев")
        yield from (stem + end for end in ends)
    else:
        many = soft if last in "гкхжчшщ" and hard == "ы" else hard
        ends = ("а", "у", "ом", "ем", "е", e, many, genitive, "ам", "ами", "ах", "ей")
        yield from (word + end for end in ends)


def polish(word: str) -> Iterator[str]:
    """dom -> domu, domy, domem; ryba -> ryby, rybę, rybą; serce -> serca, sercem."""
    stem, last = word[:-1], word[-1]
    if last == "a":
        ends = ("y", "i", "ę", "ą", "ie", "o", "om", "ami", "ach", "", "e")
        yield from (stem + end for end in ends)
    elif last in "oe":
        yield from (stem + end for end in ("a", "u", "em", "ie", "om", "ami", "ach", "", "iem"))
    elif last in "ńśćźj":
        hard = {"ń": "ni", "ś": "si", "ć": "ci", "ź": "zi", "j": "j"}[last]
        yield from (stem + hard + end for end in ("a", "u", "em", "e", "ie", "ów", "ami", "ach"))
    else:
        ends = ("a", "u", "owi", "em", "iem", "ie", "y", "i", "e", "ów", "om", "ami", "ach")
        yield from (word + end for end in ends)


def hindi(word: str) -> Iterator[str]:
    """घोड़ा -> घोड़े, घोड़ों; बिल्ली -> बिल्लियाँ, बिल्लियों; फूल -> फूलों."""
    if word.endswith("ा"):
        yield from (word[:-1] + end for end in ("े", "ों"))
    elif word.endswith("ी"):
        yield from (word[:-1] + end for end in ("ियाँ", "ियां", "ियों"))
    else:
        yield from (word + end for end in ("ें", "ों"))


RULES: dict[str, Callable[[str], Iterator[str]]] = {
    "de": german,
    "nl": dutch,
    "sv": swedish,
    "fr": french,
    "es": spanish,
    "es-mx": spanish,
    "pt": portuguese,
    "it": italian,
    "ru": russian,
    "uk": ukrainian,
    "pl": polish,
    "hi": hindi,
}


def forms(word: str, language: str) -> list[str]:
    """Inflected forms of one lower-case word, without the word itself; none for other languages."""
    rule = RULES.get(language)
    if rule is None or len(word) < 3 or " " in word:
        return []
    return [form for form in dict.fromkeys(rule(word)) if form != word and len(form) >= 3]
