"""Changes the last scene as a turn asks: a turn is a list of commands, each a change of the Scene.

Ids stay, so that "it" and later turns find what they mean. A command that finds nothing to work on
leaves the scene as it is and says so in the notes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pisang.engines.sketch.read import targets
from pisang.engines.sketch.read.absence import allowing, denying
from pisang.engines.sketch.read.commands import Command
from pisang.engines.sketch.read.merging import merged, without
from pisang.engines.sketch.read.nouns import Noun, Traits
from pisang.engines.sketch.read.pixels import pixel_edits
from pisang.engines.sketch.read.restyling import Editing, restyle
from pisang.engines.sketch.read.retrait import retrait, text_with, thing_with
from pisang.engines.sketch.read.targets import ids_of, meant, named
from pisang.engines.sketch.scene import Backdrop, Relation, Scene, TextRun, Thing
from pisang.engines.sketch.vocabulary import Bond, Framing, Genre, Slot

_INSIDE = " among what is drawn; what a supplied picture shows stays in it."
_MORE = 2
_ONE_MORE = re.compile(
    r"(?:(?:and|plus|also|add|draw|now|then|,|me|please)\s+)*"
    r"(?:(?:an?|another)\b(?!.*\binstead\b).*\bone\b|another$|one more\b|"
    r"(?P<many>(?:two|three|four|five|six|seven|\d+|some|a few)\s(?:.*\bones\b|more\b)))"
)
_BESIDE = tuple(bond for bond in Bond if bond not in (Bond.HOLDING, Bond.WEARING, Bond.BETWEEN))


def edit(scene: Scene, commands: Sequence[Command], *, prompt: str) -> Editing:
    """Applies the commands of a turn in order."""
    editing = Editing(scene)
    for command in commands:
        said = " ".join(mention.text.lower() for mention in command.mentions)
        before = editing.scene
        _apply(editing, command, said=said or prompt.lower())
        if editing.scene != before:
            editing.done.append(f"{command.verb} {said}".strip())
    return editing


def _apply(editing: Editing, command: Command, *, said: str) -> None:
    if command.verb in ("undo",):
        editing.notes.append("Earlier pictures are not kept here: nothing could be undone.")
        return
    _deny(editing, command)
    if _on_picture(editing, command, said=said):
        return
    _VERBS.get(command.verb, _make)(editing, command)


def _deny(editing: Editing, command: Command) -> None:
    """ "Without the dog", "no text": what is denied goes."""
    denied = [noun for noun in command.parse.nouns if noun.denied]
    if not denied or command.verb == "remove":
        return
    gone = {key for noun in denied for key in ids_of(editing.scene, noun, command)}
    kinds = {noun.value for noun in denied if noun.kind == "effect"}
    effects = tuple(one for one in editing.scene.effects if one.kind.value not in kinds)
    editing.scene = without(editing.scene, gone).model_copy(update={"effects": effects})
    editing.scene = denying(editing.scene, denied)
    command.parse.nouns = [noun for noun in command.parse.nouns if not noun.denied]
    editing.focus = sorted(gone) or editing.focus


def _on_picture(editing: Editing, command: Command, *, said: str) -> bool:
    """Edits the pixels of the picture that fills the scene, where the command means it."""
    scene = editing.scene
    if not scene.pictures or command.verb in ("add", "remove"):
        return False
    spoken = any(targets.things_named(scene, noun) for noun in command.parse.of("thing"))
    texts = any(noun.words or scene.texts for noun in command.parse.of("text"))
    about_other = [key for key in editing.focus if not key.startswith("p")] and command.pronoun
    if spoken or texts or about_other:
        return False
    if scene.genre is not Genre.EDIT and not command.pixels:
        return False
    edits = pixel_edits(command, said=said)
    if not edits:
        return False
    numbers = command.ordinals or [1]
    at = min(max(numbers[0], 1), len(scene.pictures)) - 1
    picture = scene.pictures[at]
    pictures = list(scene.pictures)
    pictures[at] = picture.model_copy(update={"edits": (*picture.edits, *edits)})
    editing.scene = scene.model_copy(update={"pictures": tuple(pictures)})
    editing.focus = [picture.id]
    return True


# --- verbs ----------------------------------------------------------------------------------------


def _add(editing: Editing, command: Command) -> None:
    if _another(editing, command):
        return
    texts = [noun for noun in command.parse.of("text") if noun.words]
    if texts and "instead" in command.said and editing.scene.texts:
        _become(editing, targets_of=_text_ids(editing), noun=texts[0])
        return
    _more(editing, command)
    for noun in command.parse.of("thing"):
        known = targets.things_named(editing.scene, noun)
        if "more" in command.said and known:
            retrait(editing, command)
            return
    editing.scene, editing.focus = merged(editing.scene, command, focus=meant(editing, command))
    editing.scene = allowing(editing.scene, command.parse.nouns)
    if not editing.focus and not (command.parse.of("effect") or command.parse.hours):
        restyle(editing, command)


def _remove(editing: Editing, command: Command) -> None:
    if command.pronoun and editing.focus and not set(editing.focus) & editing.scene.ids():
        return  # "I don't like the dog, remove it": gone already
    scene, gone = editing.scene, set(named(editing, command))
    if command.pronoun and not gone and not command.parse.nouns:
        gone = set(meant(editing, command))
    kinds = {noun.value for noun in command.parse.nouns if noun.kind == "effect"}
    effects = tuple(effect for effect in scene.effects if effect.kind.value not in kinds)
    backdrop = scene.backdrop
    if any(noun.kind == "ground" for noun in command.parse.nouns):
        backdrop, scene = Backdrop(), _cut_out(scene)
    elif any(noun.kind == "place" for noun in command.parse.nouns):
        backdrop = backdrop.model_copy(update={"place": None})
    changed = without(scene, gone).model_copy(update={"effects": effects, "backdrop": backdrop})
    if changed.backdrop.place:
        changed = denying(changed, command.parse.nouns)
    if changed == editing.scene:
        names = [noun.said for noun in command.parse.nouns if noun.kind != "unknown"]
        names += command.parse.unknown
        what = " or ".join(names) or "such thing"
        editing.notes.append(f"There is no {what} to remove{_INSIDE if scene.pictures else '.'}")
    editing.scene = changed
    editing.focus = [key for key in editing.focus if key not in gone]


def _cut_out(scene: Scene) -> Scene:
    pictures = tuple(
        one.model_copy(update={"framing": Framing.CUTOUT}) if one.framing is Framing.COVER else one
        for one in scene.pictures
    )
    return scene.model_copy(update={"pictures": pictures})


def _replace(editing: Editing, command: Command) -> None:
    """ "Replace X with Y": the second noun takes the first one's id and place."""
    nouns = [noun for noun in command.parse.nouns if noun.kind != "unknown"]
    olds = [noun for noun in nouns if ids_of(editing.scene, noun, command)]
    if len(nouns) < 2:
        if nouns and command.pronoun and not olds:
            _become(editing, targets_of=meant(editing, command), noun=nouns[0])
            return
        _make(editing, command)
        return
    old, new = nouns[0], nouns[-1]
    if old.kind in ("ground", "place") or new.kind in ("place", "ground"):
        restyle(editing, command, only=new)
        return
    keys = ids_of(editing.scene, old, command)
    if not keys:
        editing.notes.append(f"There is no {old.said} to replace.")
        return
    _become(editing, targets_of=keys, noun=new)


