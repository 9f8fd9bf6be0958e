"""Who agreed to which version of the data policy, and who may authorise a minor; birth years are unknown at first."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
# Rows may be deleted with their account, but what a person answered never changes.
KEPT = """
create function consents_check_kept() returns trigger language plpgsql as $$
begin
    raise check_violation using constraint = 'consents_kept_check', table = 'consents',
        message = 'a consent is never changed; add another';
end $$;
create trigger consents_kept before update on consents for each row execute function consents_check_kept();
"""


def upgrade() -> None:
    op.add_column("users", sa.Column("birth_year", sa.Integer(), nullable=True))
    op.create_check_constraint(op.f("users_birth_year_check"), "users", "birth_year between 1900 and 2200")
    _make_guardians()
    _make_consents()
    op.execute(KEPT)


def downgrade() -> None:
    op.drop_table("consents")
    op.drop_table("guardians")
    op.execute("drop function consents_check_kept()")
    op.drop_constraint(op.f("users_birth_year_check"), "users", type_="check")
    op.drop_column("users", "birth_year")


def _make_guardians() -> None:
    op.create_table(
        "guardians",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("name", "email", "language")),
        sa.Column("asked_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("answered_at", TIME, nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.CheckConstraint("answer in ('confirmed', 'refused', 'replaced')", name=op.f("guardians_answer_check")),
        sa.CheckConstraint("(answer is null) = (answered_at is null)", name=op.f("guardians_answer_has_time_check")),
        sa.ForeignKeyConstraint(["account_id"], ["users.id"], name=op.f("guardians_account_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("guardians_pkey")),
    )
    asked = sa.text("answer is null")
    op.create_index("guardians_asked_key", "guardians", ["account_id"], unique=True, postgresql_where=asked)
    op.create_index(op.f("guardians_account_id_id_idx"), "guardians", ["account_id", "id"])


def _make_consents() -> None:
    texts = ("who", "answer", "version", "digest", "language", "channel")
    rules = {
        "who": "who in ('player', 'guardian')",
        "answer": "answer in ('given', 'refused')",
        "channel": "channel in ('page', 'api', 'link')",
        "guardian_is_named": "(who = 'guardian') = (guardian_id is not null)",
    }
    op.create_table(
        "consents",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("guardian_id", sa.Uuid(), nullable=True),
        sa.Column("answered_at", TIME, server_default=sa.text("now()"), nullable=False),
        *(sa.CheckConstraint(rule, name=op.f(f"consents_{name}_check")) for name, rule in rules.items()),
        sa.ForeignKeyConstraint(["account_id"], ["users.id"], name=op.f("consents_account_id_fkey")),
        sa.ForeignKeyConstraint(["guardian_id"], ["guardians.id"], name=op.f("consents_guardian_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("consents_pkey")),
    )
    op.create_index(op.f("consents_account_id_id_idx"), "consents", ["account_id", "id"])
    op.create_index(op.f("consents_guardian_id_idx"), "consents", ["guardian_id"])
