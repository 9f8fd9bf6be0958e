"""Photos of people, and their removal by an organizer in the history of a profile."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

FIELD = "profile_changes_field_check"
BEFORE = "field in ('public_name', 'city', 'birth_year')"
AFTER = "field in ('public_name', 'city', 'birth_year', 'photo')"


def upgrade() -> None:
    op.create_table(
        "photos",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("side in ('large', 'small')", name=op.f("photos_side_check")),
        sa.ForeignKeyConstraint(["account_id"], ["users.id"], name=op.f("photos_account_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "side", name=op.f("photos_pkey")),
        sa.UniqueConstraint("key", name=op.f("photos_key_key")),
    )
    _allow(AFTER)


def downgrade() -> None:
    op.execute("delete from profile_changes where field = 'photo'")
    _allow(BEFORE)
    op.drop_table("photos")


def _allow(fields: str) -> None:
    """Replace the check without reading the table under a lock that keeps others out."""
    op.drop_constraint(op.f(FIELD), "profile_changes", type_="check")
    op.execute(f"alter table profile_changes add constraint {FIELD} check ({fields}) not valid")
    op.execute(f"alter table profile_changes validate constraint {FIELD}")
