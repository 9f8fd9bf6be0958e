"""The log of votes: whatever counts is written to an outbox, by triggers that cover the version before too."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# The database refuses what does not count, whoever asks: the votes of the season are open by the clock at this moment,
# the clip is public and of that season, and it is not the voter's own. The locks let a close and a withdrawal wait.
VOTES = """
create function votes_check_open() returns trigger language plpgsql as $$
declare
    opens timestamptz;
    closes timestamptz;
begin
    select coalesce(seasons.votes_open_at, seasons.opened_at), seasons.closed_at into opens, closes
    from videos join seasons on seasons.id = videos.season_id
    where videos.id = new.video_id and videos.season_id = new.season_id
        and videos.published_at is not null and videos.owner_id <> new.voter_id
    for share;
    if not found or clock_timestamp() < opens or clock_timestamp() >= closes then
        return null;
    end if;
    if new.cast_at >= closes then
        new.cast_at := closes - interval '1 microsecond';
    end if;
    return new;
end $$;
create function voter_pseudonym(season uuid, voter uuid) returns uuid language plpgsql as $$
declare
    known uuid;
begin
    select pseudonym into known from voter_pseudonyms where season_id = season and voter_id = voter;
    if known is null then
        insert into voter_pseudonyms (season_id, voter_id) values (season, voter) on conflict do nothing;
        select pseudonym into known from voter_pseudonyms where season_id = season and voter_id = voter;
    end if;
    return known;
end $$;
create function votes_await_log() returns trigger language plpgsql as $$
begin
    insert into pending_entries (season_id, kind, at, video_id, vote_id, voter_id, pseudonym, jury)
    values (new.season_id, 6, new.cast_at, new.video_id, new.id, new.voter_id,
        voter_pseudonym(new.season_id, new.voter_id), new.jury);
    return null;
end $$;
create function votes_check_kept() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and (old.voided_at is null) <> (new.voided_at is null)
        and (new.id, new.voter_id, new.video_id, new.season_id, new.jury, new.cast_at)
            = (old.id, old.voter_id, old.video_id, old.season_id, old.jury, old.cast_at) then
        return new;
    end if;
    raise check_violation using constraint = 'votes_kept_check', table = 'votes',
        message = 'vote ' || old.id || ' is never deleted, and changed only by voiding or restoring it';
end $$;
create function votes_await_void() returns trigger language plpgsql as $$
begin
    -- The leaf of the clip's withdrawal speaks for all its votes.
    if coalesce(new.void_reason, old.void_reason) not in ('withdrawn', 'taken_down') then
        insert into pending_entries (season_id, kind, video_id, vote_id, jury, class)
        values (new.season_id, case when new.voided_at is null then 8 else 7 end, new.video_id, new.id, new.jury,
            case new.void_reason when 'doubtful' then 1 when 'fraud' then 2 else 3 end);
    end if;
    return null;
end $$;
create trigger votes_open before insert on votes for each row execute function votes_check_open();
create trigger votes_logged after insert on votes for each row execute function votes_await_log();
create trigger votes_kept before update or delete on votes for each row execute function votes_check_kept();
create trigger votes_voided after update of voided_at on votes for each row
when ((old.voided_at is null) <> (new.voided_at is null)) execute function votes_await_void();
"""
# A clip that is public in a season which has not ended: opened (1), hidden (4), withdrawn or taken down (5). The log
# says "restored" where it has opened the clip before. After the close nothing changes what was counted.
CLIPS = """
create function videos_await_log() returns trigger language plpgsql as $$
declare
    was boolean := tg_op = 'UPDATE' and old.published_at is not null and old.season_id is not null;
    shown boolean := new.published_at is not null and new.season_id is not null;
    what smallint;
begin
    if new.withdrawn_at is not null and (tg_op = 'INSERT' or old.withdrawn_at is null) then
        what := 5;
    elsif shown and not was then
        what := 1;
    elsif was and not shown then
        what := 4;
    end if;
    if what is not null and exists (
        select from seasons where id = new.season_id and (closed_at is null or closed_at > clock_timestamp())
    ) then
        insert into pending_entries (season_id, kind, video_id, player_id, class)
        values (new.season_id, what, new.id, new.owner_id,
            case when what = 5 then case when to_jsonb(new) ->> 'taken_down_at' is null then 1 else 2 end end);
    end if;
    return null;
