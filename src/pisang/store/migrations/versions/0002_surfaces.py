"""Service accounts, files, assets, conversations. Safe while old code runs, but for making a
project: old code gives it no number."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _number_projects()
    with op.batch_alter_table("keys") as table:
        table.add_column(
            sa.Column("chat_images", sa.String(12), nullable=False, server_default="images")
        )
    _sign_in()
    _files()
    _assets()
    _conversations()
    for kept in ("files", "uploads", "assets", "conversations", "signatures"):
        op.create_index(f"ix_{kept}_expires_at", kept, ["expires_at"])


def _number_projects() -> None:
    op.add_column("projects", sa.Column("number", sa.String(12)))
    connection = op.get_bind()
    for (project,) in connection.execute(sa.text("SELECT id FROM projects")).all():
        number = str(10**11 + secrets.randbelow(9 * 10**11))
        connection.execute(
            sa.text("UPDATE projects SET number = :number WHERE id = :id"),
            {"number": number, "id": project},
        )
    with op.batch_alter_table("projects") as table:
        table.alter_column("number", existing_type=sa.String(12), nullable=False)
        table.create_unique_constraint("uq_projects_number", ["number"])


def _sign_in() -> None:
    op.create_table(
        "service_accounts",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(63), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("revoked_at", sa.DateTime),
        sa.PrimaryKeyConstraint("id", name="pk_service_accounts"),
        _of_project("service_accounts"),
        sa.UniqueConstraint("email", name="uq_service_accounts_email"),
    )
    op.create_index("ix_service_accounts_project_id", "service_accounts", ["project_id"])
    op.create_table(
        "service_account_keys",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("account_id", sa.String(40), nullable=False),
        sa.Column("public_key", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("revoked_at", sa.DateTime),
        sa.PrimaryKeyConstraint("id", name="pk_service_account_keys"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["service_accounts.id"], name="fk_service_account_keys_account_id"
        ),
    )
    op.create_index("ix_service_account_keys_account_id", "service_account_keys", ["account_id"])
    op.create_table(
        "access_tokens",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("key_id", sa.String(40), nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_access_tokens"),
        sa.ForeignKeyConstraint(
            ["key_id"], ["service_account_keys.id"], name="fk_access_tokens_key_id"
        ),
    )
    op.create_index("ix_access_tokens_expires_at", "access_tokens", ["expires_at"])


def _files() -> None:
    op.create_table(
        "files",
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("display_name", sa.String(512)),
        sa.Column("mime_type", sa.String(255), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("source", sa.String(12), nullable=False),
        sa.Column("purpose", sa.String(32)),
        sa.Column("blob", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "name", name="pk_files"),
        _of_project("files"),
    )
    op.create_table(
        "uploads",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("display_name", sa.String(512)),
        sa.Column("mime_type", sa.String(255), nullable=False),
        sa.Column("size", sa.BigInteger),
        sa.Column("blob", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_uploads"),
        _of_project("uploads"),
    )


def _assets() -> None:
    op.create_table(
        "assets",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("mime_type", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("model", sa.String(128), nullable=False),
        sa.Column("blob", sa.String(64), nullable=False),
        sa.Column("thumbnail", sa.String(64)),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_assets"),
        _of_project("assets"),
    )
    op.create_index("ix_assets_project_id", "assets", ["project_id"])


def _conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("previous_id", sa.String(64)),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("model", sa.String(128), nullable=False),
        sa.Column("blob", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
        _of_project("conversations"),
    )
    op.create_index("ix_conversations_project_id", "conversations", ["project_id"])
    op.create_table(
        "signatures",
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("blob", sa.String(64)),
        sa.Column("signature", sa.LargeBinary),
        sa.Column("expires_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "digest", name="pk_signatures"),
        _of_project("signatures"),
    )


def _of_project(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=f"fk_{table}_project_id")
