"""Frozen results, and when a season was last reopened. Rows of results are never changed, except by an erasure."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0042"
down_revision = "0034"
branch_labels = None
depends_on = None

# A row that is written stays; only salt, name and user name are ever erased, all three.
KEPT = """
create function results_check_kept() returns trigger language plpgsql as $$
declare
    beside constant text[] := array['salt', 'name', 'username'];
begin
    if tg_op = 'UPDATE' and tg_table_name = 'result_rows' then
        if to_jsonb(new) ->> 'salt' is null and to_jsonb(new) - beside = to_jsonb(old) - beside then
            return new;
        end if;
    end if;
    raise check_violation using constraint = 'results_kept_check', table = tg_table_name,
        message = 'results are never changed or deleted';
end $$;
create trigger results_kept before update or delete on results for each row execute function results_check_kept();
create trigger result_rows_kept before update or delete on result_rows
for each row execute function results_check_kept();
"""
# What was counted stays counted: to void or restore a vote of frozen results, the season is reopened first.
FROZEN = """
create function votes_check_frozen() returns trigger language plpgsql as $$
begin
    perform from seasons where id = old.season_id for share;  -- a freeze comes before this, or sees it
    if exists (
        select from results join seasons on seasons.id = results.season_id
        where seasons.id = old.season_id and results.closed_at = seasons.closed_at
    ) then
        raise check_violation using constraint = 'votes_frozen_check', table = 'votes',
            message = 'the results of this vote''s season are frozen';
    end if;
    return new;
end $$;
create trigger votes_frozen before update of voided_at on votes
for each row when (old.voided_at is distinct from new.voided_at) execute function votes_check_frozen();
"""


def upgrade() -> None:
    op.add_column("seasons", sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True))
    _results()
    _rows()
    op.create_table(
        "result_stops",
        sa.Column("season_id", sa.Uuid(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("differences", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["season_id"], ["seasons.id"], name=op.f("result_stops_season_id_fkey")),
        sa.PrimaryKeyConstraint("season_id", name=op.f("result_stops_pkey")),
    )
    op.create_table(
        "results_told",
        sa.Column("season_id", sa.Uuid(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["season_id"], ["seasons.id"], name=op.f("results_told_season_id_fkey")),
        sa.PrimaryKeyConstraint("season_id", name=op.f("results_told_pkey")),
    )
    op.execute(KEPT)
    op.execute(FROZEN)


def _results() -> None:
    digests = "octet_length(digest) = 32 and octet_length(log_root) = 32"
    counts = "version > 0 and winners_per_city > 0 and players >= 0"
    op.create_table(
        "results",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("season_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in ("closed_at", "due_at", "frozen_at")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("winners_per_city", "players")),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("log_size", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in ("log_root", "digest")),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(counts, name=op.f("results_counts_check")),
        sa.CheckConstraint(digests, name=op.f("results_digests_check")),
        sa.ForeignKeyConstraint(["season_id"], ["seasons.id"], name=op.f("results_season_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("results_pkey")),
        sa.UniqueConstraint("season_id", "version", name=op.f("results_season_id_version_key")),
        sa.UniqueConstraint("season_id", "closed_at", name=op.f("results_season_id_closed_at_key")),
    )


def _rows() -> None:
    counts = "position > 0 and city_position > 0 and votes >= 0 and jury_votes >= 0"
    whole = "(salt is null) = (name is null) and (salt is null) = (username is null)"
    op.create_table(
        "result_rows",
        sa.Column("result_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("city", "city_key")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("city_position", "votes", "jury_votes")),
        sa.Column("reached_index", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("tied", "city_tied", "is_winner")),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("jury_position", "jury_points")),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("name", "username")),
        sa.CheckConstraint(counts, name=op.f("result_rows_counts_check")),
        sa.CheckConstraint("octet_length(commitment) = 32", name=op.f("result_rows_digests_check")),
        sa.CheckConstraint(whole, name=op.f("result_rows_erased_whole_check")),
        sa.ForeignKeyConstraint(["result_id"], ["results.id"], name=op.f("result_rows_result_id_fkey")),
        sa.ForeignKeyConstraint(["player_id"], ["users.id"], name=op.f("result_rows_player_id_fkey")),
        sa.PrimaryKeyConstraint("result_id", "position", name=op.f("result_rows_pkey")),
        sa.UniqueConstraint("result_id", "player_id", name=op.f("result_rows_result_id_player_id_key")),
    )
    op.create_index(op.f("result_rows_player_id_idx"), "result_rows", ["player_id"])
    cities = ["result_id", "city_key", "city_position"]
    op.create_index(op.f("result_rows_result_id_city_key_city_position_idx"), "result_rows", cities)


def downgrade() -> None:
    op.execute("drop trigger votes_frozen on votes")
    op.execute("drop function votes_check_frozen()")
    for table in ("results_told", "result_stops", "result_rows", "results"):
        op.drop_table(table)
    op.execute("drop function results_check_kept()")
    op.drop_column("seasons", "reopened_at")
