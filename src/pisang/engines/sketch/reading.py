"""What reading a prompt gives: a Scene, and an honest account of what was not understood."""

from dataclasses import dataclass

from pisang.engines.sketch.scene import Scene


@dataclass(frozen=True, slots=True)
class Supplied:
    """A picture that came with the conversation: digest, size in pixels, and whether it came with
    the newest turn (``fresh``) or with an earlier one. ``drawn`` marks a picture that an answer of
    ours holds. Order is the order in which the user can say "first image"."""

    digest: str
    width: int
    height: int
    fresh: bool
    drawn: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """``scene`` is None when the prompt asks for no picture (the answer then ends in NO_IMAGE).

    ``drawn`` lists in words what the picture holds, ``ignored`` the words that had no meaning here,
    ``photo`` says that a photo was asked for and an illustration is given, ``notes`` are further
    sentences (a script without a font, an object that could not be found for an edit).
    ``thoughts`` are the steps of the plan, one sentence each. ``language`` is a BCP 47 code.
    """

    scene: Scene | None
    drawn: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    thoughts: tuple[str, ...] = ()
    photo: bool = False
    language: str = "en"
