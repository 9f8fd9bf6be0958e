"""The tables of consents. A trigger refuses every change of a consent: migration 0012."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text, Uuid, text

from anb.db.columns import id_column, metadata, time_column

# The person who may authorise a minor's account, as the player named them. The newest row counts.
guardians = Table(
    "guardians",
    metadata,
    id_column(),
    Column("account_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("language", Text, nullable=False),
    time_column("asked_at", needed=True, default=True),
    time_column("answered_at"),
    Column("answer", Text),
    CheckConstraint("answer in ('confirmed', 'refused', 'replaced')", name="answer"),
    CheckConstraint("(answer is null) = (answered_at is null)", name="answer_has_time"),
    # At most one guardian of an account is being asked.
    Index("guardians_asked_key", "account_id", unique=True, postgresql_where=text("answer is null")),
    Index(None, "account_id", "id"),
)

# What a person answered to a version of the data policy: added, never changed.
consents = Table(
    "consents",
    metadata,
    id_column(),
    Column("account_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("who", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("digest", Text, nullable=False),  # SHA-256 of the text that was shown
    Column("language", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("guardian_id", Uuid, ForeignKey("guardians.id", ondelete="CASCADE"), index=True),
    time_column("answered_at", needed=True, default=True),
    CheckConstraint("who in ('player', 'guardian')", name="who"),
    CheckConstraint("answer in ('given', 'refused')", name="answer"),
    CheckConstraint("channel in ('page', 'api', 'link')", name="channel"),
    CheckConstraint("(who = 'guardian') = (guardian_id is not null)", name="guardian_is_named"),
    Index(None, "account_id", "id"),
)
