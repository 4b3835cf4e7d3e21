"""What keeps a store from working, in sentences that anybody may read.

The store's own errors name folders and databases, for the operator's log. Who only asks whether the
server is ready, without a key, is told one of these.
"""

from enum import StrEnum


class Obstacle(StrEnum):
    """Why a database or a folder cannot be used."""

    DISK_FULL = "The disk is full."
    DISK_READ_ONLY = "The disk is read-only."
    SERVER_DISK_FULL = "The disk of the database's server is full."
    READ_ONLY = "The database is read-only."
    STANDBY = "The database is read-only: it is a standby."
    SILENT = "The database does not answer."
    HELD = "Another process holds the database."