def _become(editing: Editing, *, targets_of: list[str], noun: Noun) -> None:
    scene = editing.scene
    if noun.kind == "text" and noun.words:
        texts = tuple(_retexted(run, noun) if run.id in targets_of else run for run in scene.texts)
        editing.scene = scene.model_copy(update={"texts": texts})
    elif noun.kind == "thing":
        things = tuple(
            _rethought(thing, noun) if thing.id in targets_of else thing for thing in scene.things
        )
        editing.scene = scene.model_copy(update={"things": things})
    editing.focus = targets_of


def _retexted(run: TextRun, noun: Noun) -> TextRun:
    return text_with(run.model_copy(update={"words": noun.words}), noun.traits)


def _rethought(thing: Thing, noun: Noun) -> Thing:
    count = noun.traits.count or (max(thing.count, 3) if noun.plural else min(thing.count, 1))
    update = {"drawing": noun.value, "said": noun.said.lower(), "ink": None, "count": count or 1}
    return thing_with(thing.model_copy(update=update), noun.traits, sized=0)


def _change(editing: Editing, command: Command) -> None:
    """ "Change A to B": B is new words, another thing, a colour, a place, a style."""
    nouns = [noun for noun in command.parse.nouns if noun.kind != "unknown"]
    texts = [noun for noun in nouns if noun.kind == "text"]
    if (
        texts
        and texts[0].words
        and len(texts) == 1
        and not ids_of(editing.scene, texts[0], command)
    ):
        _become(editing, targets_of=_text_ids(editing), noun=texts[0])  # "change the text to 'X'"
        return
    if len(nouns) >= 2 and nouns[0].kind == nouns[-1].kind and nouns[0].kind in ("text", "thing"):
        _replace(editing, command)
        return
    _make(editing, command)


