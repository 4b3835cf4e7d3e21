"""Bills as the path makes them, for tests of what reads them."""

from decimal import Decimal

from pisang.catalog.models import catalog
from pisang.core.events import Usage
from pisang.core.request import ServiceTier
from pisang.ledger.words import Bill
from pisang.metering.bill import bill
from pisang.routing.table import EngineSpec, Price, PriceLine, Route, Target
from tests.ledger.conftest import MODEL

DRAWN = Usage(prompt_text=10, prompt_image=1120, image_output=1120, thoughts=7, images=1)
STUDIO = EngineSpec(name="studio", kind="google")
SKETCH = EngineSpec(name="sketch", kind="sketch")
RELAY = EngineSpec(
    name="relay",
    kind="openai",
    price=Price("own", (PriceLine(image=(("default", Decimal("0.0333333333")),)),)),
    markup=Decimal("0.15"),
)


def billed(
    usage: Usage | None = DRAWN,
    *,
    engine: EngineSpec = STUDIO,
    model: str = MODEL,
    tier: ServiceTier = ServiceTier.STANDARD,
    **more: object,
) -> Bill:
    """The bill for this usage, at the engine's own price."""
    route = Route(id="routes[0]", models=("*",), targets=(Target(engine.name),))
    card = catalog().get(model)
    words = {"size": "1K", "finish": "STOP", "model": model} | more
    return bill(usage, card, tier, route=route, engine=engine, **words)  # type: ignore[arg-type]
