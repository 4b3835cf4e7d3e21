"""Signs people in: who shows a password or is vouched for by the issuer gets a session.

Nobody learns from here who has an account: a wrong password, an unknown email and a disabled user
get the same answer after the same time.
"""

import asyncio
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pisang.accounts import members, passwords, principals, projects, sessions, users
from pisang.accounts.sessions import NewSession
from pisang.accounts.users import User
from pisang.audit.record import record
from pisang.core.errors import NotFound, RequestError, SignInFailed, TooManyAttempts
from pisang.core.roles import Role
from pisang.signin.attempts import Attempts
from pisang.signin.oidc import Issuer, Person
from pisang.store.database import Database

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_AT_A_TIME: Final = 2  # passwords that are compared; each takes 64 MiB
_MOST_WAITING: Final = 40  # for that; one more is sent away
_WRONG: Final = "The email or the password is wrong."
_NOT_ALLOWED: Final = "This person may not sign in here: the operator can let them."


@dataclass(frozen=True, slots=True, kw_only=True)
class Admits:
    """Whom the issuer may bring, by the domain of the email or all of it (empty: everybody), and
    the role in the default project that they get at their first sign-in."""

    domains: Collection[str] = ()
    emails: Collection[str] = ()
    role: Role | None = None

    def has(self, email: str) -> bool:
        if not self.domains and not self.emails:
            return True
        return email in self.emails or email.rpartition("@")[2] in self.domains


class SignIn:
    """How people sign in to one process. Close it at the end."""

    def __init__(
        self,
        database: Database,
        *,
        lasts: timedelta,
        issuer: Issuer | None = None,
        admits: Admits = Admits(),
        attempts: Attempts | None = None,
    ) -> None:
        self.issuer = issuer
        self._database = database
        self._lasts = lasts
        self._admits = admits
        self._attempts = attempts or Attempts()
        self._threads = ThreadPoolExecutor(_AT_A_TIME, "password")
        self._waiting = 0

    async def by_password(self, email: str, password: str, address: str) -> NewSession:
        """Signs in by a password; ``address`` is where they are. Raises ``SignInFailed`` and
        ``TooManyAttempts``."""
        email = email.strip().lower()[:254]
        self._attempts.admit(email, address)
        async with self._database.read() as connection:
            found = await users.password_of(connection, email)
        kept = found[1] if found and found[0].disabled_at is None else None
        right = await self._fits(kept, password)
        if not right or found is None:
            raise SignInFailed(_WRONG)
        self._attempts.passed(email, address)
        return await self._started(found[0].id, address)

    async def by_issuer(self, person: Person) -> User:
        """The user whom the issuer vouches for, made at their first sign-in. Raises
        ``SignInFailed`` for who may not come in."""
        if not self._admits.has(person.email):
            raise SignInFailed(_NOT_ALLOWED)
        async with self._database.write() as connection:
            user = await users.by_subject(connection, person.subject)
            if user is None:
                with suppress(NotFound):
                    user = await users.find(connection, person.email)
                    if user.subject is not None:  # somebody else had this address before
                        raise SignInFailed(_NOT_ALLOWED)
                    user = await users.change(connection, user.id, subject=person.subject)
            elif (
                user.email != person.email
            ):  # roles were given to the address, not to whoever has it
                raise SignInFailed(_NOT_ALLOWED)
            if user is None:
                try:
                    user = await users.create(
                        connection, person.email, name=person.name[:120], subject=person.subject
                    )
                except RequestError as error:
                    raise SignInFailed(_NOT_ALLOWED) from error
                await self._welcome(connection, user)
        if user.disabled_at is not None:
            raise SignInFailed(_NOT_ALLOWED)
        return user

    async def for_user(self, user_id: str, address: str) -> NewSession:
        """A session for who was found to be this user a moment ago. Raises ``SignInFailed``."""
        return await self._started(user_id, address)

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self.issuer is not None:
            await self.issuer.close()

    async def _fits(self, kept: str | None, password: str) -> bool:
        """Whether it is this password. Raises ``TooManyAttempts`` where too many ask that."""
        if self._waiting >= _MOST_WAITING:
            raise TooManyAttempts("Too many people sign in just now. Try again.", retry_after=5)
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, passwords.fits, kept, password)
        finally:
            self._waiting -= 1

    async def _welcome(self, connection: "AsyncConnection", user: User) -> None:
        """Gives who comes for the first time their role, unless somebody gave them one before."""
        home = await projects.ensure(connection, projects.DEFAULT)
        before = await principals.named(connection, user.principal)
        if self._admits.role is not None and home.id not in before.roles:
            await members.put(connection, user.principal, self._admits.role, home)

    async def _started(self, user_id: str, address: str) -> NewSession:
        async with self._database.write() as connection:
            try:
                user = await users.find(connection, user_id)
            except NotFound:
                raise SignInFailed(_WRONG) from None
            if user.disabled_at is not None:
                raise SignInFailed(_WRONG)
            made = await sessions.start(connection, user, lasts=self._lasts)
            await record(
                connection,
                actor=user.principal,
                action="sessions.create",
                address=address,
                target=f"users/{user.email}",
            )
            return made
