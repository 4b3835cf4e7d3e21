"""Parts a group that something stands between: "an owl between two stacks of books"."""

from __future__ import annotations

from pisang.engines.sketch.scene import Bond, Scene

__all__ = ["parted"]


def parted(scene: Scene) -> Scene:
    """Returns the scene with every such group as two things, left and right."""
    things, relations = list(scene.things), list(scene.relations)
    for at, relation in enumerate(relations):
        if relation.bond is not Bond.BETWEEN or len(relation.objects) != 1:
            continue
        whole = next((one for one in things if one.id == relation.objects[0]), None)
        if whole is None or whole.count < 2:
            continue
        other = f"{whole.id}-other"
        half = whole.count // 2
        place = things.index(whole)
        things[place : place + 1] = [
            whole.model_copy(update={"count": whole.count - half}),
            whole.model_copy(update={"count": half, "id": other}),
        ]
        relations[at] = relation.model_copy(update={"objects": (whole.id, other)})
    if len(things) == len(scene.things):
        return scene
    return scene.model_copy(update={"things": tuple(things), "relations": tuple(relations)})
