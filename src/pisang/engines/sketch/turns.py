"""What the conversation says so far: the last scene, the pictures in hand, the newest words.

A picture of ours that comes back with its signature is continued as a Scene. One that comes back
without (or any other picture in a model turn) is a picture like every supplied one: it is edited
as pixels. Words of earlier user turns that no picture answered are read again, in order.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pisang.core.content import Blob, Content, Role
from pisang.core.image import sniff
from pisang.engines.sketch.reading import Supplied
from pisang.engines.sketch.signature import Memory, unpack


@dataclass(frozen=True, slots=True)
class Conversation:
    """``words`` are the user's turns since the last picture, oldest first, at least one.

    ``pictures`` are in the order of their first appearance; ``blobs`` holds their files by digest.
    """

    memory: Memory | None
    words: tuple[str, ...]
    pictures: tuple[Supplied, ...]
    blobs: Mapping[str, Blob]


def follow(contents: Sequence[Content], key: bytes) -> Conversation:
    """Walks the contents from first to last."""
    memory: Memory | None = None
    words: list[str] = []
    seen: dict[str, Supplied] = {}
    blobs: dict[str, Blob] = {}
    newest = max((i for i, turn in enumerate(contents) if turn.role is Role.USER), default=-1)
    for index, turn in enumerate(contents):
        spoken = _last_memory(turn, key)
        drawn = turn.role is Role.MODEL
        for part in turn.parts:
            if part.blob is None or part.thought or part.use is not None:
                continue  # what has a use is no picture to talk about; see ``supplies``
            if drawn and spoken is not None:
                continue  # the scene says more than its pixels
            picture = _supplied(part.blob, fresh=index == newest, drawn=drawn)
            seen.pop(picture.digest, None)
            seen[picture.digest] = picture
            blobs[picture.digest] = part.blob
        if spoken is not None:
            memory, words = spoken, []
        elif drawn and any(part.blob for part in turn.parts):
            memory, words = None, []
        if not drawn and turn.text:
            words.append(turn.text)
    return Conversation(memory, tuple(words) or ("",), tuple(seen.values()), blobs)


def _last_memory(turn: Content, key: bytes) -> Memory | None:
    memories = (unpack(part.thought_signature, key) for part in reversed(turn.parts))
    return next((memory for memory in memories if memory is not None), None)


def _supplied(blob: Blob, *, fresh: bool, drawn: bool) -> Supplied:
    header = sniff(blob.data)
    width, height = (header.width, header.height) if header else (0, 0)
    return Supplied(hashlib.sha256(blob.data).hexdigest(), width, height, fresh, drawn)
