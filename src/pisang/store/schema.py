"""All tables on one page. A change here needs a migration beside it (a test compares the two)."""

from sqlalchemy import Column, DateTime, ForeignKey, Index, LargeBinary, MetaData, String, Table

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

projects = Table(
    "projects",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(63), nullable=False, unique=True),
    Column("created_at", DateTime, nullable=False),  # UTC, without a zone
)

keys = Table(
    "keys",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("project_id", String(40), ForeignKey("projects.id"), nullable=False),
    Column("name", String(63), nullable=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True),  # SHA-256 of the key
    Column("last4", String(4), nullable=False),  # so that a person can tell keys apart
    Column("created_at", DateTime, nullable=False),
    Column("revoked_at", DateTime),
    Index(None, "project_id"),
)
