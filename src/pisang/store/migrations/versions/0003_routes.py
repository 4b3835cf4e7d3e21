"""Engines and routes, what a key may do beyond pictures, where a project's requests may go. Safe
while old code runs."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("projects") as table:
        table.add_column(sa.Column("locations", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("fault", sa.String(63), nullable=False, server_default=""))
    with op.batch_alter_table("keys") as table:
        table.add_column(sa.Column("allowed", sa.String(120), nullable=False, server_default=""))
    for name, first in (
        ("engines", sa.Column("name", sa.String(63), primary_key=True)),
        ("routes", sa.Column("id", sa.String(40), primary_key=True)),
    ):
        op.create_table(
            name,
            first,
            *([sa.Column("position", sa.Integer(), nullable=False)] if name == "routes" else []),
            sa.Column("spec", sa.Text(), nullable=False),
            sa.Column("created_at", sa.DateTime(), nullable=False),
            sa.Column("updated_at", sa.DateTime(), nullable=False),
        )
    revisions = op.create_table(
        "revisions",
        sa.Column("name", sa.String(63), primary_key=True),
        sa.Column("number", sa.BigInteger(), nullable=False),
    )
    op.bulk_insert(revisions, [{"name": name, "number": 1} for name in ("credentials", "routes")])
