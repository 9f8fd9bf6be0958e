"""The last comparison of each season's rows, tallies and log, for alarms. A log that has begun is noted as equal."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "count_comparisons",
        sa.Column("season_id", sa.Uuid(), nullable=False),
        sa.Column("compared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("differences", sa.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["season_id"], ["seasons.id"], name=op.f("count_comparisons_season_id_fkey")),
        sa.PrimaryKeyConstraint("season_id", name=op.f("count_comparisons_pkey")),
    )
    op.execute("insert into count_comparisons select season_id, now(), '{}' from log_heads")


def downgrade() -> None:
    op.drop_table("count_comparisons")
