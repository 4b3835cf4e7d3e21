"""Turns a parse into a Scene: ids, genre, roles, and sensible defaults where the prompt is silent.

Nothing here invents a subject: defaults fill palettes, faces and grounds; a drawing is added only
to a card, poster or post that names none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pisang.engines.sketch.read import colours, lexicon, topics
from pisang.engines.sketch.read.absence import absent
from pisang.engines.sketch.read.blocks import blocks_of
from pisang.engines.sketch.read.furnish import Furniture, furnish
from pisang.engines.sketch.read.genres import genre_of
from pisang.engines.sketch.read.ground import backdrop_of, far_places
from pisang.engines.sketch.read.mentions import Mention
from pisang.engines.sketch.read.nouns import Link, Noun, Parse
from pisang.engines.sketch.read.texts import runs_of
from pisang.engines.sketch.read.themes import THEMES, Theme
from pisang.engines.sketch.scene import Backdrop, Effect, Ink, Relation, Scene, TextRun, Thing
from pisang.engines.sketch.vocabulary import (
    Bond,
    Depth,
    EffectKind,
    Formation,
    Genre,
    Role,
    Size,
    Slot,
    Style,
    Texture,
)

_HEADS = (Role.TITLE, Role.SUBTITLE, Role.SPEECH, Role.SIGN, Role.LABEL)
_MOST_THINGS = 24
_MOST_COUNT = 60
_PLURAL = 3  # "balloons" with no number
_GREETED = (Genre.CARD, Genre.POSTER, Genre.SOCIAL, Genre.ICON)
_CALM = ("#f6d5c3", "#c9b6e4", "#8fb8de")
_ONE = frozenset(
    (
        "books", "headphone", "glasses", "sunglasses", "jeans", "shorts", "scissors", "socks",
        "gloves", "chopsticks", "goggles", "bubbles", "cherries", "grapes", "blueberries", "stairs",
        "french-fries", "peanuts", "beans", "houses", "fireworks", "briefs", "bacon", "spaghetti",
        "pancakes", "crossed-swords", "footprints", "paw-prints", "musical-notes", "eyes", "skis",
        "shopping-bags", "balance-scale", "ballet-shoes", "shoe", "lungs", "wood", "hiking-boot",
        "running-shoe", "mans-shoe", "bikini", "clinking-glasses", "french-fries", "bow-and-arrow",
        "herb", "water-wave", "grass", "sheaf-of-rice", "performing-arts", "fork-and-knife",
        "dumpling", "noodles", "steaming-bowl", "control-knobs", "linked-paperclips", "maracas",
    )
)  # fmt: skip
_HEAPS = frozenset(("books", "houses", "shopping-bags", "pancakes", "peanuts", "beans"))
"""Drawings that show a pair or a heap: their plural is still one drawing."""


@dataclass(slots=True)
class Composed:
    """The scene, with the ids that nouns were given and sentences about what was added."""

    scene: Scene
    ids: dict[int, str] = field(default_factory=dict)  # id(noun) -> id in the scene
    notes: list[str] = field(default_factory=list)


def compose(
    parse: Parse, *, mentions: Sequence[Mention], prompt: str, alone: bool = True
) -> Composed:
    """The Scene that a parse describes; not `alone` where supplied pictures will join it."""
    composed = Composed(Scene())
    genre = genre_of(parse)
    theme = theme_of(parse)
    _merge_repeated(parse)
    far_places(parse)
    things = _things(parse, composed)
    texts = runs_of(parse, genre=genre, ids=composed.ids)
    blocks = blocks_of(parse, genre=genre, mentions=mentions, ids=composed.ids)
    page = furnish(parse, page=Furniture(genre, blocks, texts), prompt=prompt if alone else "")
    genre, blocks, texts = page.genre, page.blocks, page.texts
    things = [thing for thing in things if thing.drawing not in page.gone]
    composed.notes.extend(page.notes)
    if not any(run.role in _HEADS or run.on for run in texts):
        titles = _titled(parse, genre=genre, theme=theme, prompt=prompt, notes=composed.notes)
        texts = _before(titles[:1] if texts else titles, texts)
    effects = _effects(parse)
    if texts and not things:
        texts, effects = _shadowed(texts, effects)
    things, effects = _themed(
        things, effects, theme=theme if genre in _GREETED else None, composed=composed
    )
    backdrop = backdrop_of(parse, genre=genre, theme=theme)
    composed.scene = Scene(
        genre=genre,
        style=_style(parse),
        backdrop=backdrop,
        things=tuple(things),
        texts=tuple(texts),
        blocks=tuple(blocks),
        relations=tuple(_relations(parse.links, composed.ids, texts)),
        effects=tuple(effects),
        palette=_palette(parse, theme),
        without=absent(parse.nouns),
    )
    known = composed.scene.ids()
    kept = tuple(
        one for one in composed.scene.relations if known.issuperset((one.subject, *one.objects))
    )
    composed.scene = composed.scene.model_copy(update={"relations": kept})
    if alone and _is_empty(composed.scene):
        _stand_in(parse, composed, theme)
    return composed


def _before(titles: list[TextRun], texts: list[TextRun]) -> list[TextRun]:
    """The titles in front, with ids that the texts do not have."""
    taken = len(texts)
    numbered = [
        run.model_copy(update={"id": f"t{taken + at + 1}"}) for at, run in enumerate(titles)
    ]
    return [*numbered, *texts] if texts else titles


def _is_empty(scene: Scene) -> bool:
    backdrop = scene.backdrop
    shown = scene.things or scene.texts or scene.blocks or scene.effects
    return not shown and not (backdrop.place or backdrop.ink or backdrop.texture or backdrop.hour)


def _stand_in(parse: Parse, composed: Composed, theme: Theme | None) -> None:
    """A picture was asked for and nothing of it is known: an abstract one, and the note says so."""
    ground = composed.scene.palette[:3] or (theme.ground if theme else _CALM)
    composed.scene = composed.scene.model_copy(
        update={
            "backdrop": Backdrop(ink=Ink(colours=ground), texture=Texture.GRADIENT),
            "effects": (Effect(kind=EffectKind.BOKEH, amount=0.4),),
        }
    )
    names = ", ".join(f"'{word}'" for word in dict.fromkeys(parse.unknown))
    reason = f"There is no drawing of {names}" if names else "Nothing to draw was named"
    composed.notes.append(f"{reason}: a calm abstract picture stands in its place.")


def _titled(
    parse: Parse, *, genre: Genre, theme: Theme | None, prompt: str, notes: list[str]
) -> list[TextRun]:
    """A greeting or a title from the topic, where the picture needs one and nobody wrote it."""
    if any(noun.kind == "text" and noun.denied for noun in parse.nouns):
        return []
    if genre is Genre.CARD:
        wish = _wish(parse)
        words, details = topics.certificate(prompt)
        words = words or topics.greeting(theme, prompt, wish=wish) or topics.invitation(prompt)
    else:
        words, details = topics.title(parse, genre=genre, prompt=prompt)
    if not words:
        return []
    notes.append(f'No text was given: "{words}" was taken from what the picture is for.')
    runs = [TextRun(id="t1", words=words)]
    if details:
        runs.append(TextRun(id="t2", words=details, role=Role.SUBTITLE))
    return runs


def _wish(parse: Parse) -> str:
    """What a card of the first theme named says in the prompt's language, "" where not listed."""
    pairs = (one.partition(":") for one in lexicon.facts(parse.language).get("wish", ()))
    wishes = {theme: words for theme, _, words in pairs}
    return wishes.get(next((name for name in parse.themes if name in THEMES), ""), "")


