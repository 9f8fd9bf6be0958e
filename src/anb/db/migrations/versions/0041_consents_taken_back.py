"""Consents that guardians take back: their links, and the clips that are hidden by it."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0042"
branch_labels = None
depends_on = None

PURPOSES = "'confirm', 'reset', 'email_old', 'email_new', 'guardian', 'invite'"


def upgrade() -> None:
    op.add_column("videos", sa.Column("consent_lost", sa.Text(), nullable=True))
    _check("videos", "videos_consent_lost_check", "consent_lost in ('public', 'private')")
    op.drop_constraint(op.f("links_purpose_check"), "links", type_="check")
    _check("links", "links_purpose_check", f"purpose in ({PURPOSES}, 'guardian_end')")


def downgrade() -> None:
    op.execute("delete from links where purpose = 'guardian_end'")
    op.drop_constraint(op.f("links_purpose_check"), "links", type_="check")
    _check("links", "links_purpose_check", f"purpose in ({PURPOSES})")
    op.drop_column("videos", "consent_lost")


def _check(table: str, name: str, rule: str) -> None:
    """Add a check without reading the table under a lock that keeps others out."""
    op.execute(f"alter table {table} add constraint {name} check ({rule}) not valid")
    op.execute(f"alter table {table} validate constraint {name}")
