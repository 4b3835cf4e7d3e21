"""Members, limits, budgets, the ledger, the audit log, web hooks and data keys. Safe while old code
runs: it adds tables, and columns that have a value by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_APPEND_ONLY = ("audit", "entries")


def upgrade() -> None:
    _projects_and_keys()
    _people()
    _limits()
    _money()
    _records()
    _append_only()


def _projects_and_keys() -> None:
    with op.batch_alter_table("projects") as table:
        table.add_column(
            sa.Column("billing", sa.String(12), nullable=False, server_default="postpaid")
        )
        table.add_column(sa.Column("tier", sa.String(8), nullable=False, server_default=""))
        table.add_column(sa.Column("markup", sa.String(24), nullable=False, server_default=""))
        table.add_column(
            sa.Column("audit_content", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        table.add_column(
            sa.Column("block_dormant", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        table.add_column(sa.Column("suspended_at", sa.DateTime()))
    with op.batch_alter_table("keys") as table:
        table.add_column(sa.Column("restrictions", sa.Text(), nullable=False, server_default="{}"))
        table.add_column(sa.Column("expires_at", sa.DateTime()))
        table.add_column(sa.Column("last_used_at", sa.DateTime()))
        table.add_column(sa.Column("leaked_at", sa.DateTime()))
        table.add_column(sa.Column("replaces", sa.String(40)))


def _people() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("email", sa.String(254), nullable=False, unique=True),
        sa.Column("name", sa.String(120), nullable=False, server_default=""),
        sa.Column("password", sa.String(255)),
        sa.Column("subject", sa.String(512), unique=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("last_sign_in_at", sa.DateTime()),
        sa.Column("disabled_at", sa.DateTime()),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("user_id", sa.String(40), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_table(
        "sign_in_attempts",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("subject", sa.LargeBinary(32), primary_key=True),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_sign_in_attempts_expires_at", "sign_in_attempts", ["expires_at"])
    op.create_index("ix_sign_in_attempts_subject", "sign_in_attempts", ["subject"])
    op.create_table(
        "members",
        sa.Column("project_id", sa.String(40), primary_key=True),
        sa.Column("principal", sa.String(300), primary_key=True),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_members_principal", "members", ["principal"])
    # Accounts that were made before there were roles go on making pictures.
    op.execute(
        "INSERT INTO members (project_id, principal, role, created_at) "
        "SELECT project_id, 'serviceAccount:' || email, 'developer', created_at "
        "FROM service_accounts WHERE revoked_at IS NULL"
    )


def _limits() -> None:
    op.create_table(
        "limits",
        sa.Column("scope", sa.String(60), primary_key=True),
        sa.Column("model", sa.String(128), primary_key=True),
        sa.Column("dimension", sa.String(16), primary_key=True),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "budgets",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("project_id", sa.String(40), sa.ForeignKey("projects.id"), nullable=False),
        sa.Column("key_id", sa.String(40), nullable=False, server_default=""),
        sa.Column("name", sa.String(63), nullable=False),
        sa.Column("period", sa.String(12), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("enforced", sa.Boolean(), nullable=False, server_default=sa.text("true")),
        sa.Column("thresholds", sa.String(120), nullable=False, server_default=""),
        sa.Column("hook", sa.String(2000), nullable=False, server_default=""),
        sa.Column("hook_secret", sa.String(300), nullable=False, server_default=""),
        sa.Column("created_at", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_budgets_project_id", "budgets", ["project_id"])
    op.create_table(
        "counters",
        sa.Column("subject", sa.String(60), primary_key=True),
        sa.Column("model", sa.String(128), primary_key=True),
        sa.Column("dimension", sa.String(16), primary_key=True),
        sa.Column("used", sa.Text(), nullable=False),
    )
    op.create_table(
        "spending",
        sa.Column("budget_id", sa.String(40), primary_key=True),
        sa.Column("period_start", sa.BigInteger(), primary_key=True),
        sa.Column("posted", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("warned", sa.Integer(), nullable=False, server_default="0"),
    )


def _money() -> None:
    op.create_table(
        "ledger_accounts",
        sa.Column("project_id", sa.String(40), sa.ForeignKey("projects.id"), primary_key=True),
        sa.Column("granted", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("posted", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("held", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.create_table(
        "holds",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("project_id", sa.String(40), sa.ForeignKey("projects.id"), nullable=False),
        sa.Column("key_id", sa.String(40), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("model", sa.String(128), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("takes", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "entries",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("project_id", sa.String(40), sa.ForeignKey("projects.id"), nullable=False),
        sa.Column("key_id", sa.String(40), nullable=False, server_default=""),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("hold_id", sa.String(40), nullable=False, server_default=""),
        sa.Column("resolves", sa.String(40)),
        sa.Column("request_id", sa.String(64), nullable=False, server_default=""),
        sa.Column("reference", sa.String(120)),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("absorbed", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("rehearsal", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("requests", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("model", sa.String(128), nullable=False, server_default=""),
        sa.Column("engine", sa.String(63), nullable=False, server_default=""),
        sa.Column("surface", sa.String(24), nullable=False, server_default=""),
        sa.Column("tier", sa.String(24), nullable=False, server_default=""),
        sa.Column("size", sa.String(12), nullable=False, server_default=""),
        sa.Column("finish", sa.String(40), nullable=False, server_default=""),
        sa.Column("price", sa.String(160), nullable=False, server_default=""),
        sa.Column("usage", sa.Text(), nullable=False, server_default="{}"),
        sa.Column("components", sa.Text(), nullable=False, server_default="{}"),
        sa.Column("rates", sa.Text(), nullable=False, server_default="{}"),
        sa.Column("labels", sa.Text(), nullable=False, server_default="{}"),
        sa.Column("note", sa.String(500), nullable=False, server_default=""),
        sa.Column("actor", sa.String(300), nullable=False, server_default=""),
        sa.Column("at", sa.DateTime(), nullable=False),
    )
    for name, columns in (
        ("ix_entries_resolves", ["resolves"]),
        ("ix_entries_reference", ["project_id", "reference"]),
    ):
        some = sa.text(f"{columns[-1]} IS NOT NULL")
        op.create_index(
            name, "entries", columns, unique=True, sqlite_where=some, postgresql_where=some
        )
    op.create_index("ix_entries_project_id", "entries", ["project_id", "at"])
    op.create_index("ix_entries_request_id", "entries", ["request_id"])
    op.create_table(
        "usage_hours",
        sa.Column("hour", sa.BigInteger(), primary_key=True),
        sa.Column("project_id", sa.String(40), primary_key=True),
        sa.Column("key_id", sa.String(40), primary_key=True),
        sa.Column("model", sa.String(128), primary_key=True),
        sa.Column("engine", sa.String(63), primary_key=True),
        sa.Column("surface", sa.String(24), primary_key=True),
        sa.Column("tier", sa.String(24), primary_key=True),
        sa.Column("rehearsal", sa.Boolean(), primary_key=True),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("images", sa.BigInteger(), nullable=False),
        sa.Column("prompt_text", sa.BigInteger(), nullable=False),
        sa.Column("prompt_image", sa.BigInteger(), nullable=False),
        sa.Column("text_output", sa.BigInteger(), nullable=False),
        sa.Column("thoughts", sa.BigInteger(), nullable=False),
        sa.Column("image_output", sa.BigInteger(), nullable=False),
        sa.Column("searches", sa.BigInteger(), nullable=False),
        sa.Column("engine_ms", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_usage_hours_project_id", "usage_hours", ["project_id", "hour"])
    op.create_table(
        "owners",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("place", sa.String(300), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
    )


def _records() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.String(300), nullable=False),
        sa.Column("address", sa.String(64), nullable=False, server_default=""),
        sa.Column("project_id", sa.String(40), nullable=False, server_default=""),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("target", sa.String(300), nullable=False, server_default=""),
        sa.Column("request_id", sa.String(64), nullable=False, server_default=""),
        sa.Column("before", sa.Text(), nullable=False, server_default="{}"),
        sa.Column("after", sa.Text(), nullable=False, server_default="{}"),
        sa.Column("previous", sa.LargeBinary(32), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
    )
    op.create_index("ix_audit_project_id", "audit", ["project_id"])
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("secret", sa.String(300), nullable=False, server_default=""),
        sa.Column("event", sa.String(64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("status", sa.String(12), nullable=False, server_default="pending"),
        sa.Column("last_error", sa.String(500), nullable=False, server_default=""),
        sa.Column("next_at", sa.DateTime(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_deliveries_next_at", "deliveries", ["next_at"])
    op.create_index("ix_deliveries_project_id", "deliveries", ["project_id"])
    op.create_table(
        "data_keys",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("master", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("retired_at", sa.DateTime()),
    )


def _append_only() -> None:
    """Nobody changes or deletes what was written down, not even by mistake. A migration that makes
    one of these tables anew has to make its triggers anew."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION pisang_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        )
        for table in _APPEND_ONLY:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
                f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION pisang_append_only()"
            )
        return
    for table in _APPEND_ONLY:
        for deed in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_append_only_{deed} BEFORE {deed.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
