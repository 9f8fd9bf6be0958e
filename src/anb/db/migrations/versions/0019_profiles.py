"""A public name of one's own, and the history of a profile; consents end with an account that is deleted whole."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# table, column, and the table it refers to
CASCADES = (
    ("guardians", "account_id", "users"),
    ("consents", "account_id", "users"),
    ("consents", "guardian_id", "guardians"),
)


def upgrade() -> None:
    op.add_column("users", sa.Column("public_name", sa.Text(), nullable=True))
    op.create_table(
        "profile_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("field in ('public_name', 'city', 'birth_year')", name=op.f("profile_changes_field_check")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["users.id"], name=op.f("profile_changes_account_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("profile_changes_pkey")),
    )
    op.create_index(op.f("profile_changes_account_id_id_idx"), "profile_changes", ["account_id", "id"])
    _refer("CASCADE")


def downgrade() -> None:
    _refer(None)
    op.drop_table("profile_changes")
    op.drop_column("users", "public_name")


def _refer(ondelete: str | None) -> None:
    for table, column, other in CASCADES:
        name = op.f(f"{table}_{column}_fkey")
        op.drop_constraint(name, table, type_="foreignkey")
        op.create_foreign_key(name, table, other, [column], ["id"], ondelete=ondelete)
