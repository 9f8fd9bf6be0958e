"""Clips that organizers refuse or take down, and why. The version before publishes a refused one if told to."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

CHECKS = {
    "taken_down_is_withdrawn": "taken_down_at is null or withdrawn_at is not null",
    "verdict_has_reason": "(refused_at is null and taken_down_at is null) = (verdict_reason is null)"
    " and (verdict_reason is null) = (verdict_text is null)",
}


def upgrade() -> None:
    for name in ("taken_down_at", "refused_at"):
        op.add_column("videos", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    for name in ("verdict_reason", "verdict_text"):
        op.add_column("videos", sa.Column(name, sa.Text(), nullable=True))
    for name, rule in CHECKS.items():
        _check(f"videos_{name}_check", rule)


def downgrade() -> None:
    for name in CHECKS:
        op.drop_constraint(op.f(f"videos_{name}_check"), "videos", type_="check")
    for name in ("verdict_text", "verdict_reason", "refused_at", "taken_down_at"):
        op.drop_column("videos", name)


def _check(name: str, rule: str) -> None:
    """Add a rule for new rows first, then check those that are there, which blocks no writer."""
    op.create_check_constraint(op.f(name), "videos", rule, postgresql_not_valid=True)
    op.execute(f"alter table videos validate constraint {name}")