def _text_ids(editing: Editing) -> list[str]:
    focus = [key for key in editing.focus if key.startswith("t")]
    return focus or [run.id for run in editing.scene.texts[:1]]


def _made_of(editing: Editing, command: Command) -> bool:
    """ "Make the dog a wolf": what is there becomes what is named after it."""
    things = [noun for noun in command.parse.nouns if noun.kind == "thing"]
    if len(things) != 2 or command.parse.links or not things[1].indefinite:
        return False
    keys = ids_of(editing.scene, things[0], command)
    if not keys or not things[0].definite:
        return False
    _become(editing, targets_of=keys, noun=things[1])
    return True


def _another(editing: Editing, command: Command) -> bool:
    """ "And a blue one next to it", "two more": the thing that was meant once more."""
    found, scene = _ONE_MORE.match(command.said), editing.scene
    kinds = {noun.kind for noun in command.parse.nouns}
    things = {one.id: one for one in scene.things}
    at = next((key for key in meant(editing, command) if key in things), "")
    if not (found and at) or kinds & {"thing", "text", "block"}:
        return False
    first, key = things[at], next(f"d{n}" for n in range(1, 999) if f"d{n}" not in scene.ids())
    loose = command.parse.floating
    count = max(loose.count, 2) if found["many"] else 1
    if count > 1 and not loose.inks:
        more = first.model_copy(update={"count": first.count + count})
        new = tuple(more if one is first else one for one in scene.things)
        editing.scene, editing.focus = scene.model_copy(update={"things": new}), [at]
        return True
    same = {"id": key, "count": count, "slot": None, "formation": first.formation}
    twin = thing_with(first.model_copy(update=same), _uncounted(loose), sized=0)
    bonds = {value for one in command.mentions if (value := one.value_as("bond"))}
    near = tuple(
        Relation(subject=key, bond=Bond(bond), objects=(at,))
        for bond in _BESIDE
        if bond in bonds and command.pronoun
    )[:1]
    editing.scene = scene.model_copy(
        update={"things": (*scene.things, twin), "relations": (*scene.relations, *near)}
    )
    editing.focus = [key]
    return True


def _uncounted(traits: Traits) -> Traits:
    """The colour, size and place of the descriptions, without their number."""
    return Traits(inks=list(traits.inks), size=traits.size, slot=traits.slot)


def _more(editing: Editing, command: Command) -> None:
    """ "More dogs": two more of what is there."""
    if not command.said.startswith("more") and " more " not in f" {command.said} ":
        return
    for noun in command.parse.of("thing"):
        found = targets.things_named(editing.scene, noun)
        if found and (not noun.traits.count or not command.led or command.verb == "add"):
            noun.traits.count = found[0].count + (noun.traits.count or _MORE)


