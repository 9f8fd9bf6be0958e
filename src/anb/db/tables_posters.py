"""The table of the files that are made of a clip's poster."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKeyConstraint, Integer, Table, Text, Uuid

from anb.db.columns import metadata, time_column

# Apart from the other renditions: the version before this one fails at a kind that it does not know. When that version
# replaces or removes a poster, these rows go with it, and the sweep deletes their files.
poster_files = Table(
    "poster_files",
    metadata,
    Column("video_id", Uuid, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("made_of", Text, nullable=False, server_default="poster"),
    Column("key", Text, nullable=False, unique=True),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("recipe", Integer, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    time_column("made_at", needed=True, default=True),
    ForeignKeyConstraint(["video_id", "made_of"], ["renditions.video_id", "renditions.kind"], ondelete="CASCADE"),
    CheckConstraint("made_of = 'poster'", name="made_of"),
    CheckConstraint("kind in ('poster-320', 'poster-640', 'poster-960', 'poster-640-jpeg')", name="kind"),
)
