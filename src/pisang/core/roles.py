"""Who may do what: the roles of members, and the one table of what each of them may do."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """A member's role in a project. ``OPERATOR`` is in all of the server, and may do everything."""

    VIEWER = "viewer"
    DEVELOPER = "developer"
    EDITOR = "editor"
    OWNER = "owner"
    BILLING_ADMIN = "billing-admin"
    OPERATOR = "operator"


class Action(StrEnum):
    """One thing that can be allowed or not, named as its route and command are."""

    PROJECTS_GET = "projects.get"
    PROJECTS_UPDATE = "projects.update"
    PROJECTS_CREATE = "projects.create"
    PROJECTS_DELETE = "projects.delete"
    PROJECTS_BILL = "projects.bill"  # how it pays, its tier, what is added to prices
    PROJECTS_SUSPEND = "projects.suspend"
    IMAGES_GENERATE = "images.generate"
    KEYS_LIST = "keys.list"
    KEYS_CREATE = "keys.create"
    KEYS_UPDATE = "keys.update"
    KEYS_REVOKE = "keys.revoke"
    SERVICE_ACCOUNTS_LIST = "service-accounts.list"
    SERVICE_ACCOUNTS_CREATE = "service-accounts.create"
    SERVICE_ACCOUNTS_REVOKE = "service-accounts.revoke"
    MEMBERS_LIST = "members.list"
    MEMBERS_UPDATE = "members.update"
    LIMITS_GET = "limits.get"
    LIMITS_UPDATE = "limits.update"
    BUDGETS_LIST = "budgets.list"
    BUDGETS_UPDATE = "budgets.update"
    USAGE_GET = "usage.get"
    LEDGER_GET = "ledger.get"
    LEDGER_TOP_UP = "ledger.top-up"
    LEDGER_VERIFY = "ledger.verify"
    LEDGER_RECONCILE = "ledger.reconcile"
    AUDIT_LIST = "audit.list"
    AUDIT_VERIFY = "audit.verify"
    ENGINES_UPDATE = "engines.update"
    ROUTES_UPDATE = "routes.update"
    USERS_LIST = "users.list"
    USERS_UPDATE = "users.update"


_LOOK: Final = {
    Action.PROJECTS_GET,
    Action.KEYS_LIST,
    Action.SERVICE_ACCOUNTS_LIST,
    Action.MEMBERS_LIST,
    Action.LIMITS_GET,
    Action.BUDGETS_LIST,
    Action.USAGE_GET,
}
_MAKE: Final = _LOOK | {Action.IMAGES_GENERATE, Action.KEYS_CREATE, Action.KEYS_REVOKE}
_CHANGE: Final = _MAKE | {
    Action.KEYS_UPDATE,
    Action.SERVICE_ACCOUNTS_CREATE,
    Action.SERVICE_ACCOUNTS_REVOKE,
}
_PAY: Final = {
    Action.PROJECTS_GET,
    Action.LIMITS_GET,
    Action.BUDGETS_LIST,
    Action.BUDGETS_UPDATE,
    Action.USAGE_GET,
    Action.LEDGER_GET,
}

# What only the operator of the server may do is in nobody else's row: money comes from outside,
# engines serve all projects, and a project that could choose its own tier would have none. Who may
# make a key may also end one: whoever finds a leaked key should not have to look for somebody else.
GRANTS: Final[Mapping[Role, frozenset[Action]]] = {
    Role.VIEWER: frozenset(_LOOK),
    Role.DEVELOPER: frozenset(_MAKE),
    Role.EDITOR: frozenset(_CHANGE),
    Role.BILLING_ADMIN: frozenset(_PAY),
    Role.OWNER: frozenset(
        _CHANGE | _PAY | {Action.PROJECTS_UPDATE, Action.MEMBERS_UPDATE, Action.AUDIT_LIST}
    ),
    Role.OPERATOR: frozenset(Action),
}


def may(role: Role, action: Action) -> bool:
    """Whether a role allows an action."""
    return action in GRANTS[role]


def covers(role: Role, other: Role) -> bool:
    """Whether a role allows all that another one does: only then may its holder give that one."""
    return GRANTS[other] <= GRANTS[role]
