"""The tables of mail: the outbox, and which mails a person has switched off."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from anb.db.columns import id_column, metadata, time_column

# A mail, from the transaction that caused it until it was handed to the mail server. Then the row forgets what is
# personal in it.
mails = Table(
    "mails",
    metadata,
    id_column(),
    Column("kind", Text, nullable=False),
    Column("account_id", Uuid, ForeignKey("users.id", ondelete="SET NULL"), index=True),
    Column("address", Text),
    Column("name", Text),
    Column("language", Text, nullable=False),
    Column("facts", JSONB, nullable=False, server_default="{}"),
    Column("once", Text, unique=True),  # a second mail with the same key is not written
    Column("stop_hash", Text, unique=True),  # of the token with which one click switches this kind off
    Column("urgent", Boolean, nullable=False),  # a person waits for it: before all others
    Column("state", Text, nullable=False, server_default="queued"),
    Column("attempt", Integer, nullable=False, server_default="0"),  # it only grows, and fences
    Column("faults", Integer, nullable=False, server_default="0"),  # attempts that count
    Column("sender", Text),
    Column("failure", Text),
    time_column("created_at", needed=True, default=True),
    time_column("available_at", needed=True, default=True),
    time_column("lease_expires_at"),
    time_column("ended_at"),
    CheckConstraint("state in ('queued', 'sending', 'held', 'sent', 'unwanted', 'dead')", name="state"),
    CheckConstraint("(state = 'sending') = (lease_expires_at is not null)", name="sending_has_lease"),
    CheckConstraint("(state in ('sent', 'unwanted', 'dead')) = (ended_at is not null)", name="ended_has_time"),
    CheckConstraint(
        "case when state in ('sent', 'unwanted') then address is null and name is null and facts = '{}'"
        " else address is not null and name is not null end",
        name="sent_is_forgotten",
    ),
    Index("mails_queued_idx", "urgent", "available_at", "id", postgresql_where=text("state = 'queued'")),
    Index("mails_waited_for_idx", "created_at", postgresql_where=text("urgent and state in ('queued', 'sending')")),
    Index("mails_sending_idx", "lease_expires_at", postgresql_where=text("state = 'sending'")),
    Index("mails_unhappy_idx", "state", "id", postgresql_where=text("state in ('held', 'dead')")),
    Index("mails_ended_idx", "ended_at", postgresql_where=text("ended_at is not null")),
)

# The kinds of mail that a person has switched off.
mail_choices = Table(
    "mail_choices",
    metadata,
    Column("account_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),
    time_column("since", needed=True, default=True),
)
