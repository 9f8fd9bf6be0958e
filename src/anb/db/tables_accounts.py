"""The tables of accounts."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from anb.db.columns import id_column, metadata, time_column

users = Table(
    "users",
    metadata,
    id_column(),
    Column("email", Text, nullable=False, unique=True),
    Column("username", Text, nullable=False, unique=True),
    Column("first_name", Text, nullable=False),
    Column("last_name", Text, nullable=False),
    Column("city", Text, nullable=False),
    Column("city_key", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("password_hash", Text),  # null: an issuer vouches for this person, who has chosen no password
    Column("role", Text, nullable=False, server_default="player"),
    time_column("created_at", needed=True, default=True),
    # When the account was made, or when confirmation came to a site that had it already.
    time_column("confirmable_at", needed=True, default=True),
    time_column("email_confirmed_at"),
    time_column("erased_at"),  # the row stays, without personal data: votes and counts name it
    Column("language", Text, nullable=False, server_default="es"),  # of the mail we send
    # Tokens without a session that were issued earlier are refused.
    time_column("tokens_valid_from"),
    Column("public_name", Text),  # in place of the real name, where the person chose one
    Column("birth_year", Integer),  # unknown for accounts of the API
    CheckConstraint("role in ('player', 'juror', 'organizer', 'administrator')", name="role"),
    CheckConstraint("email = lower(email)", name="email_lower"),
    CheckConstraint("birth_year between 1900 and 2200", name="birth_year"),
    Index(None, "city_key"),
    Index("users_role_idx", "role", "id", postgresql_where=text("role <> 'player'")),
)
# The name under which everyone sees a person. A literal space, so that PostgreSQL reuses the plans of lists.
SHOWN_NAME = func.coalesce(users.c.public_name, users.c.first_name + literal_column("' '") + users.c.last_name)

# A link that was sent to a person: only the SHA-256 of its secret. A link of an invitation has no account yet.
links = Table(
    "links",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("account_id", Uuid, ForeignKey("users.id", ondelete="CASCADE")),
    Column("facts", JSONB, nullable=False, server_default="{}"),
    time_column("created_at", needed=True, default=True),
    time_column("expires_at", needed=True),
    time_column("used_at"),
    CheckConstraint(
        "purpose in ('confirm', 'reset', 'email_old', 'email_new', 'guardian', 'invite', 'guardian_end')",
        name="purpose",
    ),
    Index(None, "account_id", "purpose"),
    Index(None, "expires_at"),
    # The former addresses that their owners may still take back.
    Index(
        "links_kept_address_idx",
        text("(facts ->> 'email')"),
        postgresql_where=text("purpose = 'email_old' and used_at is null"),
    ),
)

# The change of address that a person has asked for, until it takes effect, is refused or given up.
email_changes = Table(
    "email_changes",
    metadata,
    Column("account_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("email", Text, nullable=False),
    Column("wait_days", Integer, nullable=False),  # that the former address has to answer, once the new one has
    time_column("asked_at", needed=True, default=True),
    time_column("accepted_at"),  # by the new address
    time_column("approved_at"),  # by the former address
    time_column("due_at"),  # when it takes effect without the former address's answer
    CheckConstraint("(accepted_at is null) = (due_at is null)", name="accepted_is_due"),
    CheckConstraint("accepted_at is null or approved_at is null", name="both_is_over"),
    Index("email_changes_due_idx", "due_at", postgresql_where=text("due_at is not null")),
    Index("email_changes_accepted_idx", "email", postgresql_where=text("accepted_at is not null")),
)

# The history of profiles, which organizers see.
profile_changes = Table(
    "profile_changes",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("account_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("field", Text, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("who", Text, nullable=False),
    time_column("changed_at", needed=True, default=True),
    CheckConstraint("field in ('public_name', 'city', 'birth_year', 'photo')", name="field"),
    Index(None, "account_id", "id"),
)
