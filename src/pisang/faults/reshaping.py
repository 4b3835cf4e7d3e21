"""Puts an answer of ours on ``generateContent`` into the exact form that Google prints.

Google prints a whole answer with two spaces, and each event of a stream on one line with a space
behind every colon. A fault may change the values; one without changes is printed like that too.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from pydantic_core import from_json

from pisang.faults.fault import Tree
from pisang.faults.telling import printed
from pisang.faults.transport import END, SSE

_DATA: Final = b"data: "
_BETWEEN: Final = b"\n,\r\n"

Change = Callable[[Tree], Tree]


def reshaped(content_type: str, body: bytes, change: Change) -> bytes:
    """The body with ``change`` made to each of its values."""
    if content_type.startswith(SSE):
        events = body.split(END)[:-1]
        return b"".join(_DATA + _line(change(_value(event))) + END for event in events)
    tree: Any = from_json(body)
    if isinstance(tree, list):  # a stream without alt=sse
        return b"[" + _BETWEEN.join(printed(change(value)).rstrip() for value in tree) + b"\n]"
    return printed(change(tree))


def _value(event: bytes) -> Tree:
    tree: Tree = from_json(event.removeprefix(_DATA))
    return tree


def _line(value: Tree) -> bytes:
    return json.dumps(value, separators=(",", ": "), ensure_ascii=False).encode()
