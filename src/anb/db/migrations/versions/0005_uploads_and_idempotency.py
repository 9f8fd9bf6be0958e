"""Resumable uploads, answers kept for repeated requests, and whether a player has sent a file before."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("videos_owner_id_original_sha256_idx"), "videos", ["owner_id", "original_sha256"])
    op.create_table(
        "uploads",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("part_key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("turn", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("video_id", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("refusal", postgresql.JSONB(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('open', 'accepted', 'refused')", name=op.f("uploads_state_check")),
        sa.CheckConstraint("received between 0 and bytes", name=op.f("uploads_received_check")),
        sa.CheckConstraint("(state = 'accepted') = (job_id is not null)", name=op.f("uploads_accepted_has_job_check")),
        sa.CheckConstraint(
            "(state = 'refused') = (refusal is not null)", name=op.f("uploads_refused_has_reason_check")
        ),
        sa.CheckConstraint(
            "state = 'open' or lease_expires_at is null", name=op.f("uploads_ended_has_no_writer_check")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("uploads_owner_id_fkey")),
        sa.ForeignKeyConstraint(["video_id"], ["videos.id"], name=op.f("uploads_video_id_fkey"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("uploads_pkey")),
        sa.UniqueConstraint("part_key", name=op.f("uploads_part_key_key")),
    )
    op.create_index(op.f("uploads_video_id_idx"), "uploads", ["video_id"])
    op.create_index("uploads_open_idx", "uploads", ["owner_id"], postgresql_where=sa.text("state = 'open'"))
    op.create_index(op.f("uploads_expires_at_idx"), "uploads", ["expires_at"])
    op.create_table(
        "idempotency_keys",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=True),
        sa.Column("headers", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("idempotency_keys_owner_id_fkey")),
        sa.PrimaryKeyConstraint("owner_id", "key", name=op.f("idempotency_keys_pkey")),
    )
    op.create_index(op.f("idempotency_keys_expires_at_idx"), "idempotency_keys", ["expires_at"])


def downgrade() -> None:
    op.drop_table("idempotency_keys")
    op.drop_table("uploads")
    op.drop_index(op.f("videos_owner_id_original_sha256_idx"), "videos")
