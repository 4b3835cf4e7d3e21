"""Decides what a turn is: a new picture, a change of the last one, or no request for a picture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pisang.engines.sketch.read import lexicon, report
from pisang.engines.sketch.read import pictures as prints
from pisang.engines.sketch.read.commands import Command, commands_of, starts_verb
from pisang.engines.sketch.read.compose import compose
from pisang.engines.sketch.read.edits import edit
from pisang.engines.sketch.read.intent import asks_for_picture
from pisang.engines.sketch.read.parse import Parsed, parse_prompt
from pisang.engines.sketch.read.targets import things_named
from pisang.engines.sketch.reading import Reading, Supplied
from pisang.engines.sketch.scene import Scene, TextRun
from pisang.engines.sketch.vocabulary import Face, Genre

_MORE = re.compile(r"^(?:and |plus |also )?(?:\w+ )?more \w")
_NAME_WORDS, _NAME_LETTERS = 3, 30


def read(text: str, *, previous: Scene | None, pictures: Sequence[Supplied]) -> Reading:
    """Reads `text` after the `previous` scene, with the pictures of the conversation in order.

    Never raises: what cannot be understood is told in the Reading.
    """
    parsed = parse_prompt(text)
    commands = _commands(parsed)
    fresh = [picture for picture in pictures if picture.fresh]
    if _restarts(parsed):
        return _anew(parsed, text)
    if fresh:
        return _with_pictures(parsed, commands, text=text, pictures=fresh)
    if previous is not None and _is_edit(parsed, commands, previous):
        return _edited(parsed, commands, scene=previous, text=text)
    if previous is None and pictures and _is_edit(parsed, commands, Scene()):
        last = pictures[-1]
        return _with_pictures(parsed, commands, text=text, pictures=[last])
    return _anew(parsed, text)


def _commands(parsed: Parsed) -> list[Command]:
    return commands_of(parsed.mentions, lexicon=lexicon.load(parsed.language), quotes=parsed.quotes)


def _restarts(parsed: Parsed) -> bool:
    return any(mention.value_as("verb") == "restart" for mention in parsed.mentions)


def _anew(parsed: Parsed, text: str) -> Reading:
    parse = parsed.parse
    sign = text.strip()
    if len(sign) == 1 and sign.isalnum():
        scene = Scene(genre=Genre.CARD, texts=(TextRun(id="t1", words=sign),))
        return Reading(scene=scene, drawn=report.drawn(scene), language=parsed.language)
    if not asks_for_picture(parse) and _is_bare_word(parsed, sign):
        face = Face.DISPLAY if sign.isupper() else None  # script capitals are hard to read
        scene = Scene(genre=Genre.CARD, texts=(TextRun(id="t1", words=sign, face=face),))
        note = f"“{sign}” names nothing that can be drawn here: it is lettered instead."
        drawn = report.drawn(scene)
        return Reading(scene=scene, drawn=drawn, notes=(note,), language=parsed.language)
    if not asks_for_picture(parse):
        thoughts = ("The prompt asks for no picture.",)
        return Reading(scene=None, thoughts=thoughts, language=parsed.language)
    composed = compose(parse, mentions=parsed.mentions, prompt=text)
    return Reading(
        scene=composed.scene,
        drawn=report.drawn(composed.scene),
        ignored=report.ignored(parse, composed.scene),
        notes=(*composed.notes, *report.notes(parse, parsed.mentions)),
        thoughts=report.thoughts(parse, composed.scene),
        photo=parse.photo,
        language=parsed.language,
    )


def _is_bare_word(parsed: Parsed, text: str) -> bool:
    """One to three words that no table knows, or one in capitals: a name to be lettered."""
    words = text.split()
    plain = all(char.isalnum() or char in " '’&.!-" for char in text)
    if not (plain and 0 < len(words) <= _NAME_WORDS and len(text) <= _NAME_LETTERS):
        return False
    strange = all(one.kind in ("unknown", "end", "mark") for one in parsed.mentions)
    cried = len(words) == 1 and text.isupper() and len(text) > 1
    return not parsed.parse.asks and (strange or cried) and any(map(str.isalpha, text))


def _edited(parsed: Parsed, commands: list[Command], *, scene: Scene, text: str) -> Reading:
    """A Reading of the scene after the commands; what changed comes first in the thoughts."""
    editing = edit(scene, commands, prompt=text)
    unknown = report.ignored(parsed.parse)
    notes = [*editing.notes, *report.notes(parsed.parse, parsed.mentions)]
    if editing.scene == scene and not notes:
        notes.append("Nothing in the picture could be changed by this.")
    steps = tuple(f"Change: {done}." for done in editing.done)
    return Reading(
        scene=editing.scene,
        drawn=report.drawn(editing.scene),
        ignored=unknown,
        notes=tuple(notes),
        thoughts=(*steps, *report.thoughts(parsed.parse, editing.scene)),
        photo=parsed.parse.photo and not editing.scene.pictures,
        language=parsed.language,
    )


def _with_pictures(
    parsed: Parsed,
    commands: list[Command],
    *,
    text: str,
    pictures: list[Supplied],
) -> Reading:
    """Supplied pictures: put together, put into a drawn scene, or the last one edited."""
    if parsed.parse.asks and not parsed.parse.asked and not any(map(_has_verb, commands)):
        return _anew(parsed, text)
    scene = _scene_of(parsed, text=text, supplied=pictures)
    if scene is None and _stands_alone(parsed, commands):
        reading = _anew(parsed, text)
        note = "The supplied picture was not asked for and is not used."
        return replace(reading, notes=(*reading.notes, note)) if reading.scene else reading
    if scene is None:
        return _edited(parsed, commands, scene=_of_one(pictures[0]), text=text)
    return Reading(
        scene=scene,
        drawn=report.drawn(scene),
        ignored=report.ignored(parsed.parse),
        notes=report.notes(parsed.parse, parsed.mentions),
        thoughts=report.thoughts(parsed.parse, scene),
        language=parsed.language,
    )


def _stands_alone(parsed: Parsed, commands: list[Command]) -> bool:
    """Is it a description of a new picture, with no word about the supplied one?"""
    shown = any(noun.kind in ("thing", "genre", "block") for noun in parsed.parse.nouns)
    spoken = any(mention.has("medium") or mention.has("photo") for mention in parsed.mentions)
    return shown and not spoken and not _is_edit(parsed, commands, Scene())


def _scene_of(parsed: Parsed, *, text: str, supplied: list[Supplied]) -> Scene | None:
    if prints.wants_collage(parsed, supplied):
        return prints.collage(parsed, supplied, prompt=text)
    if prints.wants_scene(parsed) or len(supplied) > 1:
        return prints.into_scene(parsed, supplied, prompt=text)
    return None


def _of_one(picture: Supplied) -> Scene:
    return prints.of_one(picture)


def _is_edit(parsed: Parsed, commands: list[Command], scene: Scene) -> bool:
    """Does the turn speak of the picture that is there?"""
    mentions, parse = parsed.mentions, parsed.parse
    words = [mention for mention in mentions if mention.kind not in ("pause", "line")]
    if all(mention.has("skip") or mention.has("ask") or mention.kind == "end" for mention in words):
        return False
    if (
        parse.asks
        and not parse.asked
        and not any(starts_verb(mentions, i) for i in range(3) if i < len(mentions))
    ):
        return False
    verbs = {command.verb for command in commands if _has_verb(command)}
    if verbs - {"make", "use", "keep", "move", "recolour", "combine"}:
        return True
    more = _MORE.search(" ".join(mention.text.lower() for mention in mentions))
    if more and any(things_named(scene, noun) for noun in parse.of("thing")):
        return True  # "two more cats"
    pointing = any(mention.has("pronoun") for mention in mentions) or any(
        noun.definite and (noun.kind in ("text", "ground") or things_named(scene, noun))
        for noun in parse.nouns
    )
    if pointing or words[0].has("lead") or words[-1].has("lead"):
        return True
    nouns = [noun for noun in parse.nouns if noun.kind in ("thing", "genre", "block")]
    new_text = any(noun.words for noun in parse.of("text"))
    places = parse.of("place")
    if verbs and not any(noun.indefinite or noun.plural for noun in nouns):
        return True
    drawn = any(mention.kind == "draw" for mention in mentions)
    return not nouns and not new_text and not (places and drawn) and not (places and len(words) > 4)


def _has_verb(command: Command) -> bool:
    return command.verb != "make" or bool(command.pixels) or bool(command.pronoun) or command.led


def takes_away(text: str) -> bool:
    """Does the turn only say that something is to go ("remove the dog")?"""
    commands = _commands(parse_prompt(text))
    return bool(commands) and all(command.verb == "remove" for command in commands)
