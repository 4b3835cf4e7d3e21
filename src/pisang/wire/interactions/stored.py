"""An interaction as it is kept: the JSON that the record holds, and what it means when it is read.

Pictures and signatures are inside as base64. The steps are kept as they were said, so what was
stored before is read by the code that reads a caller's ``input``.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydantic_core import from_json

from pisang.core.content import Content
from pisang.core.errors import StoreError
from pisang.wire import payload
from pisang.wire.fields import Reading
from pisang.wire.interactions.inputs import Said, read_steps
from pisang.wire.interactions.response import Interaction
from pisang.wire.interactions.schema import Status
from pisang.wire.interactions.timeline import Step

_FORM: Final = 1


def dump(kept: Interaction) -> bytes:
    """The body of the record. Identity, state and times are columns beside it."""
    return b"".join(
        payload.pieces(
            {
                "form": _FORM,
                "tier": kept.tier,
                "input": list(kept.input),
                "steps": list(kept.steps),
                "usage": kept.usage,
                "errors": list(kept.errors),
            }
        )
    )


def load(
    body: bytes,
    *,
    id: str,
    model: str,
    status: str,
    created: datetime,
    updated: datetime,
    previous_id: str | None,
) -> Interaction:
    """What ``dump`` wrote; picture data stays the base64 text it is."""
    tree = _tree(body)
    usage = tree.get("usage")
    return Interaction(
        id=id,
        model=model,
        status=Status(status),
        created=created,
        updated=updated,
        tier=str(tree.get("tier")),
        previous_id=previous_id,
        input=_steps(tree.get("input")),
        steps=_steps(tree.get("steps")),
        usage=usage if isinstance(usage, dict) else None,
        errors=_steps(tree.get("errors")),
    )


def contents_of(bodies: Sequence[bytes]) -> tuple[Content, ...]:
    """What was said in a chain of stored interactions, oldest first, pictures and signatures
    included. Each answer and each input is a turn of its own."""
    contents: list[Content] = []
    for body in bodies:
        tree = _tree(body)
        reading, said = Reading(), Said()
        for name in ("input", "steps"):
            said.end_turn()
            read_steps(tree.get(name), name, reading, said)
        reading.check()
        contents += said.contents
    return tuple(contents)


def assets_of(shown: Interaction) -> list[str]:
    """The assets that pictures of an answer are kept as."""
    return [
        str(content["asset"])
        for step in shown.steps
        for content in _contents(step)
        if "asset" in content
    ]


def _tree(body: bytes) -> dict[str, object]:
    """What ``dump`` wrote, parsed without the limits and checks that strangers need."""
    try:
        tree: object = from_json(body)
    except ValueError as error:
        raise StoreError("A stored interaction is damaged: restore it from a backup.") from error
    if not isinstance(tree, dict) or tree.get("form") != _FORM:
        raise StoreError("A stored interaction has the form of another version of pisang.")
    return tree


def _contents(step: Step) -> list[Step]:
    return _steps(step.get("content"))


def _steps(value: object) -> list[Step]:
    return [step for step in value if isinstance(step, dict)] if isinstance(value, list) else []
