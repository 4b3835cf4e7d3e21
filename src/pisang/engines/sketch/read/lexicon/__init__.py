"""The words of every language we read, as tables: see `README.md` beside this file for the format.

A lexicon is made once per language: the language's own tables, then the nouns of the drawings
library under what the tables leave open. A phrase is looked up as it is, then with its last word
in the singular (English), then with endings cut (languages whose table lists endings).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pisang.engines.sketch.read.lexicon.forms import singulars, stems
from pisang.engines.sketch.read.lexicon.nouns import drawings_by_noun
from pisang.engines.sketch.read.tokens import fold, phrase

HERE = Path(__file__).parent
_FOLDED = ("endings", "plural", "particles")
_COUNTED = ("thing", "block", "nearest")
_LONGEST_PHRASE = 16  # tokens; a character is a token in Japanese and Chinese


@dataclass(frozen=True, slots=True)
class Entry:
    """One meaning of a phrase: its kind and value, as in the table."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Hit:
    """What a lookup found: the meanings, how it was found, and whether it names more than one."""

    entries: tuple[Entry, ...]
    key: str
    plural: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language: `entries` by folded phrase, `stemmed` by stemmed phrase, and its facts."""

    language: str
    entries: Mapping[str, tuple[Entry, ...]]
    stemmed: Mapping[str, str]
    facts: Mapping[str, tuple[str, ...]]
    reach: Mapping[str, int] = field(default_factory=dict)  # first word -> words in a phrase

    def fact(self, name: str, default: str = "") -> str:
        return (self.facts.get(name) or (default,))[0]

    def find(self, words: tuple[str, ...]) -> Hit | None:
        """The meanings of these folded words as one phrase, or None."""
        key = " ".join(words)
        found = self.entries.get(key)
        last = words[-1]
        if found and self.language == "en":
            return self._with_single(words, Hit(found, key, plural=self._is_plural(key, found)))
        if found:
            return Hit(found, key, plural=self._is_plural(key, found))
        if self.language == "en":
            for single in singulars(last):
                key = " ".join((*words[:-1], single))
                found = self.entries.get(key)
                if found and any(one.kind == "thing" for one in found):
                    things = tuple(one for one in found if one.kind in _COUNTED)
                    return Hit(things, key, plural=True)
            return None
        if self.stemmed:
            for stem in self._stems(words):
                full = self.stemmed.get(stem)
                if full:
                    return Hit(self.entries[full], full)
        return None

    def _with_single(self, words: tuple[str, ...], hit: Hit) -> Hit:
        """ "Stars" is listed as an effect: it may also be the plural of the thing "star"."""
        kinds = {one.kind for one in hit.entries}
        if "thing" in kinds or not kinds & {"effect", "texture", "place"}:
            return hit
        for single in singulars(words[-1]):
            found = self.entries.get(" ".join((*words[:-1], single)), ())
            things = tuple(one for one in found if one.kind == "thing")
            if things:
                return Hit((*hit.entries, *things), hit.key, plural=True)
        return hit

    def known(self, word: str) -> bool:
        return word in self.entries

    def _is_plural(self, key: str, found: tuple[Entry, ...]) -> bool:
        """Is this listed form the plural of a listed noun with the same drawing ("balloons")?"""
        drawn = {one.value for one in found if one.kind == "thing"}
        if not drawn:
            return False
        head, space, last = key.rpartition(" ")
        for single in self._singulars(last):
            base = self.entries.get(f"{head}{space}{single}", ())
            if any(one.kind == "thing" and one.value in drawn for one in base):
                return True
        return False

    def _singulars(self, word: str) -> tuple[str, ...]:
        """What the word may be the plural of: by rule in English, else by the fact `plural`."""
        if self.language == "en":
            return singulars(word)
        result = []
        for rule in self.facts.get("plural", ()):
            ending, _, single = rule.partition(":")
            if word.endswith(ending):
                result.append(word.removesuffix(ending) + single)
        return tuple(result)

    def _stems(self, words: tuple[str, ...]) -> list[str]:
        endings = self.facts.get("endings", ())
        choices = [stems(word, endings) for word in words]
        result = [" ".join(choice[0][0] for choice in choices)]
        if len(words) == 1:
            result.extend(stem for stem, _ending in choices[0][1:])
            result.append(words[0])
        return result


def languages() -> tuple[str, ...]:
    """The codes that have a table."""
    return tuple(sorted({path.name.split(".")[0] for path in HERE.glob("*.tsv")}))


def rows(language: str) -> list[tuple[str, str, str]]:
    """(kind, value, folded phrase) of every phrase in the tables of a language, in order."""
    result: list[tuple[str, str, str]] = []
    for path in sorted(HERE.glob(f"{language}.tsv")) + sorted(HERE.glob(f"{language}.*.tsv")):
        for line in path.read_text("utf-8").splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            kind, value, phrases = line.split("\t")
            if kind == "fact":
                continue
            result.extend((kind, value, phrase(one)) for one in phrases.split(" | "))
    return result


def phrases(language: str) -> str:
    """Every phrase of the tables as it is written, in one text: far cheaper than a lexicon."""
    lines = (
        line.rpartition("\t")[2]
        for path in sorted(HERE.glob(f"{language}.tsv")) + sorted(HERE.glob(f"{language}.*.tsv"))
        for line in path.read_text("utf-8").splitlines()
        if line and not line.startswith(("#", "fact"))
    )
    return " | ".join(lines)


@functools.cache
def facts(language: str) -> Mapping[str, tuple[str, ...]]:
    """The `fact` lines of a language."""
    result: dict[str, tuple[str, ...]] = {}
    for path in sorted(HERE.glob(f"{language}.tsv")):
        for line in path.read_text("utf-8").splitlines():
            if line.startswith("fact\t"):
                _, name, value = line.split("\t")
                parts = tuple(part.strip() for part in value.split(" | "))
                result[name] = tuple(map(fold, parts)) if name in _FOLDED else parts
    return result


@functools.cache
def load(language: str) -> Lexicon:
    """The lexicon of a language that `languages()` names."""
    table: dict[str, list[Entry]] = {}
    for kind, value, key in rows(language):
        meanings = table.setdefault(key, [])
        if kind == "nearest":
            meanings.append(Entry("thing", value))
        entry = Entry(kind, value)
        if key and entry not in meanings:
            meanings.append(entry)
    known = facts(language)
    # Only the tables' own words are stemmed: the nouns come with their forms.
    stemmed = _stemmed(table, known.get("endings", ()))
    for code in known.get("nouns", (language,)):
        for key, drawing in drawings_by_noun(code).items():
            meanings = table.setdefault(key, [])
            if not any(entry.kind in ("thing", "skip", "det") for entry in meanings):
                meanings.append(Entry("thing", drawing))
    entries = {key: tuple(meanings) for key, meanings in table.items() if key}
    reach: dict[str, int] = {}
    for key in entries:
        first, _, rest = key.partition(" ")
        size = rest.count(" ") + 2 if rest else 1
        reach[first] = max(reach.get(first, 1), min(size, _LONGEST_PHRASE))
    return Lexicon(language, entries, stemmed, known, reach)


def _stemmed(keys: Iterable[str], endings: tuple[str, ...]) -> dict[str, str]:
    if not endings:
        return {}
    result: dict[str, str] = {}
    for key in filter(None, keys):
        stem = " ".join(stems(word, endings)[0][0] for word in key.split(" "))
        result.setdefault(stem, key)
        result.setdefault(key, key)  # "goldener" is "golden", though that is "gold" with an ending
    return result
