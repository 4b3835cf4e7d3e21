"""Sends web hooks in the background, several at once, and tries again what fails.

They go through the guarded fetcher: an address in the operator's own network is refused unless the
operator allowed it (``fetch_allow``), because members of projects choose addresses and not only the
operator.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Final

import structlog

from pisang.core.clock import now
from pisang.core.errors import PisangError
from pisang.fetch.fetcher import Fetcher
from pisang.hooks import deliveries
from pisang.hooks.deliveries import Delivery
from pisang.hooks.signing import headers
from pisang.store.database import Database
from pisang.store.keyring import Keyring
from pisang.store.sealing import HOOK, identity

log = structlog.get_logger("pisang.hooks")

AT_ONCE: Final = 8
OFTEN: Final = 5.0  # seconds between two looks, where nobody calls
SECONDS: Final = 15.0
"""What one try may take: far less than ``deliveries.LEASE``."""

_GONE: Final = 410  # Standard Webhooks: who answers this wants no more of it


class Sender:
    """Sends what is due. ``clock`` is UTC without a zone."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        fetcher: Fetcher,
        *,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._fetcher = fetcher
        self._clock = clock
        self._called = asyncio.Event()

    def call(self) -> None:
        """Has what is new sent at once, instead of in some seconds."""
        self._called.set()

    async def round(self) -> int:
        """Sends all that is due; returns how many that were. Raises ``StoreError``."""
        sent = 0
        while True:
            async with self._database.read() as connection:
                if not await deliveries.waiting(connection, self._clock()):
                    return sent
            async with self._database.write() as connection:
                await self._keyring.refresh(connection)
                claimed = await deliveries.claim(connection, self._clock(), most=AT_ONCE)
            await asyncio.gather(*(self._send(each) for each in claimed))
            sent += len(claimed)

    async def run(self, *, often: float = OFTEN) -> None:
        """Sends until it is cancelled; whatever goes wrong is logged and tried again."""
        while True:
            try:
                await self.round()
            except PisangError as error:
                log.error("hooks cannot be sent", why=error.message)
            except Exception:
                log.exception("hooks cannot be sent")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._called.wait(), often)
            self._called.clear()

    async def _send(self, delivery: Delivery) -> None:
        error, final = await self._try(delivery)
        async with self._database.write() as connection:
            status = await deliveries.settle(
                connection, delivery, self._clock(), error=error, final=final
            )
        tell = log.info if not error else log.warning
        tell(
            "hook",
            id=delivery.id,
            event_type=delivery.event,
            project=delivery.project_id,
            attempt=delivery.attempts + 1,
            status=status.value,
            **({"why": error} if error else {}),
        )

    async def _try(self, delivery: Delivery) -> tuple[str, bool]:
        """Why one try failed, empty where it did not; and whether there should be no other."""
        bound = identity(HOOK, delivery.project_id)
        try:
            secret = self._keyring.unseal(delivery.secret, identity=bound)
            status = await post(
                self._fetcher, delivery.url, delivery.body, id_=delivery.id, secret=secret
            )
        except PisangError as error:
            return error.message, False
        return told(status), status == _GONE


async def post(fetcher: Fetcher, url: str, body: str, *, id_: str, secret: str) -> int:
    """Sends one hook; returns the HTTP status. Raises ``FetchFailed``."""
    at = int(datetime.now(UTC).timestamp())
    sent = body.encode()
    return await fetcher.post(url, sent, headers=headers(id_, at, sent, secret), field="hook")


def told(status: int) -> str:
    """What is wrong with an HTTP status; empty where nothing is."""
    return "" if 200 <= status < 300 else f"The address answered with HTTP status {status}."


@asynccontextmanager
async def sending(sender: Sender, *, often: float = OFTEN) -> AsyncIterator[Sender]:
    """Sends in the background until the block is left; times are in seconds."""
    task = asyncio.create_task(sender.run(often=often), name="hooks")
    try:
        yield sender
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
