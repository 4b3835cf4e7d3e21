"""Compares what a prompt was read as with what the corpus says it must be."""

from collections.abc import Callable, Iterator
from typing import Any

from pisang.engines.sketch.reading import Reading
from pisang.engines.sketch.scene import Ink, Scene, Thing
from tests.corpus.cases import Case


def faults(case: Case, reading: Reading) -> list[str]:
    """What the reading lacks, one sentence each; empty when all that was expected is there."""
    scene = reading.scene
    if case.expect.get("none"):
        return [] if scene is None else ["drew a picture that nobody asked for"]
    if scene is None:
        return ["drew nothing"]
    found = list(_of_reading(case, reading))
    for key, check in _CHECKS.items():
        if key in case.expect:
            found.extend(check(case.expect[key], scene))
    return found


def expectations(case: Case) -> int:
    """How many single facts a case states."""
    return sum(len(want) if isinstance(want, list) else 1 for want in case.expect.values())


def _of_reading(case: Case, reading: Reading) -> Iterator[str]:
    if case.expect.get("photo", False) and not reading.photo:
        yield "does not say that it is an illustration"
    heard = " ".join(reading.ignored).casefold()
    for word in case.expect.get("ignored", []):
        if word.casefold() not in heard:
            yield f"does not say that {word!r} was not understood"


def _things(want: list[str], scene: Scene) -> Iterator[str]:
    for wish in want:
        count, drawings, colour = _wish(wish)
        group = [thing for thing in scene.things if _is(thing, drawings)]
        if not group:
            yield f"no {drawings} (has {[thing.drawing for thing in scene.things]})"
        elif sum(thing.count for thing in group) != count:
            yield f"{sum(thing.count for thing in group)} instead of {count} {drawings}"
        elif colour and not any(thing.ink and colour in thing.ink.name for thing in group):
            yield f"{drawings} is not {colour}"


def _wish(wish: str) -> tuple[int, str, str]:
    count, drawings, *colour = wish.split(" ", 2)
    return int(count), drawings, colour[0] if colour else ""


def _is(thing: Thing, drawings: str) -> bool:
    return thing.drawing in drawings.split("|")


def _texts(want: list[dict[str, Any]], scene: Scene) -> Iterator[str]:
    for wish in want:
        run = next((run for run in scene.texts if run.words == wish["words"]), None)
        if run is None:
            yield f"no text {wish['words']!r} (has {[run.words for run in scene.texts]})"
            continue
        for key in wish.keys() - {"words"}:
            has = getattr(run, key)
            has = has.name if isinstance(has, Ink) else has
            if (has or "") != wish[key] and not (key == "ink" and wish[key] in (has or "")):
                yield f"{wish['words']!r}: {key} is {has!r}, not {wish[key]!r}"
    if not want and scene.texts:
        yield f"has texts: {[run.words for run in scene.texts]}"


def _relations(want: list[str], scene: Scene) -> Iterator[str]:
    named: dict[str, set[str]] = {thing.id: {thing.drawing} for thing in scene.things}
    named |= {picture.id: {"picture"} for picture in scene.pictures}
    named |= {run.id: {run.words} for run in scene.texts}
    for wish in want:
        subject, bond, *objects = wish.split(" ")
        if not any(
            relation.bond == bond
            and named[relation.subject] & set(subject.split("|"))
            and all(
                any(named[one] & set(wanted.split("|")) for one in relation.objects)
                for wanted in objects
            )
            for relation in scene.relations
        ):
            yield f"no relation {wish!r}"


def _one_of(field: str, get: Callable[[Scene], Any]) -> Callable[[str, Scene], Iterator[str]]:
    def check(want: str, scene: Scene) -> Iterator[str]:
        has = get(scene)
        if has is None or str(has) not in want.split("|"):
            yield f"{field} is {has}, not {want}"

    return check


def _background(want: str, scene: Scene) -> Iterator[str]:
    ink = scene.backdrop.ink
    if ink is None or not any(word in ink.name for word in want.split("|")):
        yield f"background is {ink and ink.name!r}, not {want}"


def _all_of(field: str, get: Callable[[Scene], set[str]]) -> Callable[..., Iterator[str]]:
    def check(want: list[str], scene: Scene) -> Iterator[str]:
        has = get(scene)
        for wish in want:
            if not has & set(wish.split("|")):
                yield f"no {field} {wish} (has {sorted(has)})"

    return check


def _rows(want: list[str], scene: Scene) -> Iterator[str]:
    has = {words for block in scene.blocks for words in (block.label, *block.items)}
    has |= {f"{value:g}" for block in scene.blocks for value in block.values}
    for wish in want:
        if wish not in has:
            yield f"no row {wish!r} (has {sorted(has)})"


def _absent(want: list[str], scene: Scene) -> Iterator[str]:
    for drawing in want:
        if any(thing.drawing == drawing for thing in scene.things):
            yield f"drew {drawing}, which must not be there"


_CHECKS: dict[str, Callable[..., Iterator[str]]] = {
    "things": _things,
    "texts": _texts,
    "relations": _relations,
    "place": _one_of("place", lambda scene: scene.backdrop.place),
    "hour": _one_of("hour", lambda scene: scene.backdrop.hour),
    "texture": _one_of("texture", lambda scene: scene.backdrop.texture),
    "genre": _one_of("genre", lambda scene: scene.genre),
    "style": _one_of("style", lambda scene: scene.style),
    "background": _background,
    "effects": _all_of("effect", lambda scene: {effect.kind for effect in scene.effects}),
    "blocks": _all_of("block", lambda scene: {block.kind for block in scene.blocks}),
    "rows": _rows,
    "without": _all_of("absence", lambda scene: set(scene.without)),
    "framing": _all_of("framing", lambda scene: {one.framing for one in scene.pictures}),
    "edits": _all_of(
        "edit", lambda scene: {edit.change for one in scene.pictures for edit in one.edits}
    ),
    "absent": _absent,
}
