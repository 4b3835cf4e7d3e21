"""The routes of the admin API that work on the records alone: a server has them, and so has one
command in the data folder, which serves them to itself (``in_process.py``)."""

from collections.abc import Sequence
from typing import Final

from starlette.routing import Route

from pisang.surfaces.admin import (
    audit,
    budgets,
    hooks,
    keys,
    ledger,
    ledger_checks,
    limits,
    members,
    projects,
    service_accounts,
    usage,
    users,
)

RECORDS: Final[Sequence[Route]] = (
    *projects.ROUTES,
    *keys.ROUTES,
    *service_accounts.ROUTES,
    *members.ROUTES,
    *users.ROUTES,
    *limits.ROUTES,
    *budgets.ROUTES,
    *usage.ROUTES,
    *ledger.ROUTES,
    *ledger_checks.ROUTES,
    *hooks.ROUTES,
    *audit.ROUTES,
)
