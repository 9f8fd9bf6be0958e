"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seasons",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("moderated", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("seasons_pkey")),
    )
    op.create_index(
        "seasons_open_key",
        "seasons",
        [sa.literal_column("(closed_at is null)")],
        unique=True,
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("city_key", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), server_default="player", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("role in ('player', 'juror', 'organizer')", name=op.f("users_role_check")),
        sa.CheckConstraint("email = lower(email)", name=op.f("users_email_lower_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("users_pkey")),
        sa.UniqueConstraint("email", name=op.f("users_email_key")),
        sa.UniqueConstraint("username", name=op.f("users_username_key")),
    )
    op.create_index(op.f("users_city_key_idx"), "users", ["city_key"], unique=False)
    op.create_table(
        "videos",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="uploaded", nullable=False),
        sa.Column("reason_es", sa.Text(), nullable=True),
        sa.Column("reason_en", sa.Text(), nullable=True),
        sa.Column("original_key", sa.Text(), nullable=False),
        sa.Column("original_bytes", sa.BigInteger(), nullable=False),
        sa.Column("original_sha256", sa.Text(), nullable=False),
        sa.Column("duration_seconds", sa.Double(), nullable=False),
        sa.Column("processed_key", sa.Text(), nullable=True),
        sa.Column("processed_bytes", sa.BigInteger(), nullable=True),
        sa.Column("processed_sha256", sa.Text(), nullable=True),
        sa.Column("processed_seconds", sa.Double(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'failed') = (reason_es is not null)", name=op.f("videos_failed_has_reason_check")
        ),
        sa.CheckConstraint(
            "(status = 'processed') = (processed_key is not null)", name=op.f("videos_processed_has_file_check")
        ),
        sa.CheckConstraint(
            "published_at is null or status = 'processed'", name=op.f("videos_published_is_processed_check")
        ),
        sa.CheckConstraint(
            "status in ('uploaded', 'processing', 'processed', 'failed')", name=op.f("videos_status_check")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("videos_owner_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("videos_pkey")),
        sa.UniqueConstraint("original_key", name=op.f("videos_original_key_key")),
        sa.UniqueConstraint("processed_key", name=op.f("videos_processed_key_key")),
    )
    op.create_index(
        op.f("videos_owner_id_uploaded_at_id_idx"), "videos", ["owner_id", "uploaded_at", "id"], unique=False
    )
    op.create_index(
        "videos_published_idx",
        "videos",
        ["published_at", "id"],
        unique=False,
        postgresql_where=sa.text("published_at is not null"),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("video_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("progress", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("timings", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'running') = (lease_expires_at is not null)", name=op.f("jobs_running_has_lease_check")
        ),
        sa.CheckConstraint(
            "(state in ('done', 'failed', 'cancelled')) = (finished_at is not null)",
            name=op.f("jobs_ended_has_time_check"),
        ),
        sa.CheckConstraint(
            "state in ('queued', 'running', 'done', 'failed', 'cancelled')", name=op.f("jobs_state_check")
        ),
        sa.CheckConstraint("progress between 0 and 100", name=op.f("jobs_progress_check")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("jobs_owner_id_fkey")),
        sa.ForeignKeyConstraint(["video_id"], ["videos.id"], name=op.f("jobs_video_id_fkey"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("jobs_pkey")),
    )
    op.create_index(
        "jobs_live_idx",
        "jobs",
        ["state", "available_at"],
        unique=False,
        postgresql_where=sa.text("state in ('queued', 'running')"),
    )
    op.create_index(op.f("jobs_video_id_idx"), "jobs", ["video_id"], unique=False)
    op.create_table(
        "votes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("voter_id", sa.Uuid(), nullable=False),
        sa.Column("video_id", sa.Uuid(), nullable=False),
        sa.Column("season_id", sa.Uuid(), nullable=False),
        sa.Column("jury", sa.Boolean(), nullable=False),
        sa.Column("cast_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["season_id"], ["seasons.id"], name=op.f("votes_season_id_fkey")),
        sa.ForeignKeyConstraint(["video_id"], ["videos.id"], name=op.f("votes_video_id_fkey")),
        sa.ForeignKeyConstraint(["voter_id"], ["users.id"], name=op.f("votes_voter_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("votes_pkey")),
        sa.UniqueConstraint("voter_id", "video_id", name=op.f("votes_voter_id_video_id_key")),
    )
    op.create_index(op.f("votes_season_id_idx"), "votes", ["season_id"], unique=False)
    op.create_index(op.f("votes_video_id_idx"), "votes", ["video_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("votes_video_id_idx"), table_name="votes")
    op.drop_index(op.f("votes_season_id_idx"), table_name="votes")
    op.drop_table("votes")
    op.drop_index(op.f("jobs_video_id_idx"), table_name="jobs")
    op.drop_index("jobs_live_idx", table_name="jobs", postgresql_where=sa.text("state in ('queued', 'running')"))
    op.drop_table("jobs")
    op.drop_index("videos_published_idx", table_name="videos", postgresql_where=sa.text("published_at is not null"))
    op.drop_index(op.f("videos_owner_id_uploaded_at_id_idx"), table_name="videos")
    op.drop_table("videos")
    op.drop_index(op.f("users_city_key_idx"), table_name="users")
    op.drop_table("users")
    op.drop_index("seasons_open_key", table_name="seasons", postgresql_where=sa.text("closed_at is null"))
    op.drop_table("seasons")