def theme_of(parse: Parse) -> Theme | None:
    """The first theme named."""
    for name in parse.themes:
        if name in THEMES:
            return THEMES[name]
    return None


def _merge_repeated(parse: Parse) -> None:
    """ "A cat and a dog. The cat is red." names one cat."""
    first: dict[str, Noun] = {}
    for noun in list(parse.nouns):
        if noun.kind != "thing" or noun.denied:
            continue
        known = first.get(noun.value)
        bare = not noun.definite and not noun.indefinite and not noun.plural
        if known is None or not (noun.definite or bare) or noun.traits.count:
            first.setdefault(noun.value, noun)
            continue
        known.traits.take(noun.traits)
        parse.nouns.remove(noun)
        for link in parse.links:
            link.subject = known if link.subject is noun else link.subject
            link.objects = [known if one is noun else one for one in link.objects]
        for other in parse.nouns:
            other.on = known if other.on is noun else other.on
    parse.links = [link for link in parse.links if link.subject not in link.objects]


def _things(parse: Parse, composed: Composed) -> list[Thing]:
    denied = {noun.value for noun in parse.nouns if noun.kind == "thing" and noun.denied}
    things: list[Thing] = []
    for noun in parse.of("thing"):
        if len(things) == _MOST_THINGS:
            composed.notes.append(
                f"More than {_MOST_THINGS} kinds of things: the rest is left out."
            )
            break
        if noun.value in denied:
            continue
        key = f"d{len(things) + 1}"
        composed.ids[id(noun)] = key
        things.append(_thing(noun, key))
    return things


