"""The audit trail: entries are appended without gaps; what their hashes cover never changes."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# Name and reason may be erased, with the salt that binds them; nothing else.
KEPT = """
create function audit_entries_check_kept() returns trigger language plpgsql as $$
declare
    beside constant text[] := array['salt', 'name', 'reason'];
begin
    if tg_op = 'INSERT' then
        if new.number = 1 or exists (select from audit_entries where number = new.number - 1) then
            return new;
        end if;
        raise check_violation using constraint = 'audit_entries_gap_check', table = 'audit_entries',
            message = 'entry ' || new.number || ' of the audit trail does not follow another one';
    end if;
    if tg_op = 'UPDATE' and new.salt is null and to_jsonb(new) - beside = to_jsonb(old) - beside then
        return new;
    end if;
    raise check_violation using constraint = 'audit_entries_kept_check', table = 'audit_entries',
        message = 'entry ' || old.number || ' of the audit trail is never changed or deleted';
end $$;
create trigger audit_entries_kept before insert or update or delete on audit_entries
for each row execute function audit_entries_check_kept();
"""
RULES = {
    "number": "number > 0",
    "digests": "octet_length(commitment) = 32 and octet_length(hash) = 32",
    "erased_whole": "(salt is null) = (name is null) and (salt is null) = (reason is null)",
}
INDEXES = (["at"], ["actor_id", "number"], ["target_account_id", "number"], ["target_kind", "target_id", "number"])


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_role", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("act", "target_kind", "target_id")),
        sa.Column("target_account_id", sa.Uuid(), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in ("commitment", "hash")),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("name", "reason")),
        *(sa.CheckConstraint(rule, name=op.f(f"audit_entries_{name}_check")) for name, rule in RULES.items()),
        sa.PrimaryKeyConstraint("number", name=op.f("audit_entries_pkey")),
    )
    for columns in (*INDEXES, ["act", "number"]):
        op.create_index(op.f(f"audit_entries_{'_'.join(columns)}_idx"), "audit_entries", columns)
    op.execute(KEPT)


def downgrade() -> None:
    op.drop_table("audit_entries")
    op.execute("drop function audit_entries_check_kept()")
