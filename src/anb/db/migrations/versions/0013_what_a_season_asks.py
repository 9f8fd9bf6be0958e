"""What a season asks for: confirmed e-mails, and consent; seasons of the version before ask for neither."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

RULES = ("asks_confirmation", "asks_consent")


def upgrade() -> None:
    for rule in RULES:
        op.add_column("seasons", sa.Column(rule, sa.Boolean(), server_default=sa.text("false"), nullable=False))


def downgrade() -> None:
    for rule in RULES:
        op.drop_column("seasons", rule)