end $$;
create trigger videos_logged after insert or update of published_at, withdrawn_at, season_id on videos
for each row execute function videos_await_log();
create function users_await_log() returns trigger language plpgsql as $$
begin
    insert into pending_entries (season_id, kind, player_id)
    select seasons.id, 2, new.id from seasons
    where (closed_at is null or closed_at > clock_timestamp())
        and exists (select from videos where owner_id = new.id and season_id = seasons.id);
    return null;
end $$;
create trigger users_moved after update of city on users for each row
when (old.city is distinct from new.city) execute function users_await_log();
-- A season that goes on: what happened to clips and players since its close counts from now on.
create function seasons_await_log() returns trigger language plpgsql as $$
begin
    if old.closed_at <= clock_timestamp() and (new.closed_at is null or new.closed_at > clock_timestamp()) then
        insert into pending_entries (season_id, kind, video_id, player_id, class)
        select new.id, case when withdrawn_at is not null then 5 when published_at is not null then 1 else 4 end, id,
            owner_id, case when to_jsonb(videos) ->> 'taken_down_at' is null then 1 else 2 end
        from videos where season_id = new.id and first_published_at is not null order by videos.id;
        insert into pending_entries (season_id, kind, player_id)
        select distinct new.id, 2, owner_id from videos where season_id = new.id and first_published_at is not null;
    end if;
    return null;
end $$;
create trigger seasons_reopened after update of closed_at on seasons for each row
when (old.closed_at is not null) execute function seasons_await_log();
"""
LEAVES = """
create function log_check_kept() returns trigger language plpgsql as $$
begin
    raise check_violation using constraint = tg_table_name || '_kept_check', table = tg_table_name,
        message = 'what the log of votes holds is never changed or deleted';
end $$;
create trigger log_leaves_kept before update or delete on log_leaves for each row execute function log_check_kept();
create trigger log_hashes_kept before update or delete on log_hashes for each row execute function log_check_kept();
create trigger log_checkpoints_kept before update or delete on log_checkpoints
for each row execute function log_check_kept();
alter table pending_entries set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
"""
# The clips that are there already come before all votes, by negative ids; the votes come by their own ids, in 0031.
# The triggers' locks have kept others out: every later vote has a greater id, and an entry after those.
BEGIN = """
insert into pending_entries (id, season_id, kind, at, video_id, player_id) overriding system value
select -row_number() over (order by kind desc, at desc, video_id desc), season_id, kind, at, video_id, owner_id from (
    select 1 kind, first_published_at at, videos.id video_id, owner_id, season_id
    from videos join seasons on seasons.id = season_id
    where first_published_at is not null and (withdrawn_at is null or withdrawn_at >= seasons.closed_at)
    union all
    select 4, now(), id, owner_id, season_id from videos
    where first_published_at is not null and season_id is not null and published_at is null and withdrawn_at is null
) known;
do $$ declare
    last bigint := (select coalesce(max(id), 0) from votes);
begin
    execute format('alter table pending_entries alter column id restart with %s', last + 1);
    execute format('create function votes_before_log() returns bigint language sql immutable return %s::bigint', last);
end $$;
"""
FUNCTIONS = (
    "votes_check_open()", "voter_pseudonym(uuid, uuid)", "votes_await_log()", "votes_check_kept()",
    "votes_await_void()", "videos_await_log()", "users_await_log()", "seasons_await_log()", "log_check_kept()",
)  # fmt: skip
TRIGGERS = {
    "log_leaves": ("log_leaves_kept",),
    "log_hashes": ("log_hashes_kept",),
    "log_checkpoints": ("log_checkpoints_kept",),
    "votes": ("votes_open", "votes_logged", "votes_kept", "votes_voided"),
    "videos": ("videos_logged",),
    "users": ("users_moved",),
    "seasons": ("seasons_reopened",),
}


def upgrade() -> None:
    for statements in (VOTES, CLIPS, LEAVES, BEGIN):
        op.execute(statements)


def downgrade() -> None:
    for table, triggers in TRIGGERS.items():
        for trigger in triggers:
            op.execute(f"drop trigger {trigger} on {table}")
    for function in FUNCTIONS:
        op.execute(f"drop function {function}")
    op.execute("drop function if exists votes_before_log()")
    op.execute("delete from pending_entries")
