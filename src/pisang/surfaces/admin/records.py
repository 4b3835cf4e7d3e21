"""What the handlers of the admin API work on: the records, and how to tell who asks.

It is all that they know, so the same handlers serve a whole server, where who asks shows a
credential, and one command in the data folder, where whoever runs it is the operator. It lies in
the application's ``state``.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import Request

from pisang.accounts.principals import Principal
from pisang.settings import Settings
from pisang.store.database import Database
from pisang.store.folder import Folder

if TYPE_CHECKING:
    from pisang.routing.names import Names

Who = Callable[[Request], Awaitable[Principal]]
"""Tells who asks. Raises an ``AdmissionError``."""


@dataclass(frozen=True, slots=True)
class Records:
    """What was opened; ``secret`` is the signing key of this server, ``names`` tells which models
    and engines there are."""

    database: Database
    settings: Settings
    secret: bytes
    who: Who
    names: Callable[[], Awaitable["Names"]]

    @property
    def folder(self) -> Folder:
        """The data folder."""
        return Folder(self.settings.data)


def records(call: Request) -> Records:
    """The records of the application that a request came to."""
    found: Records = call.app.state.records
    return found
