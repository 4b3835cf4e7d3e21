"""What the first start makes: the default project and, if there was never a key, a first one."""

from pisang.accounts import keys, projects
from pisang.accounts.keys import NewKey
from pisang.core.caller import Allowance
from pisang.store.database import Database


async def ensure_default_project(database: Database) -> None:
    """Makes the default project where it is missing."""
    async with database.write() as connection:
        await projects.ensure(connection, projects.DEFAULT)


async def ensure_first_key(database: Database) -> NewKey | None:
    """Makes the first key of this data folder; None where a key was made before.

    Of two servers that start at once exactly one makes it.
    """
    async with database.write() as connection:
        if await keys.any_made(connection):
            return None
        project = await projects.ensure(connection, projects.DEFAULT)
        # A fault hurts only who asks for it, and this key is for trying things out.
        allowed = (Allowance.FAULTS,)
        return await keys.create(connection, project, name="first", allowed=allowed)
