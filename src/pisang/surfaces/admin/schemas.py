"""What the admin API takes, as JSON Schema: bodies and the parameters of addresses."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pisang.accounts.restrictions import NAMES
from pisang.core.caller import Allowance, ChatImages
from pisang.core.roles import Role
from pisang.core.terms import Billing, Dimension, Period
from pisang.routing.read import KINDS, SIZES, SURFACES, TIERS
from pisang.routing.table import RATES

At = tuple[str, str]
"""The method and the path of a route."""

TEXT: Final = {"type": "string"}
FREE: Final = {"type": "object", "additionalProperties": True}

AMOUNT: Final = {
    "type": "string",
    "pattern": r"^-?[0-9]+(\.[0-9]{1,9})?$",
    "description": "Dollars, exact to the nano-dollar.",
    "examples": ["5.00"],
}
TIME: Final = {"type": "string", "format": "date-time"}
DAY: Final = {"type": "string", "format": "date"}
TRUTH: Final = {"type": "boolean"}


def said(kind: Mapping[str, Any], sentence: str) -> Mapping[str, Any]:
    return {**kind, "description": sentence}


def words(*words: str) -> Mapping[str, Any]:
    return {"type": "string", "enum": list(words)}


def _one_or_many(words: Sequence[str] = ()) -> Mapping[str, Any]:
    one = {"type": "string", **({"enum": list(words)} if words else {})}
    return {"oneOf": [one, {"type": "array", "items": one}]}


_AMOUNT: Final = {"type": ["number", "string"]}
_PRICE_LINE: Final = {
    "type": "object",
    "properties": {
        **dict.fromkeys(RATES, _AMOUNT),
        "image": {"oneOf": [_AMOUNT, {"type": "object", "additionalProperties": _AMOUNT}]},
        "tier": {"type": "string", "enum": list(TIERS)},
        "from": {"type": "string", "format": "date"},
    },
}
_PRICE: Final = {
    "description": "`list` (Google's price list), `free`, or dollars: a picture (or by size), a "
    "million tokens, a thousand searches, a second of the engine; several lines are by tier and "
    "first day.",
    "oneOf": [
        {"type": "string", "enum": ["list", "free"]},
        _PRICE_LINE,
        {"type": "array", "items": _PRICE_LINE},
    ],
}
_MARKUP: Final = {**_AMOUNT, "description": "What is put on the price: 0.2 adds a fifth."}
_TEXTS: Final = {"type": "array", "items": TEXT}
PROJECT: Final = {**TEXT, "description": "Its name, number or id."}
USAGE_TIERS: Final = ("0", "1", "2", "3")
_SPEND: Final = ("spend_10m_usd", "spend_month_usd")
_LIMIT: Final = {"oneOf": [{"type": "integer", "minimum": 0}, words("unlimited")]}
_ROLE: Final = words(*(role.value for role in Role))
_PROJECTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "locations": said(_TEXTS, "Where its requests may go; empty is anywhere."),
    "fault": said(TEXT, "That of all its answers, for tests; empty for none."),
    "billing": words(*(each.value for each in Billing)),
    "tier": words("", *USAGE_TIERS),
    "markup": said(TEXT, "What is added to a price: 0.2 is a fifth."),
    "audit_content": said(TRUTH, "Whether prompts may stand in the audit log."),
    "block_dormant": said(TRUTH, "Whether unrestricted keys that lie unused are blocked."),
}
_KEYS: Final[Mapping[str, Mapping[str, Any]]] = {
    "name": TEXT,
    "chat_images": words(*(each.value for each in ChatImages)),
    "allowed": {"type": "array", "items": words(*(each.value for each in Allowance))},
    "restrictions": {
        "type": "object",
        "properties": dict.fromkeys(NAMES, _TEXTS),
        "additionalProperties": False,
    },
    "expires_at": TIME,
}
SCHEMAS: Final[Mapping[str, Mapping[str, Any]]] = {
    "Engine": {
        "type": "object",
        "required": ["kind"],
        "description": "`[engines.NAME]` of the settings file. A kind may have more fields.",
        "properties": {
            "kind": {**TEXT, "examples": list(KINDS)},
            "api_keys": {
                **_one_or_many(),
                "description": "`env:NAME`, `file:PATH`, or a key; a key is shown by its end.",
            },
            "base_url": TEXT,
            "project": TEXT,
            "location": TEXT,
            "credentials": {
                **TEXT,
                "description": "`file:PATH` of a key file, its JSON, or `adc`.",
            },
            "profile": TEXT,
            "price": _PRICE,
            "markup": _MARKUP,
            "free_searches": {"type": "boolean"},
        },
        "additionalProperties": True,
    },
    "Route": {
        "type": "object",
        "required": ["model", "engines"],
        "description": "`[[routes]]` of the settings file.",
        "properties": {
            "model": _one_or_many(),
            "engines": {
                "type": "array",
                "items": {
                    "oneOf": [
                        TEXT,
                        {
                            "type": "object",
                            "required": ["engine"],
                            "properties": {
                                "engine": TEXT,
                                "weight": {"type": "integer", "minimum": 1},
                                "upstream_model": TEXT,
                            },
                        },
                    ]
                },
            },
            "upstream_model": TEXT,
            "size": _one_or_many(SIZES),
            "tier": _one_or_many(TIERS),
            "project": _one_or_many(),
            "location": _one_or_many(),
            "surface": _one_or_many(SURFACES),
            "price": _PRICE,
            "markup": _MARKUP,
            "before": {**TEXT, "description": "When it is made: the id of the route after it."},
        },
        "additionalProperties": False,
    },
    "Order": {
        "type": "object",
        "required": ["routes"],
        "properties": {"routes": {"type": "array", "items": TEXT}},
    },
    "Question": {
        "type": "object",
        "required": ["model"],
        "properties": dict.fromkeys(
            ("model", "size", "tier", "project", "location", "surface"), TEXT
        ),
    },
    "Probe": {
        "type": "object",
        "properties": {"model": {**TEXT, "description": "What the upstream calls it."}},
    },
    "Project": {
        "type": "object",
        "required": ["name"],
        "properties": {"name": TEXT, **_PROJECTS},
        "additionalProperties": False,
    },
    "ProjectChange": {
        "type": "object",
        "description": "What is not sent stays.",
        "properties": _PROJECTS,
        "additionalProperties": False,
    },
    "Key": {
        "type": "object",
        "required": ["project"],
        "properties": {
            "project": PROJECT,
            **_KEYS,
            "budget_usd": said(AMOUNT, "What it may spend in each period: a budget of its own."),
            "budget_period": words(*(each.value for each in Period)),
            "rpm": said(_LIMIT, "Its requests a minute: a limit of its own."),
        },
        "additionalProperties": False,
    },
    "KeyChange": {
        "type": "object",
        "description": "What is not sent stays.",
        "properties": {**_KEYS, "never_expires": TRUTH},
        "additionalProperties": False,
    },
    "Secret": {
        "type": "object",
        "required": ["key"],
        "properties": {"key": said(TEXT, "The key itself.")},
    },
    "Rotation": {
        "type": "object",
        "properties": {
            "overlap_seconds": {
                "type": "integer",
                "minimum": 0,
                "description": "How long the old key is good beside the new one; else a day.",
            }
        },
    },
    "ServiceAccount": {
        "type": "object",
        "required": ["project", "name"],
        "properties": {"project": PROJECT, "name": TEXT, "role": _ROLE},
        "additionalProperties": False,
    },
    "Member": {
        "type": "object",
        "required": ["member", "role"],
        "properties": {
            "project": said(TEXT, "Without one it is a role in all of the server."),
            "member": said(TEXT, "`user:MAIL`, `serviceAccount:MAIL` or `key:ID`."),
            "role": _ROLE,
        },
        "additionalProperties": False,
    },
    "User": {
        "type": "object",
        "required": ["email"],
        "properties": {"email": TEXT, "name": TEXT, "password": TEXT},
        "additionalProperties": False,
    },
    "UserChange": {
        "type": "object",
        "properties": {"name": TEXT, "password": TEXT},
        "additionalProperties": False,
    },
    "SignIn": {
        "type": "object",
        "description": "An email with its password, or a code with its verifier.",
        "properties": {
            **dict.fromkeys(("email", "password", "code", "verifier"), TEXT),
            "cookie": said(TRUTH, "Set a cookie, and tell no token."),
        },
        "additionalProperties": False,
    },
    "Limits": {
        "type": "object",
        "description": "Of a project, a key of it, or a tier; what is not sent stays.",
        "properties": {
            "project": PROJECT,
            "key_id": said(TEXT, "The id of a key of the project."),
            "tier": words(*USAGE_TIERS),
            "model": said(TEXT, "An id; `*` is each that has none of its own."),
            **{each.value: _LIMIT for each in Dimension},
            **{name: {"oneOf": [AMOUNT, words("unlimited")]} for name in _SPEND},
        },
        "additionalProperties": False,
    },
    "Budget": {
        "type": "object",
        "required": ["project", "amount_usd"],
        "description": "One of the same name is changed.",
        "properties": {
            "project": PROJECT,
            "key_id": said(TEXT, "The id of a key of the project; else it is of all of them."),
            "name": said(TEXT, "Else it is called by its period."),
            "amount_usd": AMOUNT,
            "period": words(*(each.value for each in Period)),
            "enforced": said(TRUTH, "False only warns."),
            "warn": {"type": "array", "items": {"type": "integer"}, "examples": [[50, 80, 100]]},
            "hook": said(TEXT, "The web hook that is told."),
        },
        "additionalProperties": False,
    },
    "Grant": {
        "type": "object",
        "required": ["project", "amount_usd"],
        "properties": {
            "project": PROJECT,
            "amount_usd": AMOUNT,
            "note": TEXT,
            "reference": said(TEXT, "The same one counts only once."),
        },
        "additionalProperties": False,
    },
    "Head": {
        "type": "object",
        "properties": {"head": said(TEXT, "NUMBER:HASH, as it was kept elsewhere.")},
        "additionalProperties": False,
    },
    "HookTest": {
        "type": "object",
        "required": ["project", "url"],
        "properties": {
            "project": PROJECT,
            "url": TEXT,
            "secret": said(TEXT, "`whsec_...`; else a new one is made and shown."),
        },
        "additionalProperties": False,
    },
    "Books": {"type": "object", "properties": {"project": PROJECT}},
    "Bill": {
        "type": "object",
        "required": ["csv"],
        "properties": {
            "csv": said(TEXT, "A row with the names of columns, then one for each item."),
            "project": PROJECT,
            "engine": said(TEXT, "Only what this engine cost."),
            "from": DAY,
            "to": DAY,
            "columns": {
                "type": "object",
                "properties": dict.fromkeys(("day", "model", "amount"), TEXT),
            },
            "tolerance_usd": AMOUNT,
            "utc": said(TRUTH, "Days are those of UTC, not of Los Angeles."),
            "all_rows": said(TRUTH, "Tell what agrees too."),
        },
        "additionalProperties": False,
    },
    "Error": {
        "type": "object",
        "description": "Google's error envelope.",
        "properties": {"error": FREE},
    },
}
BODIES: Final[Mapping[At, str]] = {
    ("PUT", "/admin/v1/engines/{engine}"): "Engine",
    ("POST", "/admin/v1/engines/{engine}:probe"): "Probe",
    ("POST", "/admin/v1/routes"): "Route",
    ("PUT", "/admin/v1/routes/{route}"): "Route",
    ("POST", "/admin/v1/routes:order"): "Order",
    ("POST", "/admin/v1/routes:explain"): "Question",
    ("POST", "/admin/v1/sessions"): "SignIn",
    ("POST", "/admin/v1/projects"): "Project",
    ("PATCH", "/admin/v1/projects/{project}"): "ProjectChange",
    ("POST", "/admin/v1/keys"): "Key",
    ("PATCH", "/admin/v1/keys/{key}"): "KeyChange",
    ("POST", "/admin/v1/keys:lookup"): "Secret",
    ("POST", "/admin/v1/keys/{key}:rotate"): "Rotation",
    ("POST", "/admin/v1/service-accounts"): "ServiceAccount",
    ("PUT", "/admin/v1/members"): "Member",
    ("POST", "/admin/v1/users"): "User",
    ("PATCH", "/admin/v1/users/{user}"): "UserChange",
    ("PUT", "/admin/v1/limits"): "Limits",
    ("PUT", "/admin/v1/budgets"): "Budget",
    ("POST", "/admin/v1/ledger/top-ups"): "Grant",
    ("POST", "/admin/v1/ledger/adjustments"): "Grant",
    ("POST", "/admin/v1/ledger:verify"): "Books",
    ("POST", "/admin/v1/ledger:reconcile"): "Bill",
    ("POST", "/admin/v1/audit:verify"): "Head",
    ("POST", "/admin/v1/hooks:test"): "HookTest",
}
"""What a body of a route is; one that is not here has none."""
