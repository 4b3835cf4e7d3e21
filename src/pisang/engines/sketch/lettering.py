"""Keeps texts honest: what no font here can draw is left out and said, never drawn as boxes."""

from pisang.engines.sketch import fonts
from pisang.engines.sketch.scene import Scene, TextRun


def writable(scene: Scene) -> tuple[Scene, tuple[str, ...]]:
    """Returns the scene with only letters that can be drawn, and a sentence for each text cut."""
    kept: list[TextRun] = []
    notes: list[str] = []
    for run in scene.texts:
        lost = fonts.missing(run.words)
        if not lost:
            kept.append(run)
            continue
        gone = "".join(lost.values())
        words = "".join(letter for letter in run.words if letter not in gone).strip()
        scripts = " and ".join(lost)
        if fonts.letters(words):
            kept.append(run.model_copy(update={"words": words}))
            what = f"the {scripts} letters of “{run.words}” are"
        else:
            what = f"the text “{run.words}” ({scripts}) is"
        notes.append(f"No font here has all its letters, so {what} left out. {fonts.REMEDY}")
    if not notes:
        return scene, ()
    there = scene.ids() - {run.id for run in scene.texts} | {run.id for run in kept}
    relations = tuple(
        relation
        for relation in scene.relations
        if relation.subject in there and there.issuperset(relation.objects)
    )
    return scene.model_copy(update={"texts": tuple(kept), "relations": relations}), tuple(notes)
