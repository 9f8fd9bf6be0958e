"""The table of people who may not vote again in a season."""

from sqlalchemy import Column, ForeignKey, Table, Text, Uuid

from anb.db.columns import metadata, time_column

# People who voted and then erased their account: a keyed hash of the e-mail, until some days after the season's close.
barred_voters = Table(
    "barred_voters",
    metadata,
    Column("season_id", Uuid, ForeignKey("seasons.id", ondelete="CASCADE"), primary_key=True),
    Column("mark", Text, primary_key=True),
    time_column("since", needed=True, default=True),
)
