"""Single-use links, when an e-mail address was confirmed, and the language of a person's mail."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("email_confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("users", sa.Column("language", sa.Text(), nullable=False, server_default="es"))
    op.create_table(
        "links",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("facts", JSONB(), nullable=False, server_default="{}"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "purpose in ('confirm', 'reset', 'email_old', 'email_new', 'guardian', 'invite')",
            name=op.f("links_purpose_check"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["users.id"], name=op.f("links_account_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("links_pkey")),
    )
    op.create_index(op.f("links_account_id_purpose_idx"), "links", ["account_id", "purpose"])
    op.create_index(op.f("links_expires_at_idx"), "links", ["expires_at"])
    op.create_index(
        "links_kept_address_idx",
        "links",
        [sa.text("(facts ->> 'email')")],
        postgresql_where=sa.text("purpose = 'email_old' and used_at is null"),
    )


def downgrade() -> None:
    op.drop_table("links")
    op.drop_column("users", "language")
    op.drop_column("users", "email_confirmed_at")
