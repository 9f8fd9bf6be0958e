"""The season of each clip that is there already, in steps of their own, while the version before goes on serving."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

STEP = 2000  # clips of one transaction
# The season of its first vote; else the one in which it was sent; else the next one.
FIND = """
coalesce(
    (select season_id from votes where video_id = videos.id order by votes.id limit 1),
    (select id from seasons where opened_at <= uploaded_at and (closed_at is null or uploaded_at < closed_at)),
    (select id from seasons where opened_at > uploaded_at order by opened_at limit 1)
)
"""
FILL = sa.text(f"""
with step as (select id from videos where id > :last order by id limit {STEP}),
    filled as (update videos set season_id = {FIND} where season_id is null and id in (select id from step))
select id from step order by id desc limit 1
""")  # noqa: S608 - no value of anybody's


def upgrade() -> None:
    # Each step is a transaction: none locks many rows for long, and a migration that was stopped goes on where it was.
    connection = op.get_bind()
    last: str | None = "00000000-0000-0000-0000-000000000000"
    while last:
        connection.commit()
        last = connection.execute(FILL, {"last": last}).scalar()
    op.execute("alter table videos validate constraint videos_season_id_fkey")
    connection.commit()
    published = sa.text("published_at is not null")
    op.create_index("videos_season_idx", "videos", ["season_id", "published_at", "id"], postgresql_where=published)


def downgrade() -> None:
    op.drop_index("videos_season_idx", "videos")
