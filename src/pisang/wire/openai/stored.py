"""A response as it is kept: ``input``, the items that were asked, and ``response``, as answered.

The body is JSON with the pictures inside as base64, often many megabytes: read and write it in a
thread. What was asked is kept as items, so the reader of a caller's ``input`` reads it again.
"""

from collections.abc import Mapping, Sequence
from typing import cast

from pisang.core.content import Content, Part, Role, Use
from pisang.wire import payload
from pisang.wire.openai.completions import data_url
from pisang.wire.openai.response_items import PICTURE, Said, item_id, read_items
from pisang.wire.openai.schema import WrongParameter, wrong_choice
from pisang.wire.payload import Written


def dump(
    asked: Sequence[Content], system: Sequence[Part], response: Written, *, response_id: str
) -> bytes:
    """The body of the record; ``response`` is what the caller got."""
    body: dict[str, Written] = {
        "input": _written_input(asked, system, response_id),
        "response": response,
    }
    return b"".join(payload.pieces(body))


def shown(body: bytes) -> list[bytes]:
    """The response as it was answered."""
    return payload.pieces(_tree(body)["response"])


def shown_input(body: bytes, query: Mapping[str, str]) -> list[bytes]:
    """A page of what was asked; raises ``WrongParameter`` for a query that names none."""
    return payload.pieces(_page(_tree(body)["input"], query))


def said_in(bodies: Sequence[bytes]) -> Said:
    """The contents of stored exchanges, oldest first: what was asked, then what was answered."""
    said = Said()
    for body in bodies:
        for items in _halves(body):
            read_items([("", item) for item in items], said)
    return said


def by_id(body: bytes) -> dict[str, object]:
    """Every item of a stored exchange by its id."""
    items = [item for half in _halves(body) for item in half]
    return {str(item["id"]): item for item in items if isinstance(item, dict) and "id" in item}


def _tree(body: bytes) -> dict[str, Written]:
    return cast("dict[str, Written]", payload.read_object(body))


def _halves(body: bytes) -> list[list[Written]]:
    """The items that were asked, and those that were answered."""
    tree = _tree(body)
    response = tree.get("response")
    both = (tree.get("input"), response.get("output") if isinstance(response, dict) else None)
    return [items for items in both if isinstance(items, list)]


def _page(items: object, query: Mapping[str, str]) -> Written:
    """A page of stored items: ``order`` (else desc), ``limit`` (else 20), ``after`` (an id)."""
    every = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    order, limit = query.get("order", "desc"), query.get("limit", "20")
    if order not in ("asc", "desc"):
        raise wrong_choice("order", order, ("asc", "desc"))
    if not (limit.isascii() and limit.isdigit() and len(limit) < 4 and 1 <= int(limit) <= 100):
        raise WrongParameter("Invalid 'limit': send a whole number from 1 to 100.", param="limit")
    if order == "desc":
        every.reverse()
    ids = [str(item.get("id")) for item in every]
    if after := query.get("after"):
        if after not in ids:
            raise WrongParameter(f"No item has the id '{after[:80]}'.", param="after")
        every = every[ids.index(after) + 1 :]
    some = every[: int(limit)]
    return {
        "object": "list",
        "data": list(some),
        "first_id": some[0].get("id") if some else None,
        "last_id": some[-1].get("id") if some else None,
        "has_more": len(every) > len(some),
    }


def _written_input(
    contents: Sequence[Content], system: Sequence[Part], response: str
) -> list[Written]:
    """What was asked, as items that ``read_items`` reads again; masks are left out, which are for
    one picture only."""
    items: list[Written] = []
    texts: list[Written] = [{"type": "input_text", "text": part.text} for part in system]
    if texts:
        items.append(_message("system", texts, response, 0))
    for content in contents:
        if content.role is Role.USER:
            parts = [_written_part(part) for part in content.parts if part.use is not Use.MASK]
            items.append(_message("user", parts, response, len(items)))
            continue
        for part in content.parts:
            at = len(items)
            if part.blob is not None:
                items.append(
                    {
                        "id": item_id("ig", response, 1000 + at),
                        "type": PICTURE,
                        "status": "completed",
                        "result": part.blob.data,
                    }
                )
            else:
                told: Written = {"type": "output_text", "text": part.text, "annotations": []}
                items.append(_message("assistant", [told], response, at))
    return items


def _message(role: str, content: list[Written], response: str, index: int) -> Written:
    return {
        "id": item_id("msg", response, 1000 + index),
        "type": "message",
        "role": role,
        "status": "completed",
        "content": content,
    }


def _written_part(part: Part) -> Written:
    if part.blob is not None:
        return {"type": "input_image", "image_url": data_url(part.blob), "detail": "auto"}
    if part.file is not None:
        return {"type": "input_image", "image_url": part.file.uri, "detail": "auto"}
    return {"type": "input_text", "text": part.text}
