"""Withdrawn clips: they are hidden for good, their files go, their rows and votes stay."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Whatever hides a clip, and whichever version of the code publishes it, what was public once stays known.
FIRST = """
update videos set first_published_at = published_at where published_at is not null;

create function videos_keep_first_publication() returns trigger language plpgsql as $$
begin
    new.first_published_at := coalesce(
        case when tg_op = 'UPDATE' then old.first_published_at end, new.first_published_at, new.published_at
    );
    return new;
end $$;

create trigger videos_first_publication before insert or update of published_at, first_published_at on videos
for each row execute function videos_keep_first_publication();
"""
UNDO = """
drop trigger videos_first_publication on videos;
drop function videos_keep_first_publication();
"""
TIMES = ("first_published_at", "withdrawn_at", "original_removed_at")


def upgrade() -> None:
    for name in TIMES:
        op.add_column("videos", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("videos_withdrawn_is_hidden_check"), "videos", "withdrawn_at is null or published_at is null"
    )
    where = sa.text("withdrawn_at is not null")
    op.create_index("videos_withdrawn_idx", "videos", ["withdrawn_at", "id"], postgresql_where=where)
    op.execute(FIRST)
    op.add_column("votes", sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("votes", sa.Column("void_reason", sa.Text(), nullable=True))
    op.create_check_constraint(op.f("votes_void_reason_check"), "votes", "void_reason in ('withdrawn')")
    op.create_check_constraint(
        op.f("votes_voided_has_reason_check"), "votes", "(voided_at is null) = (void_reason is null)"
    )


def downgrade() -> None:
    op.drop_column("votes", "void_reason")
    op.drop_column("votes", "voided_at")
    op.execute(UNDO)
    op.drop_constraint(op.f("videos_withdrawn_is_hidden_check"), "videos")
    op.drop_index("videos_withdrawn_idx", "videos")
    for name in TIMES:
        op.drop_column("videos", name)
