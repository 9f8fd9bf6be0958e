"""Places in the ranking without counting everybody ahead: anchors, which triggers on the tallies keep exact."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0038"
branch_labels = None
depends_on = None

# The anchors that players passed, at each change of the tallies: one sweep over both in the order of the ranking, so
# it costs the same whether a player passed one anchor or all. An anchor comes before a player of the same key: `ahead`
# does not count that one.
MOVE = """
create function player_tallies_{name}() returns trigger language plpgsql as $$
begin
    -- The next statement then sees what a new spacing of the anchors has committed.
    lock table rank_anchors in row exclusive mode;
    with moved as (
        select season_id, city_key, shortfall, last_index, player_id, sum(one) one from ({rows}) every
        group by season_id, city_key, shortfall, last_index, player_id having sum(one) <> 0
    ), points as (
        select season_id, ' ' scope, shortfall, last_index, player_id, one, false is_anchor from moved
        union all
        select season_id, city_key, shortfall, last_index, player_id, one, false from moved
        union all
        select season_id, scope, shortfall, last_index, player_id, 0, true from rank_anchors
        where season_id in (select season_id from moved)
    ), swept as (
        select season_id, scope, shortfall, last_index, player_id, is_anchor, sum(one) over (
            partition by season_id, scope order by shortfall, last_index, player_id, is_anchor desc
            rows unbounded preceding
        ) passed from points
    )
    update rank_anchors set ahead = ahead + swept.passed from swept
    where is_anchor and passed <> 0
        and (rank_anchors.season_id, rank_anchors.scope, rank_anchors.shortfall, rank_anchors.last_index,
             rank_anchors.player_id) = (swept.season_id, swept.scope, swept.shortfall, swept.last_index,
             swept.player_id);
    return null;
end $$;
create trigger player_tallies_{name} after {event} on player_tallies {tables}
for each statement execute function player_tallies_{name}();
"""
WAS = "select season_id, city_key, shortfall, last_index, player_id, -1 one from was where clips > 0"
IS = "select season_id, city_key, shortfall, last_index, player_id, 1 one from became where clips > 0"
EVENTS = (
    ("ranked", "insert", IS, "referencing new table as became"),
    ("moved", "update", f"{WAS} union all {IS}", "referencing old table as was new table as became"),
    ("unranked", "delete", WAS, "referencing old table as was"),
)
# The orders of the ranking and of the most voted clips, ascending in all parts: a row comparison follows the index.
KEY: list[str | sa.TextClause] = ["shortfall", "last_index", "player_id"]
CLIP_KEY: list[str | sa.TextClause] = ["shortfall", "reached_index", "video_id"]
RANKED, OPEN = sa.text("clips > 0"), sa.text("is_open")
EMPTY = """
-- Small and changed all the time: each update stays on its page.
alter table rank_anchors set (fillfactor = 40, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
"""


def upgrade() -> None:
    op.create_table(
        "rank_anchors",
        *_season(sa.Column("scope", sa.Text(), nullable=False), sa.Column("shortfall", sa.Integer(), nullable=False)),
        sa.Column("last_index", sa.BigInteger(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("ahead", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "season_id", "scope", "shortfall", "last_index", "player_id", name=op.f("rank_anchors_pkey")
        ),
    )
    op.create_table(
        "former_places",
        *_season(sa.Column("player_id", sa.Uuid(), nullable=False)),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("city_place", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("season_id", "player_id", name=op.f("former_places_pkey")),
    )
    op.create_index(op.f("former_places_player_id_idx"), "former_places", ["player_id"])
    op.create_table(
        "place_days",
        *_season(sa.Column("day", sa.Date(), nullable=False)),
        sa.PrimaryKeyConstraint("season_id", name=op.f("place_days_pkey")),
    )
    _order()
    op.execute(EMPTY)
    for name, event, rows, tables in EVENTS:
        op.execute(MOVE.format(name=name, event=event, rows=rows, tables=tables))


def _order() -> None:
    for table in ("player_tallies", "clip_tallies"):
        shortfall = sa.Column("shortfall", sa.Integer(), sa.Computed("-votes", persisted=True), nullable=False)
        op.add_column(table, shortfall)
    reached = sa.Computed("coalesce(last_index, opened_index)", persisted=True)
    op.add_column("clip_tallies", sa.Column("reached_index", sa.BigInteger(), reached, nullable=False))
    of_city: list[str | sa.TextClause] = ["season_id", "city_key"]
    op.create_index("player_tallies_rank_idx", "player_tallies", ["season_id", *KEY], postgresql_where=RANKED)
    op.create_index("player_tallies_city_rank_idx", "player_tallies", [*of_city, *KEY], postgresql_where=RANKED)
    op.create_index("clip_tallies_most_idx", "clip_tallies", ["season_id", *CLIP_KEY], postgresql_where=OPEN)
    op.create_index("clip_tallies_city_most_idx", "clip_tallies", [*of_city, *CLIP_KEY], postgresql_where=OPEN)
    op.drop_index("player_tallies_place_idx", "player_tallies")
    op.drop_index("player_tallies_city_place_idx", "player_tallies")


def _season(*columns: sa.Column[object]) -> tuple[sa.Column[object], ...]:
    return sa.Column("season_id", sa.Uuid(), nullable=False), *columns


def downgrade() -> None:
    for name, *_ in EVENTS:
        op.execute(f"drop trigger player_tallies_{name} on player_tallies; drop function player_tallies_{name}()")
    place: list[str | sa.TextClause] = [sa.text("votes desc"), "last_index", "player_id"]
    op.create_index("player_tallies_place_idx", "player_tallies", ["season_id", *place])
    op.create_index("player_tallies_city_place_idx", "player_tallies", ["season_id", "city_key", *place])
    op.drop_column("player_tallies", "shortfall")
    op.drop_column("clip_tallies", "shortfall")
    op.drop_column("clip_tallies", "reached_index")
    for table in ("place_days", "former_places", "rank_anchors"):
        op.drop_table(table)
