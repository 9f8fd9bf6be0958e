"""Jobs that wait for consent (`held`), which no claim takes; the version before claims only queued jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# As in 0004, with the moves from and to `held`.
MOVES = """
create or replace function jobs_check_move() returns trigger language plpgsql as $$
declare
    move constant text := old.state || ' > ' || new.state;
    same_attempt constant boolean := new.attempt = old.attempt;
    same_counts constant boolean := (new.faults, new.deaths, new.round) = (old.faults, old.deaths, old.round);
    one_more constant boolean := new.round = old.round and (
        (new.faults, new.deaths) = (old.faults + 1, old.deaths)
        or (new.faults, new.deaths) = (old.faults, old.deaths + 1) and old.lease_expires_at <= clock_timestamp()
    );
    legal constant boolean := case
        when move = 'queued > running' then
            new.attempt = old.attempt + 1 and same_counts and old.available_at <= clock_timestamp()
        when move = 'running > queued' then same_attempt and (same_counts or one_more)
        when move = 'running > dead' then same_attempt and one_more
        when move in ('queued > queued', 'running > running', 'queued > cancelled', 'running > cancelled',
                      'running > done', 'running > failed'{moves}) then same_attempt and same_counts
        when move in ('failed > queued', 'dead > queued') then
            same_attempt and (new.faults, new.deaths, new.round) = (0, 0, old.round + 1)
        when new.state = old.state then  -- over: its video may be deleted, all else is history
            to_jsonb(new) - 'video_id' = to_jsonb(old) - 'video_id'
        else false
    end;
begin
    if not legal then
        raise check_violation using constraint = 'jobs_move_check', table = 'jobs',
            message = 'a job may not go ' || move || ', attempt ' || old.attempt || ' > ' || new.attempt;
    end if;
    return new;
end $$;

create or replace function jobs_check_birth() returns trigger language plpgsql as $$
begin
    if new.state not in ('queued'{births}) or (new.attempt, new.faults, new.deaths, new.round) <> (0, 0, 0, 1) then
        raise check_violation using constraint = 'jobs_birth_check', table = 'jobs',
            message = 'a job may not begin as ' || new.state || ', attempt ' || new.attempt;
    end if;
    return new;
end $$;
"""
STATES = "'queued', 'running', 'done', 'failed', 'dead', 'cancelled'"


def upgrade() -> None:
    _replace_checks(f"{STATES}, 'held'", "'queued', 'running', 'held'")
    op.create_index("jobs_held_idx", "jobs", ["owner_id", "id"], postgresql_where=sa.text("state = 'held'"))
    moves = ", 'running > held', 'held > held', 'held > queued', 'held > cancelled'"
    op.execute(MOVES.format(moves=moves, births=", 'held'"))


def downgrade() -> None:
    op.execute("update jobs set state = 'cancelled', finished_at = now() where state = 'held'")
    op.execute(MOVES.format(moves="", births=""))
    op.drop_index("jobs_held_idx", "jobs")
    _replace_checks(STATES, "'queued', 'running'")


def _replace_checks(states: str, unfinished: str) -> None:
    rules = {
        "state": f"state in ({states})",
        "ended_has_time": f"(state not in ({unfinished})) = (finished_at is not null)",
    }
    for name, rule in rules.items():
        op.drop_constraint(op.f(f"jobs_{name}_check"), "jobs", type_="check")
        op.create_check_constraint(op.f(f"jobs_{name}_check"), "jobs", rule)
