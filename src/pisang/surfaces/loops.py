"""Notices a request that comes back: an engine whose ``base_url`` leads to this very server.

Without that, a request would be sent round until its deadline, and each round would hold money. So
every server leaves its mark in the header for it (``CDN-Loop``, RFC 8586) and refuses what has its
own. Marks of others than pisang are not handed on: an upstream may stand behind the same delivery
network as we do, and would see a loop where there is none.
"""

import re
import secrets
from typing import Final

from starlette.requests import Request

from pisang.core.current import PASSED
from pisang.core.errors import LoopDetected
from pisang.engines.upstream import LOOP

MOST: Final = 16
"""Servers that a request may pass: several processes behind one address each have their mark."""
_MARK: Final = re.compile(r"\bpisang-[0-9a-f]{16}\b")


def new_mark() -> str:
    """A mark for one server."""
    return f"pisang-{secrets.token_hex(8)}"


def mark(call: Request, own: str) -> None:
    """Puts the mark of this server on all that is asked of upstreams for this request.

    Raises ``LoopDetected``.
    """
    said = call.headers.get(LOOP)
    if said is None:
        PASSED.set(own)
        return
    passed = _MARK.findall(said)
    if own in passed or len(passed) >= MOST:
        raise LoopDetected(
            "This request has come back to the server that sent it: the base_url of an engine "
            "leads here. Set it to the address of the upstream itself."
        )
    PASSED.set(", ".join((*passed, own)))
