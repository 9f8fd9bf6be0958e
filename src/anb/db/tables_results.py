"""The frozen results of seasons. A trigger refuses every change but an erasure's: see the migration."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from anb.db.columns import id_column, metadata, time_column

# One row per close of a season: a season that was reopened and closed again has another version.
results = Table(
    "results",
    metadata,
    id_column(),
    Column("season_id", Uuid, ForeignKey("seasons.id"), nullable=False),
    Column("version", Integer, nullable=False),
    time_column("closed_at", needed=True),  # the close that they are of
    time_column("due_at", needed=True),  # from then on they are public
    time_column("frozen_at", needed=True),
    Column("winners_per_city", Integer, nullable=False),
    Column("players", Integer, nullable=False),
    Column("origin", Text, nullable=False),  # of the season's log
    Column("log_size", BigInteger, nullable=False),
    Column("log_root", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),  # SHA-256 over the statement: results.domain
    Column("note", Text, nullable=False),  # the digest, signed with the key of the log
    CheckConstraint("version > 0 and winners_per_city > 0 and players >= 0", name="counts"),
    CheckConstraint("octet_length(digest) = 32 and octet_length(log_root) = 32", name="digests"),
    UniqueConstraint("season_id", "version"),
    UniqueConstraint("season_id", "closed_at"),
)

# The place of each player.
result_rows = Table(
    "result_rows",
    metadata,
    Column("result_id", Uuid, ForeignKey("results.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("player_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("city", Text, nullable=False),
    Column("city_key", Text, nullable=False),
    Column("city_position", Integer, nullable=False),
    Column("votes", Integer, nullable=False),
    Column("jury_votes", Integer, nullable=False),
    Column("reached_index", BigInteger, nullable=False),  # of the log's entry that decides ties
    Column("tied", Boolean, nullable=False),  # with another player of the country
    Column("city_tied", Boolean, nullable=False),  # with another player of the city
    Column("is_winner", Boolean, nullable=False),
    Column("jury_position", Integer),  # by the jury's scores; null: none, or the season has no criteria
    Column("jury_points", Integer),  # thousandths of the jury's mean
    Column("commitment", LargeBinary, nullable=False),  # SHA-256 over the salt, the name and the user name
    # Beside what is signed: erased with the person.
    Column("salt", LargeBinary),
    Column("name", Text),
    Column("username", Text),
    CheckConstraint("position > 0 and city_position > 0 and votes >= 0 and jury_votes >= 0", name="counts"),
    CheckConstraint("octet_length(commitment) = 32", name="digests"),
    CheckConstraint("(salt is null) = (name is null) and (salt is null) = (username is null)", name="erased_whole"),
    UniqueConstraint("result_id", "player_id"),
    Index(None, "player_id"),
    Index(None, "result_id", "city_key", "city_position"),
)

# Closed seasons whose rows, tallies and log differ: nothing is frozen until they agree.
result_stops = Table(
    "result_stops",
    metadata,
    Column("season_id", Uuid, ForeignKey("seasons.id"), primary_key=True),
    time_column("found_at", needed=True),
    Column("differences", JSONB, nullable=False),
)

# Seasons whose players were told of their results.
results_told = Table(
    "results_told",
    metadata,
    Column("season_id", Uuid, ForeignKey("seasons.id"), primary_key=True),
    time_column("told_at", needed=True, default=True),
)
