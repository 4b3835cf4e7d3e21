"""Changes of the whole picture: light, place, ground, style, effects; and the state of an edit."""

from __future__ import annotations

from dataclasses import dataclass, field

from pisang.engines.sketch.read import colours
from pisang.engines.sketch.read.commands import Command
from pisang.engines.sketch.read.ground import sky_ink
from pisang.engines.sketch.read.nouns import Noun, Traits
from pisang.engines.sketch.read.themes import THEMES
from pisang.engines.sketch.scene import Backdrop, Effect, Scene
from pisang.engines.sketch.vocabulary import Change, EffectKind, Genre, Hour, Place, Style, Texture

_STYLED = {
    "greyscale": Style.MONOCHROME,
    "sepia": Style.VINTAGE,
    "pixelate": Style.PIXEL,
    "posterise": Style.FLAT,
}
_OVERLAYS = {"blur": EffectKind.BLUR, "vignette": EffectKind.VIGNETTE}


@dataclass(slots=True)
class Editing:
    """The scene as it is changed; `focus` are the ids that "it" means now."""

    scene: Scene
    focus: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)


def restyle(editing: Editing, command: Command, *, only: Noun | None = None) -> None:
    """What concerns the whole picture: light, place, ground, style, effects."""
    scene, parse = editing.scene, command.parse
    backdrop = _backdrop(scene, command, only=only)
    effects = {effect.kind: effect for effect in scene.effects}
    for noun in parse.of("effect"):
        kind = EffectKind(noun.value)
        effects[kind] = Effect(kind=kind, ink=colours.joined(noun.traits.inks))
    if any(noun.value == "snowfield" for noun in parse.of("place")):
        effects.setdefault(EffectKind.SNOW, Effect(kind=EffectKind.SNOW))
    style = Style(parse.styles[0]) if parse.styles else scene.style
    for value in command.pixels:
        name = value.partition(" ")[0]
        style = _STYLED.get(name, style)
        if name in _OVERLAYS:
            effects[_OVERLAYS[name]] = Effect(kind=_OVERLAYS[name])
        elif name not in _STYLED and name not in ("night", "sunset", "flip", "rotate", "crop"):
            backdrop = _relit(backdrop, Change(name), value, editing)
    for name in parse.themes:
        for kind in THEMES[name].effects if name in THEMES else ():
            effects.setdefault(kind, Effect(kind=kind, amount=0.4))
    genre = scene.genre
    if parse.genres and genre is not Genre.EDIT and not scene.blocks:
        genre = Genre(parse.genres[-1])
    editing.scene = scene.model_copy(
        update={
            "backdrop": backdrop,
            "effects": tuple(effects.values()),
            "style": style,
            "genre": genre,
        }
    )


def _backdrop(scene: Scene, command: Command, *, only: Noun | None) -> Backdrop:
    parse, update = command.parse, dict[str, object]()
    if parse.hours:
        update["hour"] = Hour(parse.hours[-1])
    places = [noun for noun in parse.of("place") if only is None or noun is only]
    if scene.genre is Genre.EDIT:
        places = []
    heaven = sky_ink(parse)
    if heaven and scene.backdrop.place and all(noun.value == "sky" for noun in places):
        return scene.backdrop.model_copy(update={**update, "sky": heaven})
    if places:
        update |= {"sky": heaven}
        update |= {"place": Place(places[-1].value), "ink": None, "texture": None}
    grounds = [noun for noun in parse.of("ground") if not noun.denied]
    if grounds:
        traits = Traits()
        for ground in grounds:
            traits.take(ground.traits)
        traits.take(parse.floating)
        ink = colours.joined(traits.inks)
        if ink:
            plain = "gradient" if len(ink.colours) > 1 else "plain"
            update |= {"ink": ink, "texture": Texture(traits.texture or plain)}
        elif traits.texture:
            update["texture"] = Texture(traits.texture)
        if (ink or traits.texture) and not places:
            update["place"] = None
        parse.floating = Traits()
    return scene.backdrop.model_copy(update=update)


def _relit(backdrop: Backdrop, change: Change, value: str, editing: Editing) -> Backdrop:
    """Brighter, darker, warmer of a drawn scene: the light, or the ground's own colour."""
    amount = float(value.partition(" ")[2] or 0)
    if backdrop.place and change in (Change.BRIGHTNESS, Change.WARMTH):
        dark = Hour.NIGHT if change is Change.BRIGHTNESS else Hour.DAY
        light = Hour.DAY if change is Change.BRIGHTNESS else Hour.SUNSET
        return backdrop.model_copy(update={"hour": light if amount > 0 else dark})
    if backdrop.ink and change is Change.BRIGHTNESS:
        ink = colours.toned(backdrop.ink, "light" if amount > 0 else "dark")
        return backdrop.model_copy(update={"ink": ink})
    editing.notes.append(f"The picture is drawn, not a photo: {change.value} was left as it is.")
    return backdrop
