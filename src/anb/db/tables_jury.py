"""The tables of the jury."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from anb.db.columns import metadata, time_column

# A juror of a season, from the first look at the queue on.
season_jurors = Table(
    "season_jurors",
    metadata,
    Column("season_id", Uuid, ForeignKey("seasons.id"), primary_key=True),
    Column("juror_id", Uuid, ForeignKey("users.id"), primary_key=True),
    Column("place", Integer, nullable=False),  # decides where the juror's queue begins
    time_column("joined_at", needed=True, default=True),
    time_column("set_aside_at"),  # by an organizer: the juror's scores do not count
    UniqueConstraint("season_id", "place"),
)

# What a juror thinks of a clip. A trigger lets no score in or out after the close, of a clip that is not public, of
# one's own clip, or without the role.
jury_scores = Table(
    "jury_scores",
    metadata,
    Column("juror_id", Uuid, ForeignKey("users.id"), primary_key=True),
    Column("video_id", Uuid, ForeignKey("videos.id"), primary_key=True),
    Column("season_id", Uuid, ForeignKey("seasons.id"), nullable=False),
    Column("marks", JSONB(none_as_null=True)),  # {criterion: mark}; null: the juror took the score back
    Column("note", Text),
    Column("revision", Integer, nullable=False, server_default="1"),  # another one with each change
    time_column("scored_at", needed=True, default=True),
    CheckConstraint("jsonb_typeof(marks) = 'object'", name="marks"),
    CheckConstraint("length(note) <= 1000", name="note"),
    Index(None, "season_id"),
    Index(None, "video_id"),
)
