"""The pace of the line: the jobs done last, found without reading all that ever were."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("jobs_done_idx", "jobs", ["finished_at"], postgresql_where=sa.text("state = 'done'"))


def downgrade() -> None:
    op.drop_index("jobs_done_idx", "jobs")
