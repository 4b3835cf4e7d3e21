"""The routes of the admin API that work on the records alone: a server has them, and so has one
command in the data folder, which serves them to itself (``in_process.py``)."""

from collections.abc import Sequence
from typing import Final

from starlette.routing import Route

from pisang.surfaces.admin import budgets, ledger, limits, usage

RECORDS: Final[Sequence[Route]] = (
    *limits.ROUTES,
    *budgets.ROUTES,
    *usage.ROUTES,
    *ledger.ROUTES,
)
