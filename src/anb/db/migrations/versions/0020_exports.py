"""Archives of a person's data."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

HAS_FILE = (
    "(ready_at is null) = (key is null) and (key is null) = (bytes is null) and (key is null) = (expires_at is null)"
)


def upgrade() -> None:
    op.create_table(
        "exports",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        *(
            sa.Column(name, sa.DateTime(timezone=True), nullable=True)
            for name in ("began_at", "ready_at", "expires_at")
        ),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(HAS_FILE, name=op.f("exports_ready_has_file_check")),
        sa.ForeignKeyConstraint(["account_id"], ["users.id"], name=op.f("exports_account_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("exports_pkey")),
        sa.UniqueConstraint("account_id", name=op.f("exports_account_id_key")),
        sa.UniqueConstraint("key", name=op.f("exports_key_key")),
    )


def downgrade() -> None:
    op.drop_table("exports")
