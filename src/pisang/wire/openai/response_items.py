"""Items: what OpenAI's Responses are made of, read into contents.

An item is a message, a picture that was drawn (``image_generation_call``), or a thought. A client
continues a conversation by sending back what it got, or only the id of it; a stored response keeps
what was asked as the same items, so one reader serves all three.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pisang.core.content import Blob, Content, Part, Role
from pisang.wire.base64 import BadBase64, decode_base64
from pisang.wire.openai.messages import read_content, read_said, sniffed
from pisang.wire.openai.schema import (
    Parameters,
    WrongParameter,
    missing,
    read_object,
    wrong_choice,
)

PICTURE: Final = "image_generation_call"
MOST_ITEMS: Final = 2000

_ROLES: Final = ("user", "assistant", "system", "developer")
_SILENT: Final = frozenset({"reasoning", "compaction"})
_ID: Final = re.compile(r"(?:ig|msg|rs)_([0-9a-z]{26})_[0-9]{1,4}")

Known = Mapping[str, object]
"""Items of stored responses by their id, for those that a request only names."""


@dataclass(slots=True)
class Said:
    """Items as contents; ``places`` says where in the body each part stands. The first ``turns``
    contents and ``systems`` parts are of stored exchanges."""

    contents: list[Content] = field(default_factory=list)
    system: list[Part] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    turns: int = 0
    systems: int = 0

    def seal(self) -> None:
        """Says that all there is so far was stored, and is not to be mixed with what comes."""
        self.turns, self.systems = len(self.contents), len(self.system)
        self.places.clear()

    def add(self, role: Role, parts: Iterable[Part], place: str) -> None:
        """Adds to what the same role said just before: text and picture of one answer are items of
        their own, but one turn."""
        told = tuple(parts)
        if not told:
            return
        open_ = len(self.contents) > self.turns
        same = open_ and self.contents[-1].role is role is Role.MODEL
        before = self.contents.pop().parts if same else ()
        for index in range(len(told)):
            at = f"contents[{len(self.contents)}].parts[{len(before) + index}]"
            self.places[at] = place
        self.contents.append(Content(role, (*before, *told)))

    def end_with_user(self) -> None:
        """Puts what we drew before the words that are about it: OpenAI's own examples name the
        picture last."""
        turns = self.contents[self.turns :]
        if not turns or turns[-1].role is Role.USER or all(t.role is Role.MODEL for t in turns):
            return
        last = max(index for index, turn in enumerate(turns) if turn.role is Role.USER)
        self.contents[self.turns :] = [*turns[:last], *turns[last + 1 :], turns[last]]
        self.places.clear()


def read_input(root: Parameters, said: Said, known: Known) -> None:
    """``input``: a text, or a list of items."""
    value = root.take("input")
    if isinstance(value, str):
        said.add(Role.USER, read_said(value), "input")
    else:
        items = [(f"input[{index}]", item) for index, item in enumerate(_listed(value))]
        read_items(items, said, known)


def read_items(items: Sequence[tuple[str, object]], said: Said, known: Known | None = None) -> None:
    """Reads items with their paths. Raises ``WrongParameter``."""
    for path, value in items:
        item = read_object(value, path)
        if item.has("id") and not item.has("role") and not item.has("result"):
            item = _looked_up(item, path, known or {})
        kind = item.text("type") or "message"
        if kind in _SILENT:
            continue
        if kind == PICTURE:
            said.add(Role.MODEL, (_picture(item),), path)
        elif kind == "message":
            _read_message(item, said)
        else:
            raise WrongParameter(
                f"Invalid value: '{kind[:60]}' for '{path}.type'. Image models take messages, "
                f"{PICTURE} and item_reference; they call no other tools.",
                param=f"{path}.type",
            )


def references(tree: Mapping[str, object]) -> set[str]:
    """The ids of the stored responses whose items a body names without sending them."""
    items = tree.get("input")
    listed = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    named = [str(item.get("id")) for item in listed if "result" not in item]
    return {f"resp_{match[1]}" for name in named if (match := _ID.fullmatch(name))}


def item_id(kind: str, response: str, index: int) -> str:
    """The id of an item, which names its response: ``ig_<response>_<index>``."""
    return f"{kind}_{response.removeprefix('resp_')}_{index}"


def _listed(value: object) -> list[object]:
    if value is None:
        raise missing("input")
    if not isinstance(value, list):
        raise WrongParameter(
            "Invalid type for 'input': expected a string or an array of items.",
            param="input",
            code="invalid_type",
        )
    if len(value) > MOST_ITEMS:
        raise WrongParameter(
            f"Invalid 'input': at most {MOST_ITEMS} items, but got {len(value)}.", param="input"
        )
    return value


def _looked_up(item: Parameters, path: str, known: Known) -> Parameters:
    name = item.text("id") or ""
    kind = item.text("type") or "item_reference"
    if kind in _SILENT:
        return Parameters({"type": kind}, path=path)
    if name not in known:
        raise WrongParameter(
            f"Item with id '{name[:80]}' not found. Items are found as long as their response is "
            "stored; else send the item itself, with its result.",
            param=f"{path}.id",
            code="item_not_found",
        )
    found = read_object(known[name], path)
    return Parameters({each: found.take(each) for each in found.rest()}, path=path)


def _picture(item: Parameters) -> Part:
    path, result = item.at("result"), item.text("result")
    if not result:
        raise missing(path)
    try:
        return sniffed(Part(blob=Blob("image/png", decode_base64(result))))
    except BadBase64 as error:
        raise WrongParameter(f"Invalid base64 in '{path}': {error}", param=path) from None


def _read_message(item: Parameters, said: Said) -> None:
    role = item.text("role")
    if role is None:
        raise missing(item.at("role"))
    if role not in _ROLES:
        raise wrong_choice(item.at("role"), role, _ROLES)
    if role in ("system", "developer"):
        said.system += read_content(item, "content", pictures=False)
    else:
        parts = read_content(item, "content")
        said.add(Role.USER if role == "user" else Role.MODEL, parts, item.at("content"))
