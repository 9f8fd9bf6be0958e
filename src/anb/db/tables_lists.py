"""What lists are read from: triggers keep these tables (migration 0033), whichever version of the code writes."""

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, Index, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import TSVECTOR

from anb.db.columns import metadata, time_column

# A row for each public clip, with the keys of every order and the folded words of its title and its player's name.
listed_clips = Table(
    "listed_clips",
    metadata,
    Column("video_id", Uuid, ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True),
    Column("season_id", Uuid, nullable=False),
    Column("owner_id", Uuid, nullable=False, index=True),
    Column("city_key", Text, nullable=False),
    Column("city", Text, nullable=False),  # as the player wrote it; it stays when the season has ended
    time_column("published_at", needed=True),
    Column("draw", Integer, nullable=False),  # 24 bits of a hash of its id: where shuffles find it
    Column("words", TSVECTOR, nullable=False),
    Index("listed_clips_newest_idx", "season_id", "published_at", "video_id"),
    Index("listed_clips_city_idx", "season_id", "city_key", "published_at", "video_id"),
    Index("listed_clips_draw_idx", "season_id", "draw"),
    Index("listed_clips_city_draw_idx", "season_id", "city_key", "draw"),
    Index("listed_clips_words_idx", "words", postgresql_using="gin"),
)

# A row for each change to the lists that is not a vote. The newest are part of the lists' version.
list_changes = Table(
    "list_changes",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("player_id", Uuid),  # of whom another name is shown
)
