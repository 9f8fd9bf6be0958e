"""Leaving: accounts that are erased, requests and their proof, files that must go, voters who may not vote again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

OPEN = "cancelled_at is null and finished_at is null"


def upgrade() -> None:
    op.add_column("users", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    now = sa.text("now()")
    op.create_table(
        "doomed_files",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("doomed_files_pkey")),
    )
    for column in ("account_id", "since"):
        op.create_index(op.f(f"doomed_files_{column}_idx"), "doomed_files", [column])
    op.create_table(
        "barred_voters",
        sa.Column("season_id", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.ForeignKeyConstraint(
            ["season_id"], ["seasons.id"], name=op.f("barred_voters_season_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("season_id", "mark", name=op.f("barred_voters_pkey")),
    )
    op.create_table(
        "erasures",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in ("starts_at", "due_at")),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in ("cancelled_at", "finished_at")),
        sa.Column("steps", JSONB(), server_default="[]", nullable=False),
        sa.Column("removed", JSONB(), server_default="{}", nullable=False),
        sa.CheckConstraint("asked_by in ('person', 'operator')", name=op.f("erasures_asked_by_check")),
        sa.CheckConstraint("cancelled_at is null or finished_at is null", name=op.f("erasures_one_end_check")),
        sa.CheckConstraint(f"({OPEN}) or mark is null", name=op.f("erasures_ended_has_no_mark_check")),
        sa.ForeignKeyConstraint(["account_id"], ["users.id"], name=op.f("erasures_account_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("erasures_pkey")),
    )
    op.create_index("erasures_open_key", "erasures", ["account_id"], unique=True, postgresql_where=sa.text(OPEN))
    op.create_index(op.f("erasures_account_id_asked_at_idx"), "erasures", ["account_id", "asked_at"])
    op.create_table(
        "retention_runs",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed", JSONB(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("retention_runs_pkey")),
    )


def downgrade() -> None:
    for table in ("retention_runs", "erasures", "barred_voters", "doomed_files"):
        op.drop_table(table)
    op.drop_column("users", "erased_at")
