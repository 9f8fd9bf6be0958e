"""Signals of fraud, and the clusters of accounts that they show."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

KINDS = "kind in ('mailbox', 'device', 'burst')"


def upgrade() -> None:
    op.create_table(
        "signals",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("act", "device", "block")),
        *(_time(name) for name in ("first_seen", "last_seen")),
        sa.CheckConstraint("act in ('sign-up', 'sign-in', 'vote')", name=op.f("signals_act_check")),
        sa.CheckConstraint("device <> '' or block <> ''", name=op.f("signals_says_something_check")),
        _account("signals"),
        sa.PrimaryKeyConstraint("account_id", "act", "device", "block", name=op.f("signals_pkey")),
    )
    op.create_table(
        "mailboxes",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        _time("noted_at"),
        _account("mailboxes"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("mailboxes_pkey")),
    )
    op.create_table(
        "clusters",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        *(_time(name) for name in ("found_at", "grew_at")),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["clusters.id"], name=op.f("clusters_merged_into_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("clusters_pkey")),
    )
    op.create_index(op.f("clusters_merged_into_idx"), "clusters", ["merged_into"])
    _create_what_clusters_have()


def _create_what_clusters_have() -> None:
    op.create_table(
        "cluster_reasons",
        sa.Column("cluster_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("marks", "accounts")),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in ("first_seen", "last_seen")),
        sa.CheckConstraint(KINDS, name=op.f("cluster_reasons_kind_check")),
        sa.ForeignKeyConstraint(
            ["cluster_id"], ["clusters.id"], name=op.f("cluster_reasons_cluster_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("cluster_id", "kind", name=op.f("cluster_reasons_pkey")),
    )
    op.create_table(
        "cluster_members",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("cluster_id", sa.Uuid(), nullable=False),
        _time("since"),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        _account("cluster_members"),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name=op.f("cluster_members_cluster_id_fkey")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("cluster_members_pkey")),
    )
    op.create_index(op.f("cluster_members_cluster_id_account_id_idx"), "cluster_members", ["cluster_id", "account_id"])
    op.create_table(
        "cluster_evidence",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "mark")),
        sa.CheckConstraint(KINDS, name=op.f("cluster_evidence_kind_check")),
        _account("cluster_evidence"),
        sa.PrimaryKeyConstraint("account_id", "kind", "mark", name=op.f("cluster_evidence_pkey")),
    )


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def _account(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"{table}_account_id_fkey")
    return sa.ForeignKeyConstraint(["account_id"], ["users.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    for table in ("cluster_evidence", "cluster_members", "cluster_reasons", "clusters", "mailboxes", "signals"):
        op.drop_table(table)