def _make(editing: Editing, command: Command) -> None:
    """Gives new traits to what is named or meant, and to the whole picture."""
    if _made_of(editing, command) or (not command.led and _another(editing, command)):
        return
    _more(editing, command)
    scene, parse = editing.scene, command.parse
    new = [
        noun
        for noun in parse.nouns
        if noun.kind in ("thing", "text") and not ids_of(scene, noun, command) and not noun.denied
    ]
    if any(noun.kind == "text" and noun.words for noun in new) and scene.texts:
        texts = [noun for noun in new if noun.words]
        _become(editing, targets_of=_text_ids(editing), noun=texts[0])
    elif new and command.pronoun == "one" and new[0].kind == "thing" and editing.scene.things:
        _beside_or_instead(editing, command, noun=new[0])
    elif new and new[0].kind == "thing":
        _add(editing, command)
    restyle(editing, command)
    retrait(editing, command)


def _beside_or_instead(editing: Editing, command: Command, *, noun: Noun) -> None:
    """ "And a bird above it" adds one beside what is meant; "make it a bird" takes its place."""
    meant_ids, scene = meant(editing, command), editing.scene
    bonds = [value for one in command.mentions if (value := one.value_as("bond"))]
    if command.led or not bonds or not meant_ids:
        _become(editing, targets_of=meant_ids, noun=noun)
        return
    _add(editing, command)
    new = [thing.id for thing in editing.scene.things if thing.id not in scene.ids()]
    ties = tuple(
        Relation(subject=key, bond=Bond(bonds[0]), objects=(meant_ids[0],)) for key in new[:1]
    )
    # What was said of its place stands for what ``_add`` supposed ("give it a hat": worn).
    editing.scene = editing.scene.model_copy(update={"relations": (*scene.relations, *ties)})


def _use(editing: Editing, command: Command) -> None:
    """ "Use a script font", "use gold": for all texts where a text or lettering is named."""
    floating = command.parse.floating
    lettered = floating.face or command.parse.of("text")
    if lettered and editing.scene.texts:
        traits = Traits()
        traits.take(floating)
        for noun in command.parse.of("text"):
            traits.take(noun.traits)
        texts = tuple(text_with(run, traits) for run in editing.scene.texts)
        editing.scene = editing.scene.model_copy(update={"texts": texts})
        editing.focus = [run.id for run in texts]
        return
    _make(editing, command)


def _flip(editing: Editing, command: Command) -> None:
    """Mirrors what is named, or the whole drawing where the picture is meant."""
    found = named(editing, command)
    if found or not (command.whole or (len(editing.scene.things) > 1 and not command.pronoun)):
        retrait(editing, command)
        return
    scene = editing.scene
    things = tuple(
        one.model_copy(update={"flip": not one.flip, "slot": _SWAPPED.get(one.slot, one.slot)})
        for one in scene.things
    )
    relations = tuple(
        one.model_copy(update={"bond": _TURNED.get(one.bond, one.bond)}) for one in scene.relations
    )
    editing.scene = scene.model_copy(update={"things": things, "relations": relations})


_SWAPPED: dict[Slot | None, Slot] = {
    Slot.LEFT: Slot.RIGHT,
    Slot.RIGHT: Slot.LEFT,
    Slot.TOP_LEFT: Slot.TOP_RIGHT,
    Slot.TOP_RIGHT: Slot.TOP_LEFT,
    Slot.BOTTOM_LEFT: Slot.BOTTOM_RIGHT,
    Slot.BOTTOM_RIGHT: Slot.BOTTOM_LEFT,
}
_TURNED = {Bond.LEFT_OF: Bond.RIGHT_OF, Bond.RIGHT_OF: Bond.LEFT_OF}
_VERBS: dict[str, Callable[[Editing, Command], None]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "change": _change,
    "use": _use,
    "flip": _flip,
}
