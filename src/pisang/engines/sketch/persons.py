"""Whether a scene shows people whom the caller does not want to be drawn."""

from typing import Final

from pisang.engines.sketch import drawings
from pisang.engines.sketch.scene import Scene
from pisang.engines.sketch.vocabulary import Absent

_NOBODY: Final = frozenset({"DONT_ALLOW", "ALLOW_NONE"})
_ADULTS: Final = "ALLOW_ADULT"
_YOUNG: Final = frozenset({"baby", "boy", "girl", "child", "children", "family"})

NO_PEOPLE: Final = (
    "The picture would show people, and personGeneration does not allow them: it was filtered."
)
NO_CHILDREN: Final = (
    "The picture would show a child, and personGeneration allows adults only: it was filtered."
)


def refusal(scene: Scene, allowed: str | None) -> str | None:
    """Why this scene may not be drawn; None where it may, and where nothing was said."""
    people = [thing.drawing for thing in scene.things if _is_human(thing.drawing)]
    if allowed in _NOBODY and people:
        return NO_PEOPLE
    if allowed == _ADULTS and any(_YOUNG & set(drawing.split("-")) for drawing in people):
        return NO_CHILDREN
    return None


def emptied(scene: Scene, allowed: str | None) -> Scene:
    """The scene without the people that its place would bring along, where none are allowed."""
    if allowed not in _NOBODY or Absent.PEOPLE in scene.without:
        return scene
    return scene.model_copy(update={"without": (*scene.without, Absent.PEOPLE)})


def _is_human(drawing: str) -> bool:
    try:
        entry = drawings.entry(drawing)
    except KeyError:
        return False
    return entry.group == "people-body" and entry.subgroup.startswith(("person", "family"))
