"""Opens what a server runs for its web hooks: the sender, and whoever watches budgets for it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from pisang.core.errors import SettingsError
from pisang.fetch.fetcher import Fetcher
from pisang.hooks.budgets import BudgetWarnings, warning
from pisang.hooks.sender import SECONDS, Sender, sending
from pisang.store.database import Database
from pisang.store.keyring import Keyring


@asynccontextmanager
async def opened(
    database: Database, keyring: Keyring, *, allow: Sequence[str]
) -> AsyncIterator[BudgetWarnings]:
    """Sends web hooks until the block is left; yields whom the ledger tells of its warnings.
    ``allow`` is the ``fetch_allow`` setting. Raises ``SettingsError``."""
    # One of its own: addresses that do not answer must not keep the turns of callers' files.
    fetcher = fetcher_for(allow)
    sender = Sender(database, keyring, fetcher)
    warnings = BudgetWarnings(database, call=sender.call)
    try:
        async with sending(sender), warning(warnings):
            yield warnings
    finally:
        fetcher.close()


def fetcher_for(allow: Sequence[str]) -> Fetcher:
    """What sends web hooks. Raises ``SettingsError``."""
    try:
        return Fetcher(allow=allow, seconds=SECONDS)
    except ValueError as error:
        raise SettingsError(f"fetch_allow: {error}.", field="fetch_allow") from error
