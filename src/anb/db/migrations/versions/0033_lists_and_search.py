"""The public clips as lists and searches read them, kept by triggers whichever version of the code writes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0033"
down_revision = "0037"
branch_labels = None
depends_on = None

# As anb.accounts.domain.fold has it. The collations are PostgreSQL's own, the same on every machine.
FUNCTIONS = """
create function folded_words(said text) returns text[] language sql immutable strict parallel safe as $$
    select coalesce(array_agg(distinct word collate "C"), '{}') from regexp_split_to_table(
        regexp_replace(normalize(casefold(said collate pg_unicode_fast), nfkd), '[\\u0300-\\u036f]', '', 'g')
            collate pg_unicode_fast,
        '[^[:alnum:]]+') word where word <> ''
$$;
create function words_wanted(said text) returns tsquery language sql immutable strict parallel safe as $$
    select string_agg('''' || word || ''':*', ' & ')::tsquery from unnest(folded_words(said)) word
$$;
create function list_clip(clip videos) returns void language sql as $$
    insert into listed_clips (video_id, season_id, owner_id, city_key, city, published_at, draw, words)
    select clip.id, clip.season_id, clip.owner_id, users.city_key, users.city, clip.published_at,
        ('x' || left(md5(clip.id::text), 6))::bit(24)::integer,
        array_to_tsvector(folded_words(
            clip.title || ' ' || coalesce(users.public_name, users.first_name || ' ' || users.last_name)))
    from users where users.id = clip.owner_id
    on conflict (video_id) do update set
        season_id = excluded.season_id, published_at = excluded.published_at, words = excluded.words
$$;
create function videos_list() returns trigger language plpgsql as $$
begin
    if new.published_at is not null and new.season_id is not null then
        perform list_clip(new);
    else
        delete from listed_clips where video_id = new.id;
        if not found then
            return null;
        end if;
    end if;
    insert into list_changes default values;
    return null;
end $$;
create trigger videos_listed after insert or update of published_at, season_id, title, owner_id on videos
    for each row execute function videos_list();
create function relist_player(player uuid) returns void language sql as $$
    select list_clip(videos) from videos join listed_clips on listed_clips.video_id = videos.id
    where listed_clips.owner_id = player and videos.published_at is not null;
    update listed_clips set city = users.city, city_key = users.city_key from users, seasons
    where listed_clips.owner_id = player and users.id = player and seasons.id = listed_clips.season_id
        and (seasons.closed_at is null or seasons.closed_at > clock_timestamp())
        and listed_clips.city is distinct from users.city
$$;
create function users_list() returns trigger language plpgsql as $$
begin
    perform relist_player(new.id);
    insert into list_changes (player_id) values (new.id);
    return null;
end $$;
create trigger users_listed after update of public_name, first_name, last_name, username, city on users
    for each row when ((old.public_name, old.first_name, old.last_name, old.username, old.city)
        is distinct from (new.public_name, new.first_name, new.last_name, new.username, new.city))
    execute function users_list();
"""
INDEXES = (
    ("listed_clips_newest_idx", ["season_id", "published_at", "video_id"]),
    ("listed_clips_city_idx", ["season_id", "city_key", "published_at", "video_id"]),
    ("listed_clips_draw_idx", ["season_id", "draw"]),
    ("listed_clips_city_draw_idx", ["season_id", "city_key", "draw"]),
    ("listed_clips_owner_id_idx", ["owner_id"]),
)


def upgrade() -> None:
    op.create_table(
        "listed_clips",
        sa.Column("video_id", sa.Uuid(), nullable=False),
        sa.Column("season_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("city_key", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("draw", sa.Integer(), nullable=False),
        sa.Column("words", TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(
            ["video_id"], ["videos.id"], name=op.f("listed_clips_video_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("video_id", name=op.f("listed_clips_pkey")),
    )
    op.create_table(
        "list_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("list_changes_pkey")),
    )
    for name, columns in INDEXES:
        op.create_index(name, "listed_clips", columns)
    op.create_index("listed_clips_words_idx", "listed_clips", ["words"], postgresql_using="gin")
    op.execute(FUNCTIONS)


def downgrade() -> None:
    op.execute("drop trigger videos_listed on videos; drop trigger users_listed on users")
    op.execute("drop function videos_list(); drop function users_list(); drop function relist_player(uuid)")
    op.execute("drop function list_clip(videos); drop function words_wanted(text); drop function folded_words(text)")
    op.drop_table("list_changes")
    op.drop_table("listed_clips")
