"""The client's own metadata, which video a file was before, where a clip came from, and how many came of late."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LIVE = sa.text("state in ('queued', 'running')")


def upgrade() -> None:
    op.add_column("uploads", sa.Column("metadata", sa.Text(), nullable=True))
    op.add_column("uploads", sa.Column("origin", sa.Text(), nullable=True))
    op.add_column("videos", sa.Column("same_as_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("videos_same_as_id_fkey"), "videos", "videos", ["same_as_id"], ["id"], ondelete="SET NULL"
    )
    op.create_index(op.f("videos_same_as_id_idx"), "videos", ["same_as_id"])
    op.add_column("jobs", sa.Column("origin", sa.Text(), nullable=True))
    op.create_index("jobs_origin_idx", "jobs", ["origin", "lane", "turn_at"], postgresql_where=LIVE)
    op.create_index(op.f("jobs_owner_id_created_at_idx"), "jobs", ["owner_id", "created_at"])


def downgrade() -> None:
    op.drop_index(op.f("jobs_owner_id_created_at_idx"), "jobs")
    op.drop_index("jobs_origin_idx", "jobs")
    op.drop_column("jobs", "origin")
    op.drop_index(op.f("videos_same_as_id_idx"), "videos")
    op.drop_constraint(op.f("videos_same_as_id_fkey"), "videos")
    op.drop_column("videos", "same_as_id")
    op.drop_column("uploads", "origin")
    op.drop_column("uploads", "metadata")
