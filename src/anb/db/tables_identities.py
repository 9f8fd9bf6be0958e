"""The tables of identities: who people are for issuers of OpenID Connect, and sign-ins under way."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, Text, UniqueConstraint, Uuid, text

from anb.db.columns import id_column, metadata, time_column

# An issuer's word for an account. The pair of issuer and subject never changes at the issuer; the e-mail is only shown.
identities = Table(
    "identities",
    metadata,
    id_column(),
    Column("account_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("key", Text, nullable=False),  # of the issuer in the settings
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("email", Text),
    time_column("linked_at", needed=True, default=True),
    time_column("used_at"),
    UniqueConstraint("issuer", "subject"),
)

# A sign-in that a browser began; its row goes when the browser comes back, so each is used once on any web server.
sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("state_hash", Text, primary_key=True),
    Column("browser_hash", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("onward", Text, nullable=False),
    # The account that asked to be linked; without one, this is a sign-in.
    Column("account_id", Uuid, ForeignKey("users.id", ondelete="CASCADE")),
    time_column("expires_at", needed=True),
    Index(None, "expires_at"),
)

# A person that an issuer vouched for, until there is an account to link; one per browser.
vouched_people = Table(
    "vouched_people",
    metadata,
    Column("browser_hash", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("email", Text),
    Column("email_verified", Boolean, nullable=False),
    Column("first_name", Text, nullable=False),
    Column("last_name", Text, nullable=False),
    Column("strong", Boolean, nullable=False, server_default=text("false")),
    Column("onward", Text, nullable=False),
    time_column("expires_at", needed=True),
    Index(None, "expires_at"),
)
