"""What caps a key from its first request on: a budget and a limit of its own.

They are made with it in one transaction: made after it, one that is refused would leave a key
without them behind.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import Request

from pisang.core import scopes
from pisang.core.money import Money
from pisang.core.roles import Action
from pisang.core.terms import ANY_MODEL, Period
from pisang.ledger import budgets, limits
from pisang.surfaces.admin import asking, fields
from pisang.surfaces.admin.limits import values

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_AMOUNT: Final = "budget_usd"
_PERIOD: Final = "budget_period"
_RPM: Final = "rpm"
FIELDS: Final = (_AMOUNT, _PERIOD, _RPM)


@dataclass(frozen=True, slots=True)
class Caps:
    """At most so many dollars in each period, and so many requests a minute; None is no cap."""

    amount: Money | None
    period: Period
    rpm: int | None

    @property
    def needed(self) -> tuple[Action, ...]:
        """What somebody must be allowed who sets them."""
        spend = () if self.amount is None else (Action.BUDGETS_UPDATE,)
        return spend if self.rpm is None else (*spend, Action.KEYS_UPDATE)


def read(sent: Mapping[str, Any]) -> Caps:
    """What was sent. Raises ``MalformedRequest``."""
    period = fields.word(sent, _PERIOD, Period) or Period.MONTH
    amount = fields.amount(sent, _AMOUNT) if sent.get(_AMOUNT) is not None else None
    rpm = values({_RPM: sent[_RPM]})[_RPM] if sent.get(_RPM) is not None else None
    return Caps(amount, period, rpm)


async def check(call: Request, caps: Caps, project: str) -> None:
    """Raises an ``AdmissionError`` where they may not set these in the project."""
    for action in caps.needed:
        await asking.authorised(call, action, project)


async def put(
    call: Request, connection: "AsyncConnection", caps: Caps, *, project_id: str, key_id: str
) -> None:
    """Caps a key, with a line in the audit log for each. Call it inside a write transaction."""
    if caps.amount is not None:
        made = await budgets.put(
            connection,
            project_id=project_id,
            key_id=key_id,
            name=caps.period.value,
            period=caps.period,
            amount=caps.amount,
        )
        await asking.changed(
            call,
            connection,
            Action.BUDGETS_UPDATE,
            target=f"budgets/{made.id}",
            project_id=project_id,
            after={
                "name": made.name,
                "period": made.period.value,
                "amount_usd": fields.usd(made.amount),
            },
        )
    if caps.rpm is not None:
        scope = scopes.of_key(key_id)
        await limits.put(connection, scope, ANY_MODEL, {_RPM: caps.rpm})
        await asking.changed(
            call,
            connection,
            Action.LIMITS_UPDATE,
            target=f"limits/{scope}/{ANY_MODEL}",
            project_id=project_id,
            after={_RPM: caps.rpm},
        )
