"""Sessions on the server; code of the version before issues tokens without one, which stay valid until they expire."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("tokens_valid_from", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("family_hash", sa.LargeBinary(), nullable=True),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("block", sa.Text(), nullable=True),
        sa.Column("strong", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("authenticated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('browser', 'program')", name=op.f("sessions_kind_check")),
        sa.CheckConstraint("state in ('open', 'ended')", name=op.f("sessions_state_check")),
        sa.CheckConstraint(
            "(state = 'ended') = (ended_at is not null and reason is not null)",
            name=op.f("sessions_ended_has_reason_check"),
        ),
        sa.CheckConstraint(
            "(kind = 'program') = (family_hash is not null)", name=op.f("sessions_program_has_family_check")
        ),
        sa.CheckConstraint("expires_at <= last_expires_at", name=op.f("sessions_expires_in_time_check")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["users.id"], name=op.f("sessions_account_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("sessions_pkey")),
        sa.UniqueConstraint("secret_hash", name=op.f("sessions_secret_hash_key")),
        sa.UniqueConstraint("family_hash", name=op.f("sessions_family_hash_key")),
    )
    op.create_index(op.f("sessions_account_id_idx"), "sessions", ["account_id"])
    op.create_index("sessions_ended_idx", "sessions", ["ended_at"], postgresql_where=sa.text("state = 'ended'"))
    op.create_index("sessions_expiry_idx", "sessions", ["expires_at"], postgresql_where=sa.text("state = 'open'"))


def downgrade() -> None:
    op.drop_table("sessions")
    op.drop_column("users", "tokens_valid_from")
