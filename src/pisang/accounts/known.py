"""Remembers who came with a credential, for as long as nobody's credentials change.

Asking the database costs a millisecond, which is more than all else that passing a request on does.
So callers are kept by the digest of what they came with, and forgotten, all of them, as soon as the
``credentials`` row of ``store/revisions.py`` counts on: it is looked at for each request, and every
function of ``accounts`` that changes or ends something counts. So what is revoked stops at once, in
every process, as if nothing were kept. What is not valid is asked for each time.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.accounts import keys, tokens
from pisang.accounts.credentials import digest
from pisang.core.caller import Caller
from pisang.core.clock import now
from pisang.store.database import Database
from pisang.store.revisions import CREDENTIALS, numbers

MOST: Final = 10_000
"""Callers that are kept; one more, and all are forgotten."""


Proof = tuple[Caller, datetime | None]
"""Whom a credential stands for, and until when; None for as long as it is not revoked."""


class Known:
    """The callers of one process; ``dormant`` is as in ``keys.verify``. Close it at the end."""

    def __init__(self, database: Database, *, dormant: timedelta = keys.DORMANT) -> None:
        self.database = database
        self.dormant = dormant
        self._numbers = numbers(database)
        self._number = 0
        self._proofs: dict[bytes, Proof] = {}

    async def by_key(self, secret: str) -> Caller | None:
        """The caller an API key stands for; None for one that is unknown or revoked. Raises what
        ``keys.verify`` does."""

        async def asked(connection: AsyncConnection) -> Proof | None:
            valid = await keys.verify(connection, secret, dormant=self.dormant)
            return (valid.caller, valid.expires_at) if valid else None

        return await self._caller(secret, asked)

    async def by_token(self, secret: str) -> Caller:
        """The caller an access token stands for. Raises ``InvalidToken`` or ``ExpiredToken``."""

        async def asked(connection: AsyncConnection) -> Proof:
            valid = await tokens.verify(connection, secret)
            return valid.caller, valid.expires_at

        caller = await self._caller(secret, asked)
        assert caller is not None
        return caller

    def close(self) -> None:
        self._numbers.close()

    async def _caller(
        self, secret: str, asked: Callable[[AsyncConnection], Awaitable[Proof | None]]
    ) -> Caller | None:
        number = self._numbers.now(CREDENTIALS)
        if not isinstance(number, int):  # PostgreSQL says it soon
            number = await number
        if number != self._number:
            self._number = number
            self._proofs.clear()
        name = digest(secret)
        if name in self._proofs:
            caller, expires_at = self._proofs[name]
            if expires_at is None or now() < expires_at:
                return caller
        async with self.database.read() as connection:
            proof = await asked(connection)
        # What was read may be newer than the number, and is then asked for once more; never older.
        if proof is not None and number == self._number:
            if len(self._proofs) >= MOST:
                self._proofs.clear()
            self._proofs[name] = proof
        return proof[0] if proof else None
