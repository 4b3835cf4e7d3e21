"""What may stand behind the ``?`` of the admin API's addresses, as JSON Schema."""

from collections.abc import Mapping
from typing import Any, Final

from pisang.ledger.entries import Kind
from pisang.ledger.usage import WAYS
from pisang.surfaces.admin.fields import MOST_PAGE
from pisang.surfaces.admin.schemas import PROJECT, TEXT, TIME, TRUTH, USAGE_TIERS, At, said, words

_WHOSE: Final[Mapping[str, Mapping[str, Any]]] = {
    "project": PROJECT,
    "key_id": TEXT,
    "tier": words(*USAGE_TIERS),
    "model": TEXT,
}
_BETWEEN: Final[Mapping[str, Mapping[str, Any]]] = {"from": TIME, "to": TIME}
_PAGED: Final[Mapping[str, Mapping[str, Any]]] = {
    "page_size": {"type": "integer", "minimum": 1, "maximum": MOST_PAGE},
    "page_token": TEXT,
}
_AUDIT: Final = {
    "project": PROJECT,
    "actor": said(TEXT, "`user:MAIL`, `serviceAccount:MAIL`, `key:ID` or `local:NAME`."),
    "action": said(TEXT, "As `keys.create`, or `keys.*`."),
    **dict.fromkeys(("target", "request"), TEXT),
    **_BETWEEN,
}
QUERIES: Final[Mapping[At, Mapping[str, Mapping[str, Any]]]] = {
    ("GET", "/admin/v1/projects"): _PAGED,
    ("GET", "/admin/v1/keys"): {"project": PROJECT, **_PAGED},
    ("GET", "/admin/v1/service-accounts"): {"project": PROJECT, **_PAGED},
    ("GET", "/admin/v1/members"): {
        "project": PROJECT,
        "everywhere": said(TRUTH, "Those with a role in all of the server."),
        **_PAGED,
    },
    ("DELETE", "/admin/v1/members"): {"project": PROJECT, "member": TEXT},
    ("GET", "/admin/v1/users"): _PAGED,
    ("GET", "/admin/v1/limits"): _WHOSE,
    ("DELETE", "/admin/v1/limits"): {**_WHOSE, "dimension": TEXT},
    ("GET", "/admin/v1/budgets"): {"project": PROJECT},
    ("GET", "/admin/v1/usage"): {
        "project": PROJECT,
        "by": said(TEXT, f"One or several with commas: {', '.join(WAYS)}."),
        **_BETWEEN,
        "format": words("json", "csv"),
    },
    ("GET", "/admin/v1/usage:forecast"): {"project": PROJECT},
    ("GET", "/admin/v1/ledger/balance"): {"project": PROJECT},
    ("GET", "/admin/v1/ledger/entries"): {
        "project": PROJECT,
        **dict.fromkeys(("key_id", "request", "model", "engine"), TEXT),
        "kind": words(*(each.value for each in Kind)),
        **_BETWEEN,
        **_PAGED,
    },
    ("GET", "/admin/v1/ledger/holds"): {"project": PROJECT},
    ("GET", "/admin/v1/hooks"): {
        "project": PROJECT,
        "status": words("pending", "delivered", "failed"),
        "event": TEXT,
        **_PAGED,
    },
    ("GET", "/admin/v1/audit"): {**_AUDIT, **_PAGED},
    ("GET", "/admin/v1/audit:export"): {**_AUDIT, "format": words("json", "csv")},
}
"""What may stand behind the `?` of a route; one that is not here takes nothing."""
