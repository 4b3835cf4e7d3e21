"""pisang without its ledger: what a request costs that nobody limits or counts.

It is for measuring only, so no setting of the product leads here.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pisang import app
from pisang.cli.main import run


@asynccontextmanager
async def _no_ledger(*_: object, **__: object) -> AsyncIterator[None]:
    yield None


if __name__ == "__main__":
    app.ledger = _no_ledger  # type: ignore[assignment]
    run()
