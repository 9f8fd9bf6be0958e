"""The table of sessions: where accounts are signed in."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, LargeBinary, Table, Text, Uuid, text

from anb.db.columns import id_column, metadata, time_column

# A row ends by its state and keeps the reason; the purge deletes it later.
sessions = Table(
    "sessions",
    metadata,
    id_column(),
    Column("account_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    # SHA-256 of the cookie, or of the newest refresh token.
    Column("secret_hash", LargeBinary, nullable=False, unique=True),
    # SHA-256 of the part that all refresh tokens of a session share, by which an old one is recognized.
    Column("family_hash", LargeBinary, unique=True),
    Column("device", Text, nullable=False),
    # A keyed hash of the client's network.
    Column("block", Text),
    Column("strong", Boolean, nullable=False, server_default=text("false")),
    time_column("opened_at", needed=True, default=True),
    time_column("authenticated_at", needed=True, default=True),
    # To the day: reading a session writes nothing.
    time_column("seen_at", needed=True, default=True),
    time_column("rotated_at"),
    time_column("expires_at", needed=True),
    time_column("last_expires_at", needed=True),
    Column("state", Text, nullable=False, server_default="open"),
    Column("reason", Text),
    time_column("ended_at"),
    CheckConstraint("kind in ('browser', 'program')", name="kind"),
    CheckConstraint("state in ('open', 'ended')", name="state"),
    CheckConstraint("(state = 'ended') = (ended_at is not null and reason is not null)", name="ended_has_reason"),
    CheckConstraint("(kind = 'program') = (family_hash is not null)", name="program_has_family"),
    CheckConstraint("expires_at <= last_expires_at", name="expires_in_time"),
    Index(None, "account_id"),
    Index("sessions_ended_idx", "ended_at", postgresql_where=text("state = 'ended'")),
    Index("sessions_expiry_idx", "expires_at", postgresql_where=text("state = 'open'")),
)
