"""Changes of address that wait for the answers of both addresses."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "email_changes",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("wait_days", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(accepted_at is null) = (due_at is null)", name=op.f("email_changes_accepted_is_due_check")
        ),
        sa.CheckConstraint("accepted_at is null or approved_at is null", name=op.f("email_changes_both_is_over_check")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["users.id"], name=op.f("email_changes_account_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("email_changes_pkey")),
    )
    op.create_index(
        "email_changes_due_idx", "email_changes", ["due_at"], postgresql_where=sa.text("due_at is not null")
    )
    op.create_index(
        "email_changes_accepted_idx", "email_changes", ["email"], postgresql_where=sa.text("accepted_at is not null")
    )


def downgrade() -> None:
    op.drop_table("email_changes")
