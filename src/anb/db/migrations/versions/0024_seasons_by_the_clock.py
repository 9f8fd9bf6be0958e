"""Seasons have a slug, rules and a calendar, follow one another, and clips belong to one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MOMENTS = ("uploads_close_at", "votes_open_at", "results_at", "reminded_at")
CHECKS = {
    "opens_first": "opened_at <= closed_at",
    "uploads_within": "uploads_close_at >= opened_at and (closed_at is null or uploads_close_at <= closed_at)",
    "votes_within": "votes_open_at >= opened_at and (closed_at is null or votes_open_at <= closed_at)",
    "results_last": "results_at >= closed_at",
    "counts": "clips_per_player > 0 and votes_per_day > 0 and winners_per_city > 0",
}
# Of seasons that the version before closed and opened at the same moment, the later one began at the earlier one's end.
FOLLOW = """
update seasons set slug = 'temporada-' || placed.place from
    (select id, row_number() over (order by opened_at, id) place from seasons) placed where placed.id = seasons.id;
update seasons set opened_at = earlier.ended from
    (select id, max(closed_at) over (order by opened_at, id rows between unbounded preceding and 1 preceding) ended
     from seasons) earlier
where earlier.id = seasons.id and seasons.opened_at < earlier.ended;
update seasons set closed_at = opened_at where closed_at < opened_at;
"""
# Whichever version of the code receives a clip, it belongs to the season of that moment.
ENTER = """
create function videos_enter_season() returns trigger language plpgsql as $$
begin
    if new.season_id is null then
        select id into new.season_id from seasons
        where opened_at <= clock_timestamp() and (closed_at is null or clock_timestamp() < closed_at);
    end if;
    return new;
end $$;
create trigger videos_season before insert on videos for each row execute function videos_enter_season();
alter table videos add constraint videos_season_id_fkey foreign key (season_id) references seasons (id) not valid;
"""


def upgrade() -> None:
    default = sa.text("('s-'::text || gen_random_uuid())")
    op.add_column("seasons", sa.Column("slug", sa.Text(), nullable=False, server_default=default))
    op.add_column("seasons", sa.Column("cities", JSONB(), nullable=True))
    for name in ("clips_per_player", "votes_per_day"):
        op.add_column("seasons", sa.Column(name, sa.Integer(), nullable=True))
    again: sa.Column[bool] = sa.Column("same_file_again", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    op.add_column("seasons", again)
    op.add_column("seasons", sa.Column("winners_per_city", sa.Integer(), server_default="3", nullable=False))
    for name in MOMENTS:
        op.add_column("seasons", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.execute(FOLLOW)
    op.create_unique_constraint(op.f("seasons_slug_key"), "seasons", ["slug"])
    for name, rule in CHECKS.items():
        op.create_check_constraint(op.f(f"seasons_{name}_check"), "seasons", rule)
    span = sa.func.tstzrange(sa.column("opened_at"), sa.column("closed_at"))
    op.create_exclude_constraint("seasons_one_at_a_time", "seasons", (span, "&&"), using="gist")
    op.add_column("videos", sa.Column("season_id", sa.Uuid(), nullable=True))
    op.execute(ENTER)


def downgrade() -> None:
    op.execute("drop trigger videos_season on videos")
    op.execute("drop function videos_enter_season()")
    op.drop_column("videos", "season_id")
    op.drop_constraint("seasons_one_at_a_time", "seasons")
    for name in CHECKS:
        op.drop_constraint(op.f(f"seasons_{name}_check"), "seasons", type_="check")
    op.drop_constraint(op.f("seasons_slug_key"), "seasons", type_="unique")
    for name in (*MOMENTS, "slug", "cities", "clips_per_player", "votes_per_day", "same_file_again"):
        op.drop_column("seasons", name)
    op.drop_column("seasons", "winners_per_city")
