"""The votes that are there already await the log, in steps of their own, while the version before goes on serving."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

STEP = 5000  # votes of one transaction
LAST = sa.text("select coalesce(max(id), 0) from pending_entries where id between 1 and votes_before_log()")
# By their own ids, in the order in which they were cast. Votes of another season than their clip's never counted.
FILL = sa.text(f"""
with step as (
    select votes.id, votes.season_id, cast_at, video_id, voter_id, jury,
        voided_at is null and votes.season_id = videos.season_id counts
    from votes join videos on videos.id = video_id
    where votes.id > :last and votes.id <= votes_before_log() order by votes.id limit {STEP}
), known as (
    insert into voter_pseudonyms (season_id, voter_id) select distinct season_id, voter_id from step where counts
    on conflict do nothing returning season_id, voter_id, pseudonym
), filled as (
    insert into pending_entries (id, season_id, kind, at, video_id, vote_id, voter_id, pseudonym, jury)
    overriding system value
    select id, season_id, 6, cast_at, video_id, id, voter_id, coalesce(known.pseudonym, earlier.pseudonym), jury
    from step left join known using (season_id, voter_id)
        left join voter_pseudonyms earlier using (season_id, voter_id)
    where counts and not exists (select from log_leaves where vote_id = step.id)
)
select max(id) from step
""")  # noqa: S608 - no value of anybody's
# Who erased their account is nobody in the log.
ERASED = "delete from voter_pseudonyms using users where users.id = voter_id and erased_at is not null"


def upgrade() -> None:
    # Each step is a transaction: none locks many rows for long, and a migration that was stopped goes on where it was.
    connection = op.get_bind()
    last = connection.execute(LAST).scalar()
    while last is not None:
        connection.commit()
        last = connection.execute(FILL, {"last": last}).scalar()
    op.execute(ERASED)
    op.execute("drop function votes_before_log()")


def downgrade() -> None:
    op.execute("create function votes_before_log() returns bigint language sql immutable return 0::bigint")
