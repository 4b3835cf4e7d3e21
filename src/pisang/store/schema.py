"""All tables on one page. A change here needs a migration beside it (a test compares the two).

Times are UTC without a zone. Bytes that may be large (pictures, files, stored answers) are not in
the database: a column ``blob`` names them in ``store/blobs.py``.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
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
    false,
    text,
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
    Column("billing", String(12), nullable=False, server_default="postpaid"),  # or prepaid
    Column("tier", String(8), nullable=False, server_default=""),  # 0, 1, 2, 3; "" has no limits
    Column("markup", String(24), nullable=False, server_default=""),  # 0.2 adds a fifth; "" is 0
    Column("audit_content", Boolean, nullable=False, server_default=false()),  # prompts too
    Column("block_dormant", Boolean, nullable=False, server_default=false()),  # unrestricted keys
    Column("suspended_at", DateTime),
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
    Column("restrictions", Text, nullable=False, server_default="{}"),  # JSON: core/caller.py
    Column("expires_at", DateTime),
    Column("last_used_at", DateTime),
    Column("leaked_at", DateTime),
    Column("replaces", String(40)),  # the key that this one took over from
    Column("created_at", DateTime, nullable=False),
    Column("revoked_at", DateTime),
    Index(None, "project_id"),
)

users = Table(
    "users",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("email", String(254), nullable=False, unique=True),  # lower case
    Column("name", String(120), nullable=False, server_default=""),
    Column("password", String(255)),  # argon2id, with its parameters; None: only by OIDC
    Column("subject", String(512), unique=True),  # issuer, a space, and the subject there
    Column("created_at", DateTime, nullable=False),
    Column("last_sign_in_at", DateTime),
    Column("disabled_at", DateTime),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),  # SHA-256 of the token
    Column("user_id", String(40), ForeignKey("users.id"), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("expires_at", DateTime, nullable=False),
    Index(None, "expires_at"),
    Index(None, "user_id"),
)

sign_in_attempts = Table(
    # Those of the last minutes, so that all servers count together.
    "sign_in_attempts",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("subject", LargeBinary(32), primary_key=True),  # SHA-256 of whose, or from where
    Column("expires_at", DateTime, nullable=False),
    Index(None, "expires_at"),
    Index(None, "subject"),
)

members = Table(
    # Who has which role: in one project, or, where project_id is "", in all of the server.
    "members",
    metadata,
    Column("project_id", String(40), primary_key=True),
    Column("principal", String(300), primary_key=True),  # user:MAIL | serviceAccount:MAIL | key:ID
    Column("role", String(24), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Index(None, "principal"),
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

# --- how much ------------------------------------------------------------------------------------

limits = Table(
    "limits",
    metadata,
    Column("scope", String(60), primary_key=True),  # project:ID | key:ID | tier:1
    Column("model", String(128), primary_key=True),  # an id, or * for each of the others
    Column("dimension", String(16), primary_key=True),  # core/terms.py
    Column("value", BigInteger, nullable=False),
    Column("updated_at", DateTime, nullable=False),
)

budgets = Table(
    "budgets",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("project_id", String(40), ForeignKey("projects.id"), nullable=False),
    Column("key_id", String(40), nullable=False, server_default=""),  # "" is the whole project
    Column("name", String(63), nullable=False),
    Column("period", String(12), nullable=False),  # core/terms.py
    Column("amount", BigInteger, nullable=False),  # nano-dollars
    Column("enforced", Boolean, nullable=False, server_default=text("true")),  # else it only warns
    Column("thresholds", String(120), nullable=False, server_default=""),  # percents, with commas
    Column("hook", String(2000), nullable=False, server_default=""),
    Column("hook_secret", String(300), nullable=False, server_default=""),  # encrypted
    Column("created_at", DateTime, nullable=False),
    Index(None, "project_id"),
)

counters = Table(
    # What was used of each limit: packed windows, as ledger/windows.py has them.
    "counters",
    metadata,
    Column("subject", String(60), primary_key=True),  # project:ID | key:ID
    Column("model", String(128), primary_key=True),
    Column("dimension", String(16), primary_key=True),
    Column("used", Text, nullable=False),
)

spending = Table(
    # What was spent and is held of each budget, in each of its periods.
    "spending",
    metadata,
    Column("budget_id", String(40), primary_key=True),
    Column("period_start", BigInteger, primary_key=True),  # seconds since 1970
    Column("posted", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    Column("warned", Integer, nullable=False, server_default="0"),  # the highest threshold told
)

# --- money (all amounts in nano-dollars) ----------------------------------------------------------

ledger_accounts = Table(
    # One row for each project: sums of its entries, kept so that a hold is one row to look at.
    "ledger_accounts",
    metadata,
    Column("project_id", String(40), ForeignKey("projects.id"), primary_key=True),
    Column("granted", BigInteger, nullable=False, server_default="0"),  # top-ups and corrections
    Column("posted", BigInteger, nullable=False, server_default="0"),
    Column("held", BigInteger, nullable=False, server_default="0"),
)

holds = Table(
    # Open holds only: one that is posted, voided or expired is deleted here, and is in entries.
    "holds",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("project_id", String(40), ForeignKey("projects.id"), nullable=False),
    Column("key_id", String(40), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("model", String(128), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("requests", Integer, nullable=False),  # 0 for the second and later pictures of one
    Column("takes", Text, nullable=False),  # JSON: which budgets and counters to give back to
    Column("owner", String(40), nullable=False),  # the server process that runs the request
    Column("created_at", DateTime, nullable=False),
    Column("expires_at", DateTime, nullable=False),
    # No index: these are only the requests under way, and every one is written twice.
    sqlite_with_rowid=False,
)

entries = Table(
    # Append-only. A row is never changed or deleted; sums over it are the balances.
    "entries",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("project_id", String(40), ForeignKey("projects.id"), nullable=False),
    Column("key_id", String(40), nullable=False, server_default=""),
    Column("kind", String(12), nullable=False),  # hold | post | void | expire | top_up | adjust
    Column("hold_id", String(40), nullable=False, server_default=""),  # that it makes or resolves
    Column("resolves", String(40)),  # the hold, so that it can happen only once
    Column("request_id", String(64), nullable=False, server_default=""),
    Column("reference", String(120)),  # what makes a top-up happen only once
    Column("amount", BigInteger, nullable=False),  # held, charged, freed or granted
    Column("cost", BigInteger, nullable=False, server_default="0"),  # what the engine asks for it
    Column("absorbed", BigInteger, nullable=False, server_default="0"),  # beyond what a cap let pay
    Column("rehearsal", Boolean, nullable=False, server_default=false()),
    Column("requests", Integer, nullable=False, server_default="0"),  # as usage_hours counts it
    Column("model", String(128), nullable=False, server_default=""),
    Column("engine", String(63), nullable=False, server_default=""),
    Column("surface", String(24), nullable=False, server_default=""),
    Column("tier", String(24), nullable=False, server_default=""),
    Column("size", String(12), nullable=False, server_default=""),
    Column("finish", String(40), nullable=False, server_default=""),
    Column("price", String(160), nullable=False, server_default=""),  # the price book's row
    Column("usage", Text, nullable=False, server_default="{}"),  # JSON: tokens by modality, images
    Column("components", Text, nullable=False, server_default="{}"),  # JSON: nano-dollars for each
    Column("rates", Text, nullable=False, server_default="{}"),  # JSON: by which, and the markup
    Column("labels", Text, nullable=False, server_default="{}"),  # JSON
    Column("note", String(500), nullable=False, server_default=""),
    Column("actor", String(300), nullable=False, server_default=""),
    Column("at", DateTime, nullable=False),
    # Ids sort by time. Few rows have a reference, and only each second resolves a hold.
    Index(
        "ix_entries_resolves",
        "resolves",
        unique=True,
        sqlite_where=text("resolves IS NOT NULL"),
        postgresql_where=text("resolves IS NOT NULL"),
    ),
    Index(
        "ix_entries_reference",
        "project_id",
        "reference",
        unique=True,
        sqlite_where=text("reference IS NOT NULL"),
        postgresql_where=text("reference IS NOT NULL"),
    ),
    Index(None, "project_id", "at"),
    Index(None, "request_id"),
)

usage_hours = Table(
    # Sums of posts and voids, written with them.
    "usage_hours",
    metadata,
    Column("hour", BigInteger, primary_key=True),  # seconds since 1970, a multiple of 3600
    Column("project_id", String(40), primary_key=True),
    Column("key_id", String(40), primary_key=True),
    Column("model", String(128), primary_key=True),
    Column("engine", String(63), primary_key=True),
    Column("surface", String(24), primary_key=True),
    Column("tier", String(24), primary_key=True),
    Column("rehearsal", Boolean, primary_key=True),
    Column("requests", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    Column("images", BigInteger, nullable=False),
    Column("prompt_text", BigInteger, nullable=False),
    Column("prompt_image", BigInteger, nullable=False),
    Column("text_output", BigInteger, nullable=False),
    Column("thoughts", BigInteger, nullable=False),
    Column("image_output", BigInteger, nullable=False),
    Column("searches", BigInteger, nullable=False),
    Column("engine_ms", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("cost", BigInteger, nullable=False),
    Index(None, "project_id", "hour"),
)

owners = Table(
    # Server processes that may own holds, and when each last said that it lives.
    "owners",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("place", String(300), nullable=False),  # host and process id
    Column("seen_at", DateTime, nullable=False),
)

# --- who did what, and what is told and kept secret -----------------------------------------------

audit = Table(
    # Append-only; each row's hash covers the one before it.
    "audit",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("actor", String(300), nullable=False),  # user:MAIL | key:ID | serviceAccount:MAIL | ...
    Column("address", String(64), nullable=False, server_default=""),
    Column("project_id", String(40), nullable=False, server_default=""),
    Column("action", String(64), nullable=False),  # keys.create
    Column("target", String(300), nullable=False, server_default=""),
    Column("request_id", String(64), nullable=False, server_default=""),
    Column("before", Text, nullable=False, server_default="{}"),  # JSON
    Column("after", Text, nullable=False, server_default="{}"),  # JSON
    Column("previous", LargeBinary(32), nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Index(None, "project_id"),
    Index(None, "at"),
)

deliveries = Table(
    # Web hooks: those still to be told, and for some days those that were.
    "deliveries",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("project_id", String(40), nullable=False),
    Column("url", String(2000), nullable=False),
    Column("secret", String(300), nullable=False, server_default=""),  # encrypted
    Column("event", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("status", String(12), nullable=False, server_default="pending"),  # sent | failed
    Column("last_error", String(500), nullable=False, server_default=""),
    Column("next_at", DateTime, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Index(None, "next_at"),
    Index(None, "project_id"),
)

data_keys = Table(
    # Keys that encrypt what is secret here, themselves encrypted under the operator's key.
    "data_keys",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("master", String(64), nullable=False),  # a fingerprint of the operator's key
    Column("created_at", DateTime, nullable=False),
    Column("retired_at", DateTime),
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
