"""All faults by name: what ``pisang faults``, the documentation and the tests read."""

import difflib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from pisang.core.errors import UnsupportedParameter
from pisang.faults.answers import ANSWERS
from pisang.faults.errors import ERRORS
from pisang.faults.fault import ErrorFault, Fault, Group
from pisang.faults.telling import FailedCall, message
from pisang.faults.transport import TRANSPORT

HEADER: Final = "x-pisang-fault"
NONE: Final = "none"
"""Asks for no fault, where the project has one."""

_ALL: Final[tuple[Fault, ...]] = (*ERRORS, *ANSWERS, *TRANSPORT)
FAULTS: Final[Mapping[str, Fault]] = MappingProxyType(
    {fault.name: fault for group in Group for fault in _ALL if fault.group is group}
)

ALSO: Final[Mapping[str, str]] = MappingProxyType(
    {
        "400": "invalid-argument",
        "401": "unauthenticated",
        "403": "permission-denied",
        "404": "model-gone",
        "429": "rpm",
        "500": "internal",
        "502": "bad-gateway",
        "503": "overloaded",
        "504": "deadline",
        "cut-sse": "cut-stream",
        "html-page": "bad-gateway",
    }
)
"""Other words that people try first: a status alone means the commonest error that has it."""

TITLES: Final[Mapping[Group, str]] = MappingProxyType(
    {
        Group.ERROR: "Errors",
        Group.REFUSAL: "Finished, and refused",
        Group.SHAPE: "Unusual answers",
        Group.TRANSPORT: "On the way",
    }
)


def find(name: str) -> Fault:
    """The fault with this name, in lower case, also as Google spells it (``no_image``).

    Raises ``UnsupportedParameter``, which says what is near.
    """
    name = name.replace("_", "-")
    fault = FAULTS.get(ALSO.get(name, name))
    if fault is not None:
        return fault
    near = difflib.get_close_matches(name, FAULTS, n=3, cutoff=0.5)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise UnsupportedParameter(
        f"There is no fault {name[:60]!r}.{hint} `pisang faults` lists them all.", field=HEADER
    )


def told(fault: Fault) -> dict[str, Any]:
    """One fault for programs."""
    row: dict[str, Any] = {"name": fault.name, "group": fault.group.value, "sees": fault.sees}
    if fault.argument is not None:
        row["argument"] = {"unit": fault.argument.unit, "default": fault.argument.default}
    if isinstance(fault, ErrorFault):
        value = fault.argument.default if fault.argument else None
        row["status"], row["google_status"] = fault.status, fault.word
        row["message"] = message(fault, FailedCall(model="MODEL"), value)
        row["known"] = fault.known.value
    return row
