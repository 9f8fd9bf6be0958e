"""Since when an account could have been confirmed: those from before confirmation count from this migration on."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # PostgreSQL computes the default once for all rows that are there, without writing them again.
    column = sa.Column("confirmable_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()"))
    op.add_column("users", column)


def downgrade() -> None:
    op.drop_column("users", "confirmable_at")
