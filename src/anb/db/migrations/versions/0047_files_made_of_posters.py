"""The files that are made of a clip's poster: its smaller sizes."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

KINDS = "'poster-320', 'poster-640', 'poster-960', 'poster-640-jpeg'"


def upgrade() -> None:
    op.create_table(
        "poster_files",
        sa.Column("video_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("made_of", sa.Text(), server_default="poster", nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("recipe", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("made_of = 'poster'", name=op.f("poster_files_made_of_check")),
        sa.CheckConstraint(f"kind in ({KINDS})", name=op.f("poster_files_kind_check")),
        sa.ForeignKeyConstraint(
            ["video_id", "made_of"],
            ["renditions.video_id", "renditions.kind"],
            name=op.f("poster_files_video_id_made_of_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("video_id", "kind", name=op.f("poster_files_pkey")),
        sa.UniqueConstraint("key", name=op.f("poster_files_key_key")),
    )


def downgrade() -> None:
    op.drop_table("poster_files")
