"""Reports of people about public clips, and the rule of a season that enough of them hide a clip."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("video_id", sa.Uuid(), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=True),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in ("device", "block")),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint("outcome in ('dismissed', 'acted')", name=op.f("reports_outcome_check")),
        sa.CheckConstraint("(closed_at is null) = (outcome is null)", name=op.f("reports_closed_has_outcome_check")),
        sa.ForeignKeyConstraint(["video_id"], ["videos.id"], name=op.f("reports_video_id_fkey"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["reporter_id"], ["users.id"], name=op.f("reports_reporter_id_fkey"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("reports_pkey")),
    )
    op.create_index("reports_reporter_key", "reports", ["reporter_id", "video_id"], unique=True)
    alone = sa.text("reporter_id is null and block <> ''")
    op.create_index("reports_block_key", "reports", ["video_id", "block"], unique=True, postgresql_where=alone)
    op.create_index("reports_open_idx", "reports", ["video_id"], postgresql_where=sa.text("closed_at is null"))
    op.create_index(op.f("reports_made_at_idx"), "reports", ["made_at"])
    op.create_table(
        "report_cases",
        sa.Column("video_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in ("due_at", "reviewed_at")),
        sa.ForeignKeyConstraint(
            ["video_id"], ["videos.id"], name=op.f("report_cases_video_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("video_id", name=op.f("report_cases_pkey")),
    )
    due = sa.text("due_at is not null")
    op.create_index("report_cases_due_idx", "report_cases", ["due_at", "video_id"], postgresql_where=due)
    op.add_column("seasons", sa.Column("hide_reported", sa.Boolean(), server_default=sa.text("false"), nullable=False))


def downgrade() -> None:
    op.drop_column("seasons", "hide_reported")
    op.drop_table("report_cases")
    op.drop_table("reports")
