"""A clip that was public between two seasons waits in a moderated one, as if it had never been public."""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

KEEP = """
create or replace function videos_keep_first_publication() returns trigger language plpgsql as $$
begin
    new.first_published_at := coalesce(
        case when tg_op = 'UPDATE' then old.first_published_at end, new.first_published_at, new.published_at
    );
    return new;
end $$;
"""
# No vote was possible without a season, and the log has not opened the clip.
FORGET = KEEP.replace(
    "    return new;",
    """    if tg_op = 'UPDATE' and old.season_id is null and new.season_id is not null and new.published_at is null then
        new.first_published_at := null;
    end if;
    return new;""",
)


def upgrade() -> None:
    op.execute(FORGET)


def downgrade() -> None:
    op.execute(KEEP)
