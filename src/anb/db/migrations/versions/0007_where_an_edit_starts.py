"""The second of a clip at which its edit starts; code of the version before writes none, which is the beginning."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("videos", "uploads"):
        op.add_column(table, sa.Column("start_seconds", sa.Double(), nullable=False, server_default="0"))
    op.create_check_constraint(
        op.f("videos_starts_within_check"),
        "videos",
        "start_seconds = 0 or start_seconds between 0 and duration_seconds",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("videos_starts_within_check"), "videos")
    for table in ("videos", "uploads"):
        op.drop_column(table, "start_seconds")
