"""What votes are judged by: counts of a clip's votes and views, and which votes were released."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clip_marks",
        sa.Column("video_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "mark")),
        sa.Column("votes", sa.Integer(), nullable=False),
        _time("last_at"),
        sa.CheckConstraint("kind in ('block', 'program', 'disposable')", name=op.f("clip_marks_kind_check")),
        _video("clip_marks"),
        sa.PrimaryKeyConstraint("video_id", "kind", "mark", name=op.f("clip_marks_pkey")),
    )
    op.create_table(
        "clip_hours",
        sa.Column("video_id", sa.Uuid(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Integer(), server_default="0", nullable=False) for name in ("views", "weak_votes")),
        _video("clip_hours"),
        sa.PrimaryKeyConstraint("video_id", "hour", name=op.f("clip_hours_pkey")),
    )
    op.create_table(
        "released_votes",
        sa.Column("vote_id", sa.BigInteger(), autoincrement=False, nullable=False),
        _time("released_at"),
        sa.ForeignKeyConstraint(
            ["vote_id"], ["votes.id"], name=op.f("released_votes_vote_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("vote_id", name=op.f("released_votes_pkey")),
    )
    op.create_index("signals_device_idx", "signals", ["device"], postgresql_where=sa.text("device <> ''"))
    op.create_index(op.f("mailboxes_mark_idx"), "mailboxes", ["mark"])


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def _video(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"{table}_video_id_fkey")
    return sa.ForeignKeyConstraint(["video_id"], ["videos.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    op.drop_index(op.f("mailboxes_mark_idx"), "mailboxes")
    op.drop_index("signals_device_idx", "signals")
    for table in ("released_votes", "clip_hours", "clip_marks"):
        op.drop_table(table)
