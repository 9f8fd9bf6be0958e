"""The job engine: legal moves alone, lanes and turns, faults and deaths counted apart, a timeline, switches."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LIVE = "state in ('queued', 'running')"

# The state machine of docs/packages/jobs.md. What is refused is a constraint's violation, as any other would be.
MOVES = """
create function jobs_check_move() returns trigger language plpgsql as $$
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
                      'running > done', 'running > failed') then same_attempt and same_counts
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

create function jobs_check_birth() returns trigger language plpgsql as $$
begin
    if (new.state, new.attempt, new.faults, new.deaths, new.round) <> ('queued', 0, 0, 0, 1) then
        raise check_violation using constraint = 'jobs_birth_check', table = 'jobs',
            message = 'a job may not begin as ' || new.state || ', attempt ' || new.attempt;
    end if;
    return new;
end $$;

create trigger jobs_birth before insert on jobs for each row execute function jobs_check_birth();

-- A heartbeat and a wake change none of these, and need not be looked at.
create trigger jobs_move before update on jobs for each row
when (old.state <> new.state or old.state not in ('queued', 'running')
      or (old.attempt, old.faults, old.deaths, old.round) <> (new.attempt, new.faults, new.deaths, new.round))
execute function jobs_check_move();
"""
UNDO = """
drop trigger jobs_move on jobs;
drop trigger jobs_birth on jobs;
drop function jobs_check_move();
drop function jobs_check_birth();
"""
INDEXES = {
    "jobs_line_idx": (["lane", "turn_at", "id", "available_at"], "state = 'queued'"),
    "jobs_begun_idx": (["lane", "started_at"], "started_at is not null"),
    "jobs_owner_idx": (["owner_id", "lane", "turn_at"], LIVE),
    "jobs_unhappy_idx": (["state", "id"], "state in ('failed', 'dead', 'cancelled')"),
}


def upgrade() -> None:
    op.add_column("jobs", sa.Column("lane", sa.Text(), server_default="light", nullable=False))
    now = sa.text("now()")
    op.add_column("jobs", sa.Column("turn_at", sa.DateTime(timezone=True), server_default=now, nullable=False))
    for name, value in (("faults", "0"), ("deaths", "0"), ("round", "1")):
        op.add_column("jobs", sa.Column(name, sa.Integer(), server_default=value, nullable=False))
    op.execute("update jobs set turn_at = available_at where state in ('queued', 'running')")
    _replace_checks(
        state="state in ('queued', 'running', 'done', 'failed', 'dead', 'cancelled')",
        ended_has_time="(state not in ('queued', 'running')) = (finished_at is not null)",
    )
    op.create_check_constraint(op.f("jobs_lane_check"), "jobs", "lane in ('light', 'heavy', 'reedit', 'suspect')")
    for name, (columns, where) in INDEXES.items():
        op.create_index(name, "jobs", columns, postgresql_where=sa.text(where))
    op.create_table(
        "job_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("who", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("job_events_job_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("job_events_pkey")),
    )
    op.create_index(op.f("job_events_job_id_id_idx"), "job_events", ["job_id", "id"])
    op.create_table(
        "switches",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.CheckConstraint("name in ('drain')", name=op.f("switches_name_check")),
        sa.PrimaryKeyConstraint("name", name=op.f("switches_pkey")),
    )
    op.execute(MOVES)


def downgrade() -> None:
    op.execute(UNDO)
    op.drop_table("switches")
    op.drop_table("job_events")
    for name in INDEXES:
        op.drop_index(name, "jobs")
    op.execute("update jobs set state = 'failed' where state = 'dead'")
    op.drop_constraint(op.f("jobs_lane_check"), "jobs", type_="check")
    _replace_checks(
        state="state in ('queued', 'running', 'done', 'failed', 'cancelled')",
        ended_has_time="(state in ('done', 'failed', 'cancelled')) = (finished_at is not null)",
    )
    for name in ("lane", "turn_at", "faults", "deaths", "round"):
        op.drop_column("jobs", name)


def _replace_checks(**checks: str) -> None:
    for name, rule in checks.items():
        op.drop_constraint(op.f(f"jobs_{name}_check"), "jobs", type_="check")
        op.create_check_constraint(op.f(f"jobs_{name}_check"), "jobs", rule)
