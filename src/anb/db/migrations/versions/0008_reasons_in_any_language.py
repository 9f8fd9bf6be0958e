"""Why there is no edit, for any language; code of the version before reads and writes the two sentences beside it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("videos", sa.Column("reason", JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("videos", "reason")
