"""Takes a body of the Gemini Developer API to Vertex AI, or the other way, with its pictures as
they are.

Both read the same message, and each has some names that the other refuses. What changes no picture
is left out (labels, logging, a display name), what is said in another place is said there: the
service tier is a member of the one's body and a header of the other. What does change the picture
stays, so that the upstream refuses it by name: a wish is never lost in silence. Sources: surfaces
contract, sections 2 and 11; limits contract, section 2.3.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pisang.wire.cut import Cut, cut
from pisang.wire.fields import camel
from pisang.wire.gemini.schema import DEVELOPER, SERVICE_TIERS
from pisang.wire.gemini.vertex import REQUEST_TYPE, SHARED_TYPE, VERTEX
from pisang.wire.splice import Member, NotJson, Piece, Splice

_HEADER_TIERS: Final = ("flex", "priority")
_WRAPPED: Final = "generate_content_request"
_TIER: Final = "service_tier"
_TIERS: Final = frozenset({"", *(word.lower() for word in SERVICE_TIERS)})
_DEFAULTS: Final[Mapping[str, frozenset[str]]] = {
    "person_generation": frozenset({"ALLOW_ALL", "ALLOW_ADULT"}),
    "prominent_people": frozenset({"ALLOW_PROMINENT_PEOPLE"}),
}
"""Words of Vertex AI's that ask for what the Developer API does anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """What is left out, by the path of its object (of each object, where it stands in a list), and
    what else the other side wants."""

    without: Mapping[str, frozenset[str]]
    category_numbers: Mapping[int, str]
    defaults: Mapping[str, frozenset[str]] = field(default_factory=dict)
    names_roles: bool = False


_TO_VERTEX: Final = _Way(
    without={
        "": frozenset({"store", "model"}),
        "generation_config": frozenset({"enable_enhanced_civic_answers"}),
    },
    category_numbers=DEVELOPER.harm_category_numbers,
    names_roles=True,
)
_TO_DEVELOPER: Final = _Way(
    without={
        "": frozenset({"labels", "model"}),
        "generation_config": frozenset(
            {"audio_timestamp", "routing_config", "model_selection_config", "model_config"}
        ),
        "safety_settings": frozenset({"method"}),
        "contents.parts.inline_data": frozenset({"display_name"}),
    },
    category_numbers=VERTEX.harm_category_numbers,
    defaults=_DEFAULTS,
)
_OBJECTS: Final = frozenset(
    {
        "contents",
        "contents.parts",
        "contents.parts.inline_data",
        "generation_config",
        "generation_config.image_config",
        "safety_settings",
    }
)
_SNAKE: Final = {
    camel(name): name
    for way in (_TO_VERTEX, _TO_DEVELOPER)
    for name in (
        _WRAPPED,
        _TIER,
        *(name for names in way.without.values() for name in names),
        *way.defaults,
        *(name for path in _OBJECTS for name in path.split(".")),
    )
}


def cross(
    body: Cut | bytes,
    *,
    to_vertex: bool,
    headers: Mapping[str, str],
    model: str = "",
    method: str = "generateContent",
) -> tuple[Sequence[Piece], Mapping[str, str]]:
    """The body in pieces, and the headers, for the other surface of Google's.

    A body in which nothing has to change is its own only piece, and so is one that is no JSON.
    ``model`` is the upstream's id, which ``countTokens`` may need in the body.
    """
    found = body if isinstance(body, Cut) else cut(body)
    said = {name.lower(): value for name, value in headers.items()}
    splice = Splice(found)
    try:
        if to_vertex:
            _to_vertex(splice, said)
        else:
            _to_developer(splice, said, model=model if method == "countTokens" else "")
    except NotJson:
        return [found.body], said
    return splice.pieces(), said


def renamed(body: Cut | bytes, *, model: str) -> Sequence[Piece]:
    """The body in pieces, for an upstream of the same surface that calls the model otherwise: where
    the body names one, it is this."""
    found = body if isinstance(body, Cut) else cut(body)
    if b'"model"' not in found.skeleton:
        return [found.body]
    splice = Splice(found)
    try:
        members = splice.members(splice.root)
        for wrapped in [member for member in members if _snake(member) == _WRAPPED]:
            members += splice.members(wrapped.value)
        for member in members:
            said = splice.read(member.value) if member.name == "model" else None
            if isinstance(said, str) and said.rpartition("models/")[2] != model:
                before, slash, _ = said.rpartition("models/")
                splice.replace(member.value, member.end, _text(before + slash + model))
    except NotJson:
        return [found.body]
    return splice.pieces()


def at_standard(
    body: Cut | bytes, headers: Mapping[str, str]
) -> tuple[bytes | Cut, Mapping[str, str]]:
    """The body and the headers without the tier that they name: the standard tier serves it."""
    said = {name: value for name, value in headers.items() if name.lower() != SHARED_TYPE}
    found = body if isinstance(body, Cut) else cut(body)
    splice = Splice(found)
    try:
        members = splice.members(splice.root)
        tiers = [member for member in members if _snake(member) == _TIER]
        if not tiers:
            return found, said
        splice.change(splice.root, members, without=tiers)
    except NotJson:
        return found, said
    return b"".join(splice.pieces()), said


def _to_vertex(splice: Splice, headers: dict[str, str]) -> None:
    """The tier moves into a header, and what countTokens wraps comes out of its wrapping."""
    root = splice.root
    members = splice.members(root)
    for wrapped in [member for member in members if _snake(member) == _WRAPPED]:
        splice.replace(root, wrapped.value, b"")
        splice.replace(wrapped.end, splice.end(root), b"")
        root, members = wrapped.value, splice.members(wrapped.value)
    for member in members:
        if _snake(member) == _TIER and (tier := _tier(splice, member)) in _HEADER_TIERS:
            headers.setdefault(SHARED_TYPE, tier)
    _cross(splice, root, _TO_VERTEX)


def _to_developer(splice: Splice, headers: dict[str, str], *, model: str) -> None:
    """The tier moves out of the header; ``model`` is set for a countTokens, which has to be wrapped
    where it holds more than contents."""
    root = splice.root
    members = splice.members(root)
    tier = headers.pop(SHARED_TYPE, "").strip().lower()
    headers.pop(REQUEST_TYPE, None)
    adding = []
    if model and any(_snake(member) not in ("contents", "model") for member in members):
        splice.replace(root, root, b'{"generateContentRequest":')
        splice.replace(splice.end(root), splice.end(root), b"}")
        adding.append(b'"model":' + _text(f"models/{model}"))
    if tier in _HEADER_TIERS and not any(_snake(member) == _TIER for member in members):
        adding.append(b'"serviceTier":' + _text(tier))
    _cross(splice, root, _TO_DEVELOPER, adding=b",".join(adding))


def _cross(splice: Splice, at: int, way: _Way, *, path: str = "", adding: bytes = b"") -> None:
    """Changes one object, and those inside it."""
    members = splice.members(at)
    if not members and not adding:
        return
    without = {member for member in members if _is_left(splice, member, path, way)}
    if way.names_roles and path == "contents" and not any(m.name == "role" for m in members):
        adding = b'"role":"user"'
    splice.change(at, members, without=without, adding=adding)
    for member in members:
        inside = f"{path}.{_snake(member)}" if path else _snake(member)
        if inside in _OBJECTS and member not in without:
            for item in splice.items(member.value):
                _cross(splice, item, way, path=inside)
        elif inside == "safety_settings.category":
            number = splice.read(member.value)
            if isinstance(number, int) and number in way.category_numbers:
                splice.replace(member.value, member.end, _text(way.category_numbers[number]))


def _is_left(splice: Splice, member: Member, path: str, way: _Way) -> bool:
    """Whether the other surface shall not get this member."""
    name = _snake(member)
    if name in way.without.get(path, ()):
        return True
    if name == _TIER and not path:
        return way is _TO_VERTEX and _tier(splice, member) in _TIERS
    if path == "generation_config.image_config" and name in way.defaults:
        said = splice.read(member.value)
        return isinstance(said, str) and said.upper() in way.defaults[name]
    return False


def _tier(splice: Splice, member: Member) -> str | None:
    """The tier that a body names, in small letters; an empty one for none, None for no word."""
    said = splice.read(member.value)
    if said is not None and not isinstance(said, str):
        return None
    return "" if not said or said.upper().endswith("UNSPECIFIED") else said.lower()


def _snake(member: Member) -> str:
    return _SNAKE.get(member.name, member.name)


def _text(said: str) -> bytes:
    return json.dumps(said).encode()
