"""List the clips that are public already, in steps of their own, while the version before goes on serving."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

STEP = 2000  # clips of one transaction
FILL = sa.text(f"""
with step as materialized (
    select * from videos where id > :last order by id limit {STEP} for share
), filled as materialized (
    select list_clip(videos) from videos join step using (id)
    where videos.published_at is not null and videos.season_id is not null
)
select id from step, (select count(*) from filled) done order by id desc limit 1
""")  # noqa: S608 - no value of anybody's


def upgrade() -> None:
    # Each step is a transaction, so a migration that was stopped goes on where it was.
    connection = op.get_bind()
    last: str | None = "00000000-0000-0000-0000-000000000000"
    while last:
        connection.commit()
        last = connection.execute(FILL, {"last": last}).scalar()
    connection.commit()


def downgrade() -> None:
    """Leave the rows: the migration before drops their table."""
