"""The tables of the public log of votes, and of the tallies that follow from it. Triggers write its outbox: 0029."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from anb.db.columns import metadata, time_column

CLIP_KEY = ("shortfall", "reached_index", "video_id")
PLAYER_KEY = ("shortfall", "last_index", "player_id")
NEW_UUID = text("gen_random_uuid()")

# What happened and is not in the log yet. Written by triggers on votes, videos, users and seasons; deleted when sealed.
pending_entries = Table(
    "pending_entries",
    metadata,
    Column("id", BigInteger, Identity(always=True), nullable=False),
    Column("season_id", Uuid, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("video_id", Uuid),
    Column("player_id", Uuid),
    Column("vote_id", BigInteger),
    Column("voter_id", Uuid),
    Column("pseudonym", Uuid),
    Column("jury", Boolean, nullable=False, server_default=text("false")),
    Column("class", SmallInteger),  # of a void or a withdrawal
    PrimaryKeyConstraint("season_id", "id"),
)

# Doubtful votes: accepted and promised, and not in the log until they are released, voided, or the season closes.
held_votes = Table(
    "held_votes",
    metadata,
    Column("vote_id", BigInteger, primary_key=True, autoincrement=False),
    Column("season_id", Uuid, nullable=False),
    Column("video_id", Uuid, nullable=False),
    Column("voter_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("pseudonym", Uuid, nullable=False),
    Column("jury", Boolean, nullable=False),
    time_column("cast_at", needed=True),
    Column("reasons", ARRAY(Text), nullable=False),
    time_column("held_at", needed=True, default=True),
    Index(None, "season_id", "vote_id"),
    Index(None, "video_id"),
    Index(None, "voter_id"),
)

# The leaves of each season's tree, without gaps. A trigger refuses every change.
log_leaves = Table(
    "log_leaves",
    metadata,
    Column("season_id", Uuid, nullable=False),
    Column("index", BigInteger, nullable=False),
    Column("vote_id", BigInteger),  # of the leaf that logs a vote
    Column("entry", LargeBinary, nullable=False),
    PrimaryKeyConstraint("season_id", "index"),
    Index("log_leaves_vote_key", "vote_id", unique=True, postgresql_where=text("vote_id is not null")),
)

# Logged votes that are void at present.
voided_leaves = Table(
    "voided_leaves",
    metadata,
    Column("season_id", Uuid, nullable=False),
    Column("index", BigInteger, nullable=False),
    PrimaryKeyConstraint("season_id", "index"),
)

# The hash of each full tile of the level below.
log_hashes = Table(
    "log_hashes",
    metadata,
    Column("season_id", Uuid, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("index", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("season_id", "level", "index"),
    CheckConstraint("level > 0", name="level"),
)

log_heads = Table(
    "log_heads",
    metadata,
    Column("season_id", Uuid, ForeignKey("seasons.id"), primary_key=True),
    Column("origin", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),  # of the first seal; no other key seals this season
    Column("size", BigInteger, nullable=False),
    Column("edge", ARRAY(LargeBinary), nullable=False),  # the roots of the full subtrees, largest first
    Column("root", LargeBinary, nullable=False),
    time_column("sealed_at", needed=True),
    Column("checkpoint", Text, nullable=False),
    # A close that is awaited: which one, and the first transaction that began after it was seen.
    time_column("closing_at"),
    Column("closing_xid", BigInteger),
    time_column("closed_at"),  # the close of the season that the log has a leaf of
)

# Checkpoints that are kept for ever: one an hour, and that of each close.
log_checkpoints = Table(
    "log_checkpoints",
    metadata,
    Column("season_id", Uuid, ForeignKey("seasons.id"), nullable=False),
    Column("size", BigInteger, nullable=False),
    time_column("at", needed=True),
    Column("note", Text, nullable=False),
    PrimaryKeyConstraint("season_id", "size"),
)

# The last comparison of each season's rows, tallies and log: when, and the first of what differed.
count_comparisons = Table(
    "count_comparisons",
    metadata,
    Column("season_id", Uuid, ForeignKey("seasons.id"), primary_key=True),
    time_column("compared_at", needed=True),
    Column("differences", ARRAY(Text), nullable=False),
)

# The public keys that have signed promises.
promise_keys = Table(
    "promise_keys",
    metadata,
    Column("public_key", LargeBinary, primary_key=True),
    time_column("since", needed=True, default=True),
)

# The name of each voter in the log of a season. An erasure deletes the person's rows.
voter_pseudonyms = Table(
    "voter_pseudonyms",
    metadata,
    Column("season_id", Uuid, nullable=False),
    Column("voter_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("pseudonym", Uuid, nullable=False, server_default=NEW_UUID),
    PrimaryKeyConstraint("voter_id", "season_id"),
)

# Sums of the log. `last_index` is the leaf of the last counted vote of the public.
clip_tallies = Table(
    "clip_tallies",
    metadata,
    Column("video_id", Uuid, primary_key=True),
    Column("season_id", Uuid, nullable=False),
    Column("player_id", Uuid, nullable=False),
    Column("city_key", Text, nullable=False),
    Column("votes", Integer, nullable=False, server_default="0"),
    Column("jury_votes", Integer, nullable=False, server_default="0"),
    Column("opened_index", BigInteger, nullable=False),
    Column("last_index", BigInteger),
    Column("is_open", Boolean, nullable=False),
    Column("is_withdrawn", Boolean, nullable=False, server_default=text("false")),  # for good: its votes count no more
    # What orders the most voted: votes negated, and the last vote that counts, else the opening.
    Column("shortfall", Integer, Computed("-votes", persisted=True), nullable=False),
    Column("reached_index", BigInteger, Computed("coalesce(last_index, opened_index)", persisted=True), nullable=False),
    Index(None, "season_id", "player_id"),
    Index("clip_tallies_most_idx", "season_id", *CLIP_KEY, postgresql_where=text("is_open")),
    Index("clip_tallies_city_most_idx", "season_id", "city_key", *CLIP_KEY, postgresql_where=text("is_open")),
    CheckConstraint("votes >= 0 and jury_votes >= 0", name="counts"),
    CheckConstraint("not (is_open and is_withdrawn)", name="withdrawn_is_hidden"),
)

# Sums over the open clips of each player. Without votes, `last_index` is `opened_index`; who has no open clip keeps a
# row with `clips` 0.
player_tallies = Table(
    "player_tallies",
    metadata,
    Column("season_id", Uuid, nullable=False),
    Column("player_id", Uuid, nullable=False),
    Column("city_key", Text, nullable=False),
    Column("city", Text, nullable=False),
    Column("votes", Integer, nullable=False),
    Column("jury_votes", Integer, nullable=False),
    Column("opened_index", BigInteger, nullable=False),
    Column("last_index", BigInteger, nullable=False),
    Column("clips", Integer, nullable=False),
    Column("shortfall", Integer, Computed("-votes", persisted=True), nullable=False),  # what orders the ranking
    PrimaryKeyConstraint("season_id", "player_id"),
    Index("player_tallies_rank_idx", "season_id", *PLAYER_KEY, postgresql_where=text("clips > 0")),
    Index("player_tallies_city_rank_idx", "season_id", "city_key", *PLAYER_KEY, postgresql_where=text("clips > 0")),
)
