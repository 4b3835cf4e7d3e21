"""Letters that no font can draw are left out and said."""

from pisang.engines.sketch import fonts
from pisang.engines.sketch.lettering import writable
from pisang.engines.sketch.scene import Relation, Scene, TextRun, Thing
from pisang.engines.sketch.vocabulary import Bond

fonts.setup()


def test_a_scene_that_can_be_written_stays_as_it_is() -> None:
    scene = Scene(texts=(TextRun(id="t1", words="Grüße, Ελλάδα, мир, שלום"),))
    assert writable(scene) == (scene, ())


def test_a_text_in_a_script_without_a_font_goes_with_its_relations() -> None:
    scene = Scene(
        things=(Thing(id="d1", drawing="cat"),),
        texts=(TextRun(id="t1", words="ᚠᚢᚦ"),),
        relations=(Relation(subject="t1", bond=Bond.ABOVE, objects=("d1",)),),
    )
    kept, notes = writable(scene)
    assert (kept.texts, kept.relations, kept.things) == ((), (), scene.things)
    assert "Runic" in notes[0]
    assert "ᚠᚢᚦ" in notes[0]


def test_only_the_letters_that_are_missing_are_cut() -> None:
    kept, notes = writable(Scene(texts=(TextRun(id="t1", words="Odin ᚠ!"),)))
    assert kept.texts[0].words == "Odin !"
    assert len(notes) == 1
