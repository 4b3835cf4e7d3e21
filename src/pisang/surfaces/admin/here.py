"""Which models and engines there are for a command on a data folder, without a server.

They are those of the settings that the command has, and of what the admin API made. A server on
that folder may have been started with other settings: then the command has to be given them too.
"""

import os

from pisang.engines import registry
from pisang.routing import kept
from pisang.routing.assemble import assemble
from pisang.routing.names import Names, names_of
from pisang.settings import Settings
from pisang.store.database import Database


async def names(settings: Settings, database: Database) -> Names:
    """Raises ``SettingsError`` where they make no route table."""
    async with database.read() as connection:
        rows = await kept.outline(connection)
    found = assemble(
        settings.engines,
        settings.routes,
        environ=os.environ,
        kept=rows.written,
        kinds=registry.kinds(),
    )
    return names_of(found.table)
