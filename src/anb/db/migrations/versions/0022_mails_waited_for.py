"""An index of the mails that people wait for, by age: an alarm asks for the oldest one every minute."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    waited_for = sa.text("urgent and state in ('queued', 'sending')")
    op.create_index("mails_waited_for_idx", "mails", ["created_at"], postgresql_where=waited_for)


def downgrade() -> None:
    op.drop_index("mails_waited_for_idx", table_name="mails")
