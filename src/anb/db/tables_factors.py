"""The tables of second factors: passkeys, secrets of one-time passwords, recovery codes, and begun ceremonies."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)

from anb.db.columns import id_column, metadata, time_column


def _account(*, needed: bool = True, primary_key: bool = False) -> Column[object]:
    owner = ForeignKey("users.id", ondelete="CASCADE")
    return Column("account_id", Uuid, owner, nullable=not needed, primary_key=primary_key)


passkeys = Table(
    "passkeys",
    metadata,
    id_column(),
    _account(),
    Column("credential_id", LargeBinary, nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False, server_default="0"),
    Column("name", Text, nullable=False),
    time_column("created_at", needed=True, default=True),
    time_column("used_at"),
    Index(None, "account_id"),
)

# The secret is sealed with a key of the web servers; it counts once its owner has typed a code of it.
totp_secrets = Table(
    "totp_secrets",
    metadata,
    _account(primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("last_step", BigInteger, nullable=False, server_default="0"),  # of the last code used: none is used twice
    time_column("created_at", needed=True, default=True),
    time_column("confirmed_at"),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    _account(primary_key=True),
    Column("code_hash", LargeBinary, primary_key=True),
    time_column("created_at", needed=True, default=True),
    time_column("used_at"),
    CheckConstraint("octet_length(code_hash) = 32", name="hash"),
)

# What a browser has begun and not finished. The browser's cookie holds the token, this table only its hash.
factor_challenges = Table(
    "factor_challenges",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("purpose", Text, nullable=False),
    _account(needed=False),
    Column("challenge", LargeBinary),
    Column("tries", Integer, nullable=False, server_default="0"),
    time_column("created_at", needed=True, default=True),
    time_column("expires_at", needed=True),
    CheckConstraint("purpose in ('register', 'sign_in', 'second_step')", name="purpose"),
    CheckConstraint("(purpose = 'sign_in') = (account_id is null)", name="sign_in_names_nobody"),
    CheckConstraint("(purpose = 'second_step') = (challenge is null)", name="passkeys_sign_a_challenge"),
    Index(None, "expires_at"),
    Index(None, "account_id", postgresql_where=text("account_id is not null")),
)
