"""What makes places cheap: anchors along the ranking, kept by triggers (migration 0035), and yesterday's places."""

from sqlalchemy import BigInteger, Column, Date, Index, Integer, PrimaryKeyConstraint, Table, Text, Uuid

from anb.db.columns import metadata

# Points along a ranking, with the number of players ahead of each: of the country (scope " ") or of a city (its key).
# A key need not be any player's: triggers on player_tallies change `ahead` alone.
rank_anchors = Table(
    "rank_anchors",
    metadata,
    Column("season_id", Uuid, nullable=False),
    Column("scope", Text, nullable=False),
    Column("shortfall", Integer, nullable=False),  # the votes, negated: the ranking's order is ascending in all parts
    Column("last_index", BigInteger, nullable=False),
    Column("player_id", Uuid, nullable=False),
    Column("ahead", Integer, nullable=False),
    PrimaryKeyConstraint("season_id", "scope", "shortfall", "last_index", "player_id"),
)

# The places of each player when a day of Colombia began; only those of the last day are kept.
former_places = Table(
    "former_places",
    metadata,
    Column("season_id", Uuid, nullable=False),
    Column("player_id", Uuid, nullable=False),
    Column("place", Integer, nullable=False),
    Column("city_place", Integer, nullable=False),
    PrimaryKeyConstraint("season_id", "player_id"),
    Index(None, "player_id"),
)
place_days = Table(
    "place_days",
    metadata,
    Column("season_id", Uuid, primary_key=True),
    Column("day", Date, nullable=False),
)
