"""The same transactions on PostgreSQL: one writer at a time, and readers who see one state.

The records look first and write then, as SQLite lets them: there a write transaction is alone from
its start. So it is here: each takes a lock of ours before anything else (``take_turn``). The
ledger, which is written with every request, does not come this way: it locks the rows it changes.

asyncpg is the driver, an extra of this package: it is loaded when a PostgreSQL is named.
"""

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError, DisconnectionError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from pisang.core.errors import SettingsError, StoreError, StoreUnavailable
from pisang.core.obstacles import Obstacle

Connection = Any
"""One of asyncpg's, which has no types."""

BUSY_SECONDS: Final = 10
"""How long a transaction waits for a lock."""

SCHEMES: Final = ("postgresql", "postgres")

OLDEST: Final = 13
"""The first version that tells which transaction is under way (``pg_current_xact_id``): the ledger
knows by that whether others have written."""

TURN: Final = f"SELECT pg_advisory_xact_lock({0x706973616E67_01})"  # "pisang" and a number
"""What every write transaction begins with."""

_CONNECT_SECONDS: Final = 10
_COMMAND_SECONDS: Final = 60  # a line that went dead without a word must not hold anybody for good
_MIGRATING: Final = f"SELECT pg_advisory_xact_lock({0x706973616E67_02})"
_READ_ONLY: Final = MappingProxyType(
    {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
)

# Of every connection: times without a zone are UTC, and nobody waits for a lock for good.
_SETTINGS: Final = MappingProxyType(
    {
        "application_name": "pisang",
        "timezone": "UTC",
        "lock_timeout": f"{BUSY_SECONDS}s",
        "jit": "off",  # queries are small: it costs more than it gains
    }
)

# How the codes of PostgreSQL begin, and what an operator can do about it.
_REMEDIES: Final = (
    ("28", "it refuses this user or password. Check PISANG_DATABASE_URL."),
    ("3D000", "there is no database of this name. Make it (createdb), or correct the address."),
    ("42501", "this user may not do that. Let it own the database."),
    ("53100", "the disk of its server is full. Free some space and try again."),
    ("53300", "it has no connection to spare. Raise its max_connections, or run fewer servers."),
    ("25006", "it only reads: it is a standby. Name the primary in PISANG_DATABASE_URL."),
    ("55P03", f"another process held it for more than {BUSY_SECONDS} seconds. Try again."),
    ("57P", "it is stopping or starting. Try again soon."),
    ("08", "the connection was lost. Look whether its server runs, and try again."),
)
_PASSING: Final = ("53", "55P03", "57P", "08")
"""How the codes begin of what will go again, without anything to be repaired."""

_NO_ANSWER: Final = "it does not answer. Look whether its server runs and can be reached."

_OBSTACLES: Final[Mapping[str, Obstacle]] = MappingProxyType(
    {
        "53100": Obstacle.SERVER_DISK_FULL,
        "25006": Obstacle.STANDBY,
        "55P03": Obstacle.HELD,
        "08": Obstacle.SILENT,
    }
)
"""How the codes begin of what others are told as well."""


async def connect(
    address: str, *, settings: Mapping[str, str] = _SETTINGS, seconds: float = _COMMAND_SECONDS
) -> Connection:
    """A connection of the driver itself. ``seconds`` is how long one command may take. Raises
    ``StoreError``."""
    driver = _driver()
    try:
        made = await driver.connect(
            address,
            timeout=_CONNECT_SECONDS,
            command_timeout=seconds,
            server_settings=dict(settings),
        )
        version = made.get_server_version()
        if version.major < OLDEST:
            await made.close()
    except (OSError, ValueError, driver.PostgresError, driver.InterfaceError) as error:
        raise _sentence(address, error) from error
    if version.major < OLDEST:
        raise StoreError(
            f"The database {name(address)} cannot be used: it is of PostgreSQL {version.major}, "
            f"and pisang needs {OLDEST} or newer."
        )
    return made


def engine(address: str) -> AsyncEngine:
    """The connections of a server, kept and handed out. Raises ``SettingsError`` without the
    driver."""
    made = _engine(partial(connect, address), pool_timeout=BUSY_SECONDS)
    _prepare(made.sync_engine)
    return made


def options(*, writes: bool) -> Mapping[str, Any]:
    """How a transaction is begun: one that reads sees one state of everything."""
    return {} if writes else _READ_ONLY


async def take_turn(connection: AsyncConnection) -> None:
    """Waits until no other write transaction is under way; to be the first thing that one does."""
    await connection.execute(text(TURN))


@contextmanager
def sentences(address: str) -> Iterator[None]:
    """Turns whatever the database raises into a ``StoreError`` that says what to do."""
    driver = _driver()
    try:
        yield
    except (SQLAlchemyError, driver.PostgresError, driver.InterfaceError, TimeoutError) as error:
        raise _sentence(address, error) from error


async def migrating(address: str, upgrade: Any) -> None:
    """Runs ``upgrade`` over a connection in one transaction, which no other server's upgrade runs
    beside: who comes second waits, and finds nothing to do."""
    patient = {**_SETTINGS, "lock_timeout": "0"}
    creator = partial(connect, address, settings=patient, seconds=86_400)
    made = _engine(creator, poolclass=NullPool)
    try:
        with sentences(address):
            async with made.begin() as connection:
                await connection.execute(text(_MIGRATING))
                await connection.run_sync(upgrade)
    finally:
        await made.dispose()


def name(address: str) -> str:
    """A database as people see it: without user and password."""
    parts = urlsplit(address)
    return f"{unquote(parts.path.lstrip('/')) or 'of PostgreSQL'} at {_place(address)}"


def _place(address: str) -> str:
    host = urlsplit(address).netloc.rpartition("@")[2]
    return host or "this machine"


def _engine(creator: Callable[..., Any], **words: Any) -> AsyncEngine:
    _driver()
    return create_async_engine("postgresql+asyncpg://", async_creator=creator, **words)


def _driver() -> Any:
    try:
        return import_module("asyncpg")
    except ImportError as error:
        raise SettingsError(
            "database_url names a PostgreSQL, and its driver is not installed: "
            "pip install 'pisang[postgres]'.",
            field="database_url",
        ) from error


def _prepare(engine: Engine) -> None:
    @event.listens_for(engine, "checkout")
    def _checkout(dbapi: Any, _record: Any, _proxy: Any) -> None:
        """A connection that broke while nobody used it is replaced, without asking over it."""
        if dbapi.driver_connection.is_closed():
            raise DisconnectionError

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def _execute(
        _connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool
    ) -> tuple[str, Any]:
        """PostgreSQL keeps no text with the letter 0, which SQLite does."""
        if many:
            return statement, [without_zero(row) for row in values]
        return statement, without_zero(values)


def without_zero(values: Any) -> Any:
    """A row without the letter 0 in any text."""
    if any(isinstance(value, str) and "\0" in value for value in values):
        return tuple(
            value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value
            for value in values
        )
    return values


def _sentence(address: str, error: BaseException) -> StoreError:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    code = getattr(cause, "sqlstate", None) or ""
    remedy = next((remedy for start, remedy in _REMEDIES if code.startswith(start)), None)
    if remedy is None and isinstance(cause, socket.gaierror):
        remedy = "the name of its host is not known here. Check PISANG_DATABASE_URL."
    elif remedy is None and isinstance(cause, OSError):  # a TimeoutError is one too
        remedy = _NO_ANSWER
    passing = code.startswith(_PASSING) or remedy == _NO_ANSWER
    kind = StoreUnavailable if passing else StoreError
    failed = kind(f"The database {name(address)} cannot be used: {remedy or f'{cause}.'}")
    known = (obstacle for start, obstacle in _OBSTACLES.items() if code.startswith(start))
    failed.obstacle = Obstacle.SILENT if remedy == _NO_ANSWER else next(known, None)
    return failed
