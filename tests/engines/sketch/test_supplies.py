"""Pictures by what they are for, and subjects that stand in for things."""

from pisang.core.content import Blob, Content, Part, Role, Use
from pisang.engines.sketch.scene import Relation, Scene, Thing
from pisang.engines.sketch.supplies import gathered, with_subjects
from pisang.engines.sketch.vocabulary import Bond, Framing, Size


def part(data: bytes, use: Use | None = None, caption: str = "") -> Part:
    return Part(blob=Blob("image/png", data), use=use, caption=caption)


def test_the_last_user_turn_is_looked_at() -> None:
    old = Content(Role.USER, (part(b"old"),))
    answer = Content(Role.MODEL, (part(b"drawn"),))
    new = Content(Role.USER, (Part(text="a"), part(b"m", Use.MASK), part(b"one"), part(b"two")))
    supplies = gathered((old, answer, new))
    assert supplies.base == Blob("image/png", b"one")
    assert [one.blob for one in supplies.of(Use.MASK)] == [Blob("image/png", b"m")]
    assert supplies.of(Use.STYLE) == ()
    assert supplies.files() == {}
    assert gathered(()).base is None


def test_a_subject_takes_the_place_of_the_thing_it_is_called() -> None:
    scene = Scene(
        things=(
            Thing(id="d1", drawing="dog", said="puppy", size=Size.LARGE),
            Thing(id="d2", drawing="chair", said="chair"),
        ),
        relations=(Relation(subject="d1", bond=Bond.ON, objects=("d2",)),),
    )
    changed = with_subjects(scene, [part(b"x", Use.SUBJECT, "my brown puppy")])
    assert changed is not None
    assert [thing.id for thing in changed.things] == ["d2"]
    (picture,) = changed.pictures
    assert (picture.framing, picture.size) == (Framing.CUTOUT, Size.LARGE)
    assert changed.relations == (Relation(subject=picture.id, bond=Bond.ON, objects=("d2",)),)


def test_a_subject_that_nothing_names_is_shown_too() -> None:
    scene = Scene(things=(Thing(id="d1", drawing="dog", said="dog"),))
    changed = with_subjects(scene, [part(b"x", Use.SUBJECT), part(b"y", Use.SUBJECT, "a cat")])
    assert changed is not None
    assert len(changed.things) == 1
    assert len({picture.digest for picture in changed.pictures}) == 2
    alone = with_subjects(None, [part(b"x", Use.SUBJECT)])
    assert alone is not None
    assert len(alone.pictures) == 1
    assert with_subjects(None, []) is None
