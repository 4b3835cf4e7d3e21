"""Signs people in: who shows a password or is vouched for by the issuer gets a session.

Nobody learns from here who has an account: a wrong password, an unknown email and a disabled user
get the same answer after the same time. Which of them it was stands in the audit log, where every
attempt does that was looked at; one that was refused for too many of them before it writes nothing.
"""

import asyncio
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pisang.accounts import attempts, members, passwords, principals, projects, sessions, users
from pisang.accounts.members import checked_email
from pisang.accounts.sessions import NewSession
from pisang.accounts.users import User
from pisang.audit.record import record
from pisang.core.errors import NotFound, RequestError, SignInFailed, TooManyAttempts
from pisang.core.roles import Role
from pisang.signin.oidc import Issuer, Person
from pisang.store.database import Database

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_AT_A_TIME: Final = 2  # passwords that are compared; each takes 64 MiB
_MOST_WAITING: Final = 40  # for that; one more is sent away
_WRONG: Final = "The email or the password is wrong."
_NOT_ALLOWED: Final = "This person may not sign in here: the operator can let them."
_NOBODY: Final = "nobody"  # who acts while nobody is signed in


@dataclass(frozen=True, slots=True)
class Visitor:
    """The network address of the person who signs in or out, and the id of their request."""

    address: str
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a browser brings back from the issuer, and what it was sent there with."""

    code: str
    redirect: str
    verifier: str
    nonce: str


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
    ) -> None:
        self.issuer = issuer
        self._database = database
        self._lasts = lasts
        self._admits = admits
        self._threads = ThreadPoolExecutor(_AT_A_TIME, "password")
        self._waiting = 0

    async def by_password(self, email: str, password: str, visitor: Visitor) -> NewSession:
        """Signs in by a password. Raises ``SignInFailed`` and ``TooManyAttempts``."""
        email = email.strip().lower()[:254]
        async with self._database.read() as connection:
            await attempts.check(connection, visitor.address, email)
            found = await users.password_of(connection, email)
        async with self._database.write() as connection:
            attempt = await attempts.admit(connection, visitor.address, email)
        kept = found[1] if found and found[0].disabled_at is None else None
        right = await self._fits(kept, password)
        if not right or found is None:
            await self._refused(email, _why_not(found), visitor, by="password")
            raise SignInFailed(_WRONG)
        return await self._started(found[0].id, visitor, by="password", attempt=attempt)

    async def by_issuer(self, issuer: Issuer, proof: Proof, visitor: Visitor) -> User:
        """The user whom the issuer vouches for, made at their first sign-in. Raises
        ``SignInFailed`` for who may not come in, and ``TooManyAttempts``."""
        async with self._database.write() as connection:
            attempt = await attempts.admit(connection, visitor.address)
        email = ""
        try:
            person = await issuer.person(
                proof.code, redirect=proof.redirect, verifier=proof.verifier, nonce=proof.nonce
            )
            email = person.email
            user = await self._known(person)
        except SignInFailed as error:
            await self._refused(email, error.message, visitor, by="issuer")
            raise
        async with self._database.write() as connection:
            await attempts.passed(connection, attempt, visitor.address)
        return user

    async def for_user(self, user_id: str, visitor: Visitor) -> NewSession:
        """A session for whom the issuer vouched for a moment ago. Raises ``SignInFailed``."""
        return await self._started(user_id, visitor, by="issuer")

    async def end(self, token: str, principal: str, visitor: Visitor) -> None:
        """Signs out; a token that was signed out already is fine."""
        async with self._database.write() as connection:
            if await sessions.end(connection, token):
                await record(
                    connection,
                    actor=principal,
                    action="sessions.end",
                    address=visitor.address,
                    target=_target(principal.removeprefix("user:")),
                    request_id=visitor.request_id,
                )

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self.issuer is not None:
            await self.issuer.close()

    async def _known(self, person: Person) -> User:
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

    async def _started(
        self, user_id: str, visitor: Visitor, *, by: str, attempt: str = ""
    ) -> NewSession:
        async with self._database.write() as connection:
            try:
                user = await users.find(connection, user_id)
            except NotFound:
                raise SignInFailed(_WRONG) from None
            if user.disabled_at is not None:
                raise SignInFailed(_WRONG)
            made = await sessions.start(connection, user, lasts=self._lasts)
            if attempt:
                await attempts.passed(connection, attempt, visitor.address, user.email)
            await record(
                connection,
                actor=user.principal,
                action="sessions.create",
                address=visitor.address,
                target=_target(user.email),
                after={"by": by},
                request_id=visitor.request_id,
            )
            return made

    async def _refused(self, email: str, why: str, visitor: Visitor, *, by: str) -> None:
        """Writes down who did not get in."""
        async with self._database.write() as connection:
            await record(
                connection,
                actor=_NOBODY,
                action="sessions.refuse",
                address=visitor.address,
                target=_target(email),
                after={"by": by, "why": why},
                request_id=visitor.request_id,
            )


def _why_not(found: tuple[User, str | None] | None) -> str:
    if found is None:
        return "there is no such user"
    user, kept = found
    if user.disabled_at is not None:
        return "the user is disabled"
    return "the password is wrong" if kept is not None else "the user has no password"


def _target(email: str) -> str:
    """Who it was about; nothing where what was typed is no email: it may be a password."""
    try:
        return f"users/{checked_email(email)}"
    except RequestError:
        return ""
