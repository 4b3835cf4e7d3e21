"""Scenes made of supplied pictures: one to edit, several together, one put into a drawn scene."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pisang.engines.sketch.read.compose import compose
from pisang.engines.sketch.read.mentions import Mention
from pisang.engines.sketch.read.nouns import Noun, Parse
from pisang.engines.sketch.read.parse import Parsed
from pisang.engines.sketch.reading import Supplied
from pisang.engines.sketch.scene import Picture, Relation, Scene
from pisang.engines.sketch.vocabulary import Bond, Depth, Framing, Genre, Size, Slot

_BEHIND = re.compile(r"\bas (?:the |a |my )?(?:background|backdrop|wallpaper)", re.IGNORECASE)
_ROUND = ("in a circle", "round frame", "circular")


def of_one(picture: Supplied) -> Scene:
    """A picture that fills the canvas, to be edited."""
    return Scene(genre=Genre.EDIT, pictures=(Picture(id="p1", digest=picture.digest),))


def wants_collage(parsed: Parsed, pictures: Sequence[Supplied]) -> bool:
    """Several pictures, to be put together rather than into a drawn place."""
    if len(pictures) < 2:
        return False
    asked = any(mention.value_as("verb") == "combine" for mention in parsed.mentions)
    named = Genre.COLLAGE.value in parsed.parse.genres
    return asked or named or not (parsed.parse.of("place") or parsed.parse.of("thing"))


def collage(parsed: Parsed, pictures: Sequence[Supplied], *, prompt: str) -> Scene:
    """The pictures as tiles, in the order given or the order that places name."""
    parse = parsed.parse
    slots = _slots_by_ordinal(parsed.mentions)
    tiles = tuple(
        Picture(
            id=f"p{number + 1}",
            digest=picture.digest,
            framing=Framing.TILE,
            slot=slots.get(number + 1),
        )
        for number, picture in enumerate(pictures)
    )
    parse.nouns = [noun for noun in parse.nouns if noun.kind in ("text", "ground", "effect")]
    scene = compose(parse, mentions=parsed.mentions, prompt=prompt, alone=False).scene
    return scene.model_copy(update={"genre": Genre.COLLAGE, "pictures": tiles})


def wants_scene(parsed: Parsed) -> bool:
    """Is the picture to stand in a drawn surrounding ("put this on a marble table")?"""
    parse = parsed.parse
    verbs = {mention.value_as("verb") for mention in parsed.mentions}
    if "crop" in verbs or any(mention.kind == "medium_only" for mention in parsed.mentions):
        return False
    if Genre.CARD.value in parse.genres or Genre.POSTER.value in parse.genres:
        return True
    puts = "move" in verbs or "combine" in verbs or "use" in verbs or parse.asked
    turned = {"change", "make"} & verbs
    return bool(puts and not (turned and "move" not in verbs) and parse.of("place")) or (
        "move" in verbs and any(link for link in parse.links) and not _slot_only(parse)
    )


def _slot_only(parse: Parse) -> bool:
    return not parse.links and not parse.of("place")


def into_scene(parsed: Parsed, pictures: Sequence[Supplied], *, prompt: str) -> Scene:
    """The drawn scene with the pictures standing in it, cut out of their plain background."""
    parse = parsed.parse
    named = _nouns_of_picture(parse, parsed.mentions)
    parse.nouns = [noun for noun in parse.nouns if noun not in named]
    composed = compose(parse, mentions=parsed.mentions, prompt=prompt, alone=False)
    scene = composed.scene
    placed = scene.genre in (Genre.SCENE, Genre.PRODUCT, Genre.SOCIAL)
    framing = Framing.CUTOUT if placed else Framing.INSET
    if any(word in prompt.lower() for word in _ROUND):
        framing = Framing.ROUND
    if _BEHIND.search(prompt):
        framing = Framing.COVER
    traits = named[0].traits if named else None
    prints = tuple(
        Picture(
            id=f"p{number + 1}",
            digest=picture.digest,
            framing=framing,
            size=Size(traits.size) if traits and traits.size else None,
            slot=Slot(traits.slot) if traits and traits.slot else None,
            depth=Depth.MIDDLE if placed else None,
        )
        for number, picture in enumerate(pictures)
    )
    relations = list(scene.relations)
    for link in parse.links:
        objects = tuple(composed.ids[id(one)] for one in link.objects if id(one) in composed.ids)
        if link.subject in named and objects:
            bond = Bond("on" if link.bond == "riding" else link.bond)
            relations.append(Relation(subject="p1", bond=bond, objects=objects))
    return scene.model_copy(update={"pictures": prints, "relations": tuple(relations)})


def _nouns_of_picture(parse: Parse, mentions: Sequence[Mention]) -> list[Noun]:
    """The nouns that say what the supplied picture shows: "this product", "my cat (image 1)"."""
    verb = next((i for i, one in enumerate(mentions) if one.value_as("verb") == "move"), -1)
    for noun in parse.nouns:
        if noun.kind not in ("thing", "genre") or noun.mention < verb:
            continue
        before = mentions[max(noun.mention - 3, 0) : noun.mention]
        ours = any(one.has("det") and one.text.lower() not in ("a", "an") for one in before)
        pictured = any(
            one.has("medium") or one.has("photo")
            for one in mentions[noun.mention + 1 : noun.mention + 4]
        )
        return [noun] if ours or pictured else []
    return []


def _slots_by_ordinal(mentions: Sequence[Mention]) -> dict[int, Slot]:
    """ "the first image on the left" -> {1: left}; "image 2 at the top" -> {2: top}."""
    slots: dict[int, Slot] = {}
    number = 0
    for mention in mentions:
        ordinal = mention.value_as("ordinal")
        if ordinal is not None:
            number = int(ordinal)
        elif mention.kind == "number" and mention.value.isdigit():
            number = int(mention.value)
        slot = mention.value_as("slot")
        if slot and number:
            slots[number] = Slot(slot)
            number = 0
    return slots
