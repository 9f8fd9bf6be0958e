"""Administrators, who give roles and ask for erasures; the version before serves on, but knows no account of theirs."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

ROLES, ASKERS = "'player', 'juror', 'organizer'", "'person', 'operator'"


def upgrade() -> None:
    _allow("users", "role", f"{ROLES}, 'administrator'")
    _allow("erasures", "asked_by", f"{ASKERS}, 'administrator'")
    op.create_index("users_role_idx", "users", ["role", "id"], postgresql_where=sa.text("role <> 'player'"))


def downgrade() -> None:
    op.drop_index("users_role_idx", "users")
    op.execute("update users set role = 'organizer' where role = 'administrator'")
    op.execute("update erasures set asked_by = 'person' where asked_by = 'administrator'")
    _allow("users", "role", ROLES)
    _allow("erasures", "asked_by", ASKERS)


def _allow(table: str, column: str, words: str) -> None:
    """Replace the rule for new rows first, then check those that are there."""
    name = f"{table}_{column}_check"
    op.drop_constraint(op.f(name), table, type_="check")
    op.create_check_constraint(op.f(name), table, f"{column} in ({words})", postgresql_not_valid=True)
    op.execute(f"alter table {table} validate constraint {name}")
