"""The outbox of mail; code of the version before writes and reads none of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
CHECKS = {
    "state": "state in ('queued', 'sending', 'held', 'sent', 'unwanted', 'dead')",
    "sending_has_lease": "(state = 'sending') = (lease_expires_at is not null)",
    "ended_has_time": "(state in ('sent', 'unwanted', 'dead')) = (ended_at is not null)",
    "sent_is_forgotten": "case when state in ('sent', 'unwanted') then address is null and name is null"
    " and facts = '{}' else address is not null and name is not null end",
}
INDEXES = {
    "mails_queued_idx": (["urgent", "available_at", "id"], "state = 'queued'"),
    "mails_sending_idx": (["lease_expires_at"], "state = 'sending'"),
    "mails_unhappy_idx": (["state", "id"], "state in ('held', 'dead')"),
    "mails_ended_idx": (["ended_at"], "ended_at is not null"),
    "mails_account_id_idx": (["account_id"], None),
}


def upgrade() -> None:
    op.create_table(
        "mails",
        sa.Column("id", sa.Uuid(), primary_key=True, server_default=sa.text("uuidv7()")),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("users.id", ondelete="SET NULL")),
        sa.Column("address", sa.Text()),
        sa.Column("name", sa.Text()),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("facts", JSONB(), nullable=False, server_default="{}"),
        sa.Column("once", sa.Text(), unique=True),
        sa.Column("stop_hash", sa.Text(), unique=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, server_default="queued"),
        sa.Column("attempt", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("faults", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("sender", sa.Text()),
        sa.Column("failure", sa.Text()),
        sa.Column("created_at", TIME, nullable=False, server_default=sa.text("now()")),
        sa.Column("available_at", TIME, nullable=False, server_default=sa.text("now()")),
        sa.Column("lease_expires_at", TIME),
        sa.Column("ended_at", TIME),
        *(sa.CheckConstraint(rule, name=op.f(f"mails_{name}_check")) for name, rule in CHECKS.items()),
    )
    for name, (columns, where) in INDEXES.items():
        op.create_index(op.f(name), "mails", columns, postgresql_where=sa.text(where) if where else None)
    op.create_table(
        "mail_choices",
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("since", TIME, nullable=False, server_default=sa.text("now()")),
    )


def downgrade() -> None:
    op.drop_table("mail_choices")
    op.drop_table("mails")
