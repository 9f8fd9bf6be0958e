"""The tables of signals of fraud, and of the clusters of accounts that they show."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)

from anb.db.columns import id_column, metadata, time_column

# From which device and network an account did what: keyed hashes. A pair that comes again updates its row, so this is
# no history of a person's movements. Empty: the request brought no cookie, or the network is exempt or unknown.
signals = Table(
    "signals",
    metadata,
    Column("account_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("act", Text, primary_key=True),
    Column("device", Text, primary_key=True),
    Column("block", Text, primary_key=True),
    time_column("first_seen", needed=True, default=True),
    time_column("last_seen", needed=True, default=True),  # to the hour
    CheckConstraint("act in ('sign-up', 'sign-in', 'vote')", name="act"),
    CheckConstraint("device <> '' or block <> ''", name="says_something"),
    Index("signals_device_idx", "device", postgresql_where=text("device <> ''")),
)

# The keyed hash of an e-mail's normal form, as of the account's last sign-in.
mailboxes = Table(
    "mailboxes",
    metadata,
    Column("account_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("mark", Text, nullable=False, index=True),
    time_column("noted_at", needed=True, default=True),
)

# Accounts that seem to belong to the same person. A cluster that was joined to an older one leads to it.
clusters = Table(
    "clusters",
    metadata,
    id_column(),
    time_column("found_at", needed=True, default=True),
    time_column("grew_at", needed=True, default=True),  # when it last got a member or new evidence
    time_column("reviewed_at"),
    Column("merged_into", Uuid, ForeignKey("clusters.id", ondelete="CASCADE"), index=True),
)

# Why a cluster is one: counts, which stay when the signals are deleted.
cluster_reasons = Table(
    "cluster_reasons",
    metadata,
    Column("cluster_id", Uuid, ForeignKey("clusters.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("marks", Integer, nullable=False),  # how many mailboxes, devices or address blocks
    Column("accounts", Integer, nullable=False),
    time_column("first_seen", needed=True),
    time_column("last_seen", needed=True),
    CheckConstraint("kind in ('mailbox', 'device', 'burst')", name="kind"),
)

cluster_members = Table(
    "cluster_members",
    metadata,
    Column("account_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("cluster_id", Uuid, ForeignKey("clusters.id"), nullable=False),
    time_column("since", needed=True, default=True),
    time_column("cleared_at"),  # reviewed as fine; null again with new evidence
    Index(None, "cluster_id", "account_id"),
)

# Which marks tie an account to its cluster: what has been found once is not new evidence.
cluster_evidence = Table(
    "cluster_evidence",
    metadata,
    Column("account_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("mark", Text, primary_key=True),
    CheckConstraint("kind in ('mailbox', 'device', 'burst')", name="kind"),
)

# How many votes for a clip were cast by programs of an address block, by programs altogether, and by accounts with
# disposable mailboxes: numbers, of no account in particular.
clip_marks = Table(
    "clip_marks",
    metadata,
    Column("video_id", Uuid, ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("mark", Text, primary_key=True),  # the keyed hash of the block, or empty
    Column("votes", Integer, nullable=False),
    time_column("last_at", needed=True, default=True),
    CheckConstraint("kind in ('block', 'program', 'disposable')", name="kind"),
)

# How often a clip's page was opened in an hour, and how many votes came from accounts that nothing vouches for.
clip_hours = Table(
    "clip_hours",
    metadata,
    Column("video_id", Uuid, ForeignKey("videos.id", ondelete="CASCADE"), nullable=False),
    time_column("hour", needed=True),
    Column("views", Integer, nullable=False, server_default="0"),
    Column("weak_votes", Integer, nullable=False, server_default="0"),
    PrimaryKeyConstraint("video_id", "hour"),
)

# The votes that an organizer reviewed as fine: they are not judged again.
released_votes = Table(
    "released_votes",
    metadata,
    Column("vote_id", BigInteger, ForeignKey("votes.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    time_column("released_at", needed=True, default=True),
)
