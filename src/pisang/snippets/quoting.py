"""Any text as a literal of JSON, JavaScript and Python, so that no letter of it becomes code.

JSON's string form is the ground of all three: it is a legal JavaScript literal, and a legal Python
one as long as no pair of \\uD8xx\\uDCxx escapes stands for one letter. Letters that cannot be seen
(also those that reorder what is seen) are written as escapes.
"""

import json
from collections.abc import Callable
from typing import Any

_JOINERS = "\u200c\u200d"  # needed inside Persian words and inside emoji


def json_text(value: Any) -> str:
    """A JSON document on one line: also a JavaScript expression, and free of invisible letters."""
    text = json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
    return _visible(text, lambda letter: json.dumps(letter)[1:-1])


def python_text(text: str) -> str:
    """A Python string literal in double quotes."""
    return _visible(json.dumps(text, ensure_ascii=False), _python_escape)


def _python_escape(letter: str) -> str:
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"


def _visible(text: str, escape: Callable[[str], str]) -> str:
    return "".join(
        letter if letter.isprintable() or letter in _JOINERS else escape(letter) for letter in text
    )
