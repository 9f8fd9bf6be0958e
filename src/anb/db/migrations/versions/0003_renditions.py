"""Renditions: besides the edit a light one, poster, sprite and thumbnails, in a table of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOVED = """
insert into renditions (video_id, kind, key, bytes, sha256, media_type, recipe, width, height, seconds, made_at)
select id, 'processed', processed_key, processed_bytes, processed_sha256, 'video/mp4', 1, 1280, 720, processed_seconds,
       processed_at
from videos where processed_key is not null
"""
MOVED_BACK = """
update videos
set processed_key = key, processed_bytes = bytes, processed_sha256 = sha256, processed_seconds = seconds
from renditions where video_id = videos.id and kind = 'processed'
"""


def upgrade() -> None:
    op.create_table(
        "renditions",
        sa.Column("video_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("recipe", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(kind in ('processed', 'light')) = (seconds is not null)", name=op.f("renditions_moving_has_length_check")
        ),
        sa.CheckConstraint(
            "kind in ('processed', 'light', 'poster', 'sprite', 'thumbnails')", name=op.f("renditions_kind_check")
        ),
        sa.ForeignKeyConstraint(["video_id"], ["videos.id"], name=op.f("renditions_video_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("video_id", "kind", name=op.f("renditions_pkey")),
        sa.UniqueConstraint("key", name=op.f("renditions_key_key")),
    )
    op.execute("update videos set processed_at = uploaded_at where processed_key is not null and processed_at is null")
    op.execute(MOVED)
    op.drop_constraint(op.f("videos_processed_has_file_check"), "videos", type_="check")
    for name in ("processed_key", "processed_bytes", "processed_sha256", "processed_seconds"):
        op.drop_column("videos", name)
    op.create_check_constraint(
        op.f("videos_processed_has_time_check"), "videos", "(status = 'processed') = (processed_at is not null)"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("videos_processed_has_time_check"), "videos", type_="check")
    op.add_column("videos", sa.Column("processed_key", sa.Text(), nullable=True))
    op.add_column("videos", sa.Column("processed_bytes", sa.BigInteger(), nullable=True))
    op.add_column("videos", sa.Column("processed_sha256", sa.Text(), nullable=True))
    op.add_column("videos", sa.Column("processed_seconds", sa.Double(), nullable=True))
    op.create_unique_constraint(op.f("videos_processed_key_key"), "videos", ["processed_key"])
    op.execute(MOVED_BACK)
    op.create_check_constraint(
        op.f("videos_processed_has_file_check"), "videos", "(status = 'processed') = (processed_key is not null)"
    )
    op.drop_table("renditions")
