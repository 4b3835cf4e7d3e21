"""An admitted request: whose it is, where it may go, until when, and what is held for it."""

from dataclasses import dataclass

from pisang.catalog.models import Card, Resolution, Surface
from pisang.core.caller import Caller
from pisang.core.events import Usage
from pisang.core.image import Canvas
from pisang.core.request import GenerateRequest, ServiceTier
from pisang.core.upstream import Dialect
from pisang.ledger.held import Held
from pisang.routing.plan import Plan


@dataclass(slots=True, kw_only=True)
class Admitted:
    """``found`` has the card of its model, None for one that the catalog lacks; ``ends`` is by the
    loop's clock. ``canvas`` is given where it is to be drawn as events, ``named`` is as in ``Via``,
    ``images`` is how many it wants. ``again`` marks the second and later pictures of one request,
    which limits count once. ``prompt`` is what goes in, where it was counted already. ``held`` is
    settled when the answer has ended, however it ended."""

    caller: Caller
    request: GenerateRequest
    found: Resolution | None
    plan: Plan
    ends: float
    surface: Surface
    dialect: Dialect = Dialect.GEMINI
    canvas: Canvas | None = None
    named: str = ""
    images: int = 1
    again: bool = False
    prompt: Usage | None = None
    held: Held | None = None

    @property
    def card(self) -> Card | None:
        return self.found.card if self.found else None

    @property
    def model(self) -> str:
        """The id of its model, by which it is counted: the one that the caller named, where a route
        is for that name in particular; else the card's, or the one that only an upstream knows."""
        return self.named or (self.found.card.id if self.found else self.request.model)

    @property
    def size(self) -> str | None:
        return self.canvas.image_size if self.canvas else self.request.image.image_size

    @property
    def tier(self) -> ServiceTier:
        return self.request.service_tier or ServiceTier.STANDARD
