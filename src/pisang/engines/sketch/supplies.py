"""The pictures of a request by what they are for, and how subjects come into a scene.

A dialect may say of a picture that it is a mask, a subject, a style (``content.Use``). The first
one without a use is the picture to be edited.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyvips

from pisang.core.content import Blob, Content, Part, Role, Use
from pisang.core.image import sniff
from pisang.engines.sketch.paint.pictures import decode
from pisang.engines.sketch.scene import Picture, Scene, Thing
from pisang.engines.sketch.vocabulary import Depth, Framing


@dataclass(frozen=True, slots=True)
class Supplies:
    """``base`` is the picture to be edited; the others are in the order they came in."""

    base: Blob | None
    others: Mapping[Use, tuple[Part, ...]]

    def of(self, use: Use) -> tuple[Part, ...]:
        return self.others.get(use, ())

    def decoded(self, use: Use) -> list[pyvips.Image]:
        """The pictures of one use. Raises MalformedRequest for one that cannot be decoded."""
        return [decode(part.blob.data) for part in self.of(use) if part.blob]

    def captions(self, use: Use) -> list[str]:
        return [part.caption for part in self.of(use) if part.caption]

    def files(self) -> dict[str, bytes]:
        """The files of the subjects by digest."""
        return {_digest(part.blob): part.blob.data for part in self.of(Use.SUBJECT) if part.blob}

    def sizes(self) -> dict[str, tuple[int, int]]:
        """Width and height of the subjects by digest."""
        headers = {digest: sniff(data) for digest, data in self.files().items()}
        return {digest: (h.width, h.height) for digest, h in headers.items() if h}


def gathered(contents: Sequence[Content]) -> Supplies:
    """Looks at the last user turn."""
    turns = [content for content in contents if content.role is Role.USER]
    parts = [part for part in turns[-1].parts if part.blob] if turns else []
    uses = {part.use for part in parts if part.use is not None}
    return Supplies(
        base=next((part.blob for part in parts if part.use is None), None),
        others={use: tuple(part for part in parts if part.use is use) for use in uses},
    )


def with_subjects(scene: Scene | None, subjects: Sequence[Part]) -> Scene | None:
    """The scene with each subject cut out in the place of the thing that its caption names; a
    subject that nothing names stands beside the others."""
    if not subjects:
        return scene
    scene = scene or Scene()
    things, relations = list(scene.things), list(scene.relations)
    pictures = list(scene.pictures)
    for part in subjects:
        if part.blob is None:
            continue
        number = f"p{len(pictures) + 1}"
        named = next((thing for thing in things if _is_named(thing, part.caption)), None)
        if named is not None:
            things.remove(named)
            relations = [
                one.model_copy(
                    update={
                        "subject": number if one.subject == named.id else one.subject,
                        "objects": tuple(number if o == named.id else o for o in one.objects),
                    }
                )
                for one in relations
            ]
        pictures.append(
            Picture(
                id=number,
                digest=_digest(part.blob),
                framing=Framing.CUTOUT,
                depth=(named.depth if named else None) or Depth.MIDDLE,
                size=named.size if named else None,
                slot=named.slot if named else None,
            )
        )
    update = {"things": tuple(things), "relations": tuple(relations), "pictures": tuple(pictures)}
    return scene.model_copy(update=update)


def _is_named(thing: Thing, caption: str) -> bool:
    words = {word.strip(".,").lower() for word in caption.split()}
    return thing.said.lower() in words or thing.drawing in words


def _digest(blob: Blob) -> str:
    return hashlib.sha256(blob.data).hexdigest()