def _thing(noun: Noun, key: str) -> Thing:
    traits = noun.traits
    count = traits.count or (_PLURAL if noun.plural and noun.value not in _ONE else 1)
    if traits.paired and noun.value in _ONE - _HEAPS:
        count = 1
    return Thing(
        id=key,
        drawing=noun.value,
        said=noun.said.lower(),
        count=min(max(count, 1), _MOST_COUNT),
        ink=colours.joined(traits.inks),
        size=Size(traits.size) if traits.size else None,
        slot=Slot(traits.slot) if traits.slot else None,
        depth=Depth(traits.depth) if traits.depth else None,
        formation=Formation(traits.formation) if traits.formation else None,
    )


def _effects(parse: Parse) -> list[Effect]:
    denied = {noun.value for noun in parse.nouns if noun.kind == "effect" and noun.denied}
    effects: dict[str, Effect] = {}
    for noun in parse.of("effect"):
        if noun.value in denied:
            continue
        amount = {"tiny": 0.25, "small": 0.35, "large": 0.7, "huge": 0.9}.get(noun.traits.size, 0.5)
        if noun.traits.tone in ("light", "muted"):
            amount = 0.3
        ink = colours.joined(noun.traits.inks)
        if noun.value not in effects or (ink and not effects[noun.value].ink):
            effects[noun.value] = Effect(kind=EffectKind(noun.value), ink=ink, amount=amount)
    return list(effects.values())


def _shadowed(texts: list[TextRun], effects: list[Effect]) -> tuple[list[TextRun], list[Effect]]:
    """A shadow in a picture of words alone ("gold lettering with a soft shadow") is the words'."""
    rest = [effect for effect in effects if effect.kind is not EffectKind.SHADOW]
    if len(rest) == len(effects):
        return texts, effects
    return [run.model_copy(update={"shadow": True}) for run in texts], rest


def _themed(
    things: list[Thing], effects: list[Effect], *, theme: Theme | None, composed: Composed
) -> tuple[list[Thing], list[Effect]]:
    """A card that names nothing to show gets what belongs to its occasion, and says so."""
    if theme is None or things or effects:
        return things, effects
    added = [
        Thing(id=f"d{number + 1}", drawing=drawing, said=drawing.replace("-", " "))
        for number, drawing in enumerate(theme.drawings)
    ]
    more = [Effect(kind=kind, amount=0.4) for kind in theme.effects]
    names = [thing.said for thing in added] + [effect.kind.value for effect in more]
    composed.notes.append(f"Added to suit the occasion: {', '.join(names)}.")
    return added, more


def _relations(links: list[Link], ids: dict[int, str], texts: Sequence[TextRun]) -> list[Relation]:
    relations: list[Relation] = []
    carried = {(run.id, run.on) for run in texts if run.on}
    for link in links:
        subject = ids.get(id(link.subject))
        objects = tuple(ids[id(one)] for one in link.objects if id(one) in ids)
        if subject and objects and subject not in objects:
            if any((subject, one) in carried for one in objects):
                continue
            bond = "on" if link.bond == "riding" else link.bond
            if bond == "between" and len(objects) == 1 and not _several(link.objects[0]):
                bond = "next-to"
            relation = Relation(subject=subject, bond=Bond(bond), objects=objects)
            if relation not in relations:
                relations.append(relation)
    return relations


def _several(noun: Noun) -> bool:
    return noun.plural or noun.traits.count > 1


def _style(parse: Parse) -> Style:
    if Style.MONOCHROME.value in parse.styles:
        return Style.MONOCHROME  # "a minimalist, black and white drawing": colour is the stricter
    return Style(parse.styles[0]) if parse.styles else Style.FLAT


def _palette(parse: Parse, theme: Theme | None) -> tuple[str, ...]:
    asked: list[str] = []
    named = [ink for noun in parse.of("genre") for ink in noun.traits.inks]
    for ink in [*named, *parse.floating.inks]:
        asked.extend(colour for colour in ink.colours if colour not in asked)
    if asked:
        return tuple(asked[:6])
    return theme.palette if theme else ()
