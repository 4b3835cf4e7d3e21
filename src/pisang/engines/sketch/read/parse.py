"""From the prompt's characters to a parse: the steps before composing, in order."""

from __future__ import annotations

from dataclasses import dataclass

from pisang.engines.sketch.read import lexicon, quotes, tokens
from pisang.engines.sketch.read.ambiguity import choose
from pisang.engines.sketch.read.attach import attach
from pisang.engines.sketch.read.capture import capture
from pisang.engines.sketch.read.language import detect
from pisang.engines.sketch.read.mentions import Mention, scan
from pisang.engines.sketch.read.nouns import Noun, Parse
from pisang.engines.sketch.read.people import portray


@dataclass(frozen=True, slots=True)
class Parsed:
    """A parse with what edits need too: the mentions and the words of the quotes."""

    parse: Parse
    mentions: tuple[Mention, ...]
    quotes: tuple[str, ...]
    language: str


def parse_prompt(text: str) -> Parsed:
    """Takes a prompt apart in its own language; English words are known in every language."""
    lifted = quotes.lift(text)
    code = detect(lifted.text)
    words = lexicon.load(code)
    cut = tokens.cut(lifted.text)
    particles = words.facts.get("particles", ())
    if particles:
        cut = tokens.part(cut, particles=particles, known=words.known)
    fallback = None if code == "en" else lexicon.load("en")
    found = scan(cut, lexicon=words, fallback=fallback)
    said = [quote.words for quote in lifted.quotes]
    found = [_numbered(mention) for mention in found]
    captured = capture(found, cut, text=lifted.text, said=said)
    after = words.fact("adjectives") == "after"
    chosen = choose(captured.mentions, adjectives_after=after)
    parse = attach(chosen, lexicon=words, quotes=captured.said)
    parse.language = code
    for noun in parse.of("block"):
        rows = captured.items.get(chosen[noun.mention].start)
        if rows:
            noun.items, noun.values = rows
    for index, mention in enumerate(chosen):
        block = mention.value_as("block")
        if mention.kind == "genre" and block and mention.start in captured.items:
            noun = Noun("block", block, mention.text, 0, mention=index)
            noun.items, noun.values = captured.items[mention.start]
            parse.nouns.append(noun)
    # "How to plant a tree in 4 steps: ..." brings its own answer: a page to be drawn.
    parse.asked = parse.asked or any(len(noun.items) > 1 for noun in parse.of("block"))
    if code == "en":
        portray(parse, chosen)
    return Parsed(parse, tuple(chosen), tuple(captured.said), code)


def _numbered(mention: Mention) -> Mention:
    """A quote mention with its number as the value."""
    if mention.kind != "quote":
        return mention
    number = mention.text.strip("\ue000\ue001")
    return Mention("quote", number, mention.text, mention.start, mention.end)
