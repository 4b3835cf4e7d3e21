"""All tables on one page. A change here needs a migration beside it (a test compares the two).

Times are UTC without a zone. Bytes that may be large (pictures, files, stored answers) are not in
the database: a column ``blob`` names them in ``store/blobs.py``.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# --- who may -------------------------------------------------------------------------------------

projects = Table(
    "projects",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(63), nullable=False, unique=True),
    Column("number", String(12), nullable=False, unique=True),  # 12 digits, as Google's have
    Column("locations", Text, nullable=False, server_default=""),  # with commas; "" is anywhere
    Column("fault", String(63), nullable=False, server_default=""),  # that every answer has
    Column("created_at", DateTime, nullable=False),
)

keys = Table(
    "keys",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("project_id", String(40), ForeignKey("projects.id"), nullable=False),
    Column("name", String(63), nullable=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True),  # SHA-256 of the key
    Column("last4", String(4), nullable=False),  # so that a person can tell keys apart
    Column("chat_images", String(12), nullable=False, server_default="images"),
    Column("allowed", String(120), nullable=False, server_default=""),  # Allowances, with commas
    Column("created_at", DateTime, nullable=False),
    Column("revoked_at", DateTime),
    Index(None, "project_id"),
)

service_accounts = Table(
    "service_accounts",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("project_id", String(40), ForeignKey("projects.id"), nullable=False),
    Column("name", String(63), nullable=False),
    Column("email", String(254), nullable=False, unique=True),
    Column("created_at", DateTime, nullable=False),
    Column("revoked_at", DateTime),
    Index(None, "project_id"),
)

service_account_keys = Table(
    "service_account_keys",
    metadata,
    Column("id", String(40), primary_key=True),  # the private_key_id of the file
    Column("account_id", String(40), ForeignKey("service_accounts.id"), nullable=False),
    Column("public_key", Text, nullable=False),  # PEM; the private half is never kept
    Column("created_at", DateTime, nullable=False),
    Column("revoked_at", DateTime),
    Index(None, "account_id"),
)

access_tokens = Table(
    "access_tokens",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),  # SHA-256 of the token
    Column("key_id", String(40), ForeignKey("service_account_keys.id"), nullable=False),
    Column("expires_at", DateTime, nullable=False),
    Index(None, "expires_at"),
)

# --- where requests go ----------------------------------------------------------------------------

engines = Table(
    "engines",
    metadata,
    Column("name", String(63), primary_key=True),
    Column("spec", Text, nullable=False),  # JSON, as [engines.NAME] has it in the settings file
    Column("created_at", DateTime, nullable=False),
    Column("updated_at", DateTime, nullable=False),
)

routes = Table(
    "routes",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("spec", Text, nullable=False),  # JSON, as [[routes]] has it in the settings file
    Column("created_at", DateTime, nullable=False),
    Column("updated_at", DateTime, nullable=False),
)

revisions = Table(
    # One row for each kind of thing that servers keep in memory; its number grows with each change.
    "revisions",
    metadata,
    Column("name", String(63), primary_key=True),  # credentials | routes
    Column("number", BigInteger, nullable=False),
)

# --- what is kept for callers ---------------------------------------------------------------------

files = Table(
    "files",
    metadata,
    Column("project_id", String(40), ForeignKey("projects.id"), primary_key=True),
    Column("name", String(40), primary_key=True),  # without "files/"
    Column("display_name", String(512)),
    Column("mime_type", String(255), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", LargeBinary(32), nullable=False),
    Column("source", String(12), nullable=False),  # UPLOADED | GENERATED
    Column("purpose", String(32)),  # what an OpenAI client said it is for
    Column("blob", String(64), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("expires_at", DateTime, nullable=False),
    Index(None, "expires_at"),
)

uploads = Table(
    "uploads",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),  # SHA-256 of the upload id
    Column("project_id", String(40), ForeignKey("projects.id"), nullable=False),
    Column("name", String(40), nullable=False),
    Column("display_name", String(512)),
    Column("mime_type", String(255), nullable=False),
    Column("size", BigInteger),  # as announced; None where it was not
    Column("blob", String(64), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("expires_at", DateTime, nullable=False),
    Index(None, "expires_at"),
)

assets = Table(
    "assets",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("project_id", String(40), ForeignKey("projects.id"), nullable=False),
    Column("mime_type", String(64), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", LargeBinary(32), nullable=False),
    Column("model", String(128), nullable=False),
    Column("blob", String(64), nullable=False),
    Column("thumbnail", String(64)),  # a blob too, made when it is first asked for
    Column("created_at", DateTime, nullable=False),
    Column("expires_at", DateTime, nullable=False),
    Index(None, "expires_at"),
    Index(None, "project_id"),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("project_id", String(40), ForeignKey("projects.id"), nullable=False),
    Column("kind", String(12), nullable=False),  # interaction | response
    Column("previous_id", String(64)),
    Column("status", String(24), nullable=False),
    Column("model", String(128), nullable=False),
    Column("blob", String(64), nullable=False),  # what was asked and answered, as JSON
    Column("created_at", DateTime, nullable=False),
    Column("updated_at", DateTime, nullable=False),
    Column("expires_at", DateTime, nullable=False),
    Index(None, "expires_at"),
    Index(None, "project_id"),
)

signatures = Table(
    "signatures",
    metadata,
    Column("project_id", String(40), ForeignKey("projects.id"), primary_key=True),
    Column("digest", LargeBinary(32), primary_key=True),  # SHA-256 of the picture's file
    Column("blob", String(64)),  # a long signature
    Column("signature", LargeBinary),  # a short one
    Column("expires_at", DateTime, nullable=False),
    Index(None, "expires_at"),
)
