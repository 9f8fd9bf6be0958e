"""A jury scores clips: its rules and close in the season, its jurors, and their scores, guarded by the database."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0038"
down_revision = "0041"
branch_labels = None
depends_on = None

# Each row that the answer depends on is locked before the clock is read: whoever takes the role, sets the juror aside,
# hides the clip, changes the rules or closes the season early has committed by then, or waits for this score.
GUARD = """
create function jury_scores_guard() returns trigger language plpgsql as $$
declare
    judged seasons%rowtype;
    moment timestamptz;
begin
    if tg_op = 'UPDATE' then
        if new.note is null and to_jsonb(new) - 'note' = to_jsonb(old) - 'note' then
            return new; -- a note may be erased at any time
        end if;
        if (new.juror_id, new.video_id, new.season_id) is distinct from (old.juror_id, old.video_id, old.season_id) then
            return null;
        end if;
    end if;
    perform from users where id = new.juror_id and role = 'juror' and erased_at is null for share;
    if not found then return null; end if;
    perform from season_jurors
        where season_id = new.season_id and juror_id = new.juror_id and set_aside_at is null for share;
    if not found then return null; end if;
    perform from videos where id = new.video_id and season_id = new.season_id and owner_id <> new.juror_id
        and published_at is not null for share;
    if not found then return null; end if;
    select * into judged from seasons where id = new.season_id for share;
    moment := clock_timestamp();
    if judged.jury is null or moment < judged.opened_at
            or moment >= coalesce(judged.jury_closes_at, judged.closed_at, 'infinity') then
        return null;
    end if;
    if new.marks is not null and exists (
        select from jsonb_array_elements(judged.jury -> 'criteria') one
        where coalesce((new.marks ->> (one ->> 'name'))::int, -1)
            not between (judged.jury ->> 'lowest')::int and (judged.jury ->> 'highest')::int
    ) then
        return null;
    end if;
    new.scored_at := moment;
    return new;
end $$;
create trigger jury_scores_guard before insert or update on jury_scores
    for each row execute function jury_scores_guard();
"""
CLOSES = "jury_closes_at <= results_at"


def upgrade() -> None:
    op.add_column("seasons", sa.Column("jury", JSONB(), nullable=True))
    op.add_column("seasons", sa.Column("jury_closes_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f("seasons_jury_before_results_check"), "seasons", CLOSES)
    op.create_table(
        "season_jurors",
        sa.Column("season_id", sa.Uuid(), nullable=False),
        sa.Column("juror_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("set_aside_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["season_id"], ["seasons.id"], name=op.f("season_jurors_season_id_fkey")),
        sa.ForeignKeyConstraint(["juror_id"], ["users.id"], name=op.f("season_jurors_juror_id_fkey")),
        sa.PrimaryKeyConstraint("season_id", "juror_id", name=op.f("season_jurors_pkey")),
        sa.UniqueConstraint("season_id", "place", name=op.f("season_jurors_season_id_place_key")),
    )
    op.create_table(
        "jury_scores",
        sa.Column("juror_id", sa.Uuid(), nullable=False),
        sa.Column("video_id", sa.Uuid(), nullable=False),
        sa.Column("season_id", sa.Uuid(), nullable=False),
        sa.Column("marks", JSONB(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("jsonb_typeof(marks) = 'object'", name=op.f("jury_scores_marks_check")),
        sa.CheckConstraint("length(note) <= 1000", name=op.f("jury_scores_note_check")),
        sa.ForeignKeyConstraint(["juror_id"], ["users.id"], name=op.f("jury_scores_juror_id_fkey")),
        sa.ForeignKeyConstraint(["video_id"], ["videos.id"], name=op.f("jury_scores_video_id_fkey")),
        sa.ForeignKeyConstraint(["season_id"], ["seasons.id"], name=op.f("jury_scores_season_id_fkey")),
        sa.PrimaryKeyConstraint("juror_id", "video_id", name=op.f("jury_scores_pkey")),
    )
    op.create_index(op.f("jury_scores_season_id_idx"), "jury_scores", ["season_id"])
    op.create_index(op.f("jury_scores_video_id_idx"), "jury_scores", ["video_id"])
    op.execute(GUARD)


def downgrade() -> None:
    op.drop_table("jury_scores")
    op.execute("drop function jury_scores_guard()")
    op.drop_table("season_jurors")
    op.drop_constraint(op.f("seasons_jury_before_results_check"), "seasons", type_="check")
    op.drop_column("seasons", "jury_closes_at")
    op.drop_column("seasons", "jury")
