"""The table of people's photos."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Table, Text, Uuid

from anb.db.columns import metadata, time_column

# A row for each of the two pictures of a photo. The file that was sent is not kept.
photos = Table(
    "photos",
    metadata,
    Column("account_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("side", Text, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    time_column("added_at", needed=True, default=True),
    CheckConstraint("side in ('large', 'small')", name="side"),
)
