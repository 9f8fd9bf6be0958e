"""The table of the audit trail. A trigger refuses every change of what the hashes cover: migration 0023."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, LargeBinary, Table, Text, Uuid

from anb.db.columns import metadata, time_column

# What organizers, administrators and operators did. No foreign keys: an entry outlives what it names.
audit_entries = Table(
    "audit_entries",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),  # without gaps
    time_column("at", needed=True),
    Column("actor_role", Text, nullable=False),
    Column("actor_id", Uuid),
    Column("act", Text, nullable=False),
    Column("target_kind", Text, nullable=False),
    Column("target_id", Text, nullable=False),
    Column("target_account_id", Uuid),  # whose it is
    Column("details", Text, nullable=False),  # canonical JSON, exactly as it was hashed
    Column("commitment", LargeBinary, nullable=False),  # SHA-256 over the salt, the name and the reason
    Column("hash", LargeBinary, nullable=False),  # SHA-256 over the hash before and this entry
    # Outside the chain: erased with the person, and after years.
    Column("salt", LargeBinary),
    Column("name", Text),
    Column("reason", Text),
    CheckConstraint("number > 0", name="number"),
    CheckConstraint("octet_length(commitment) = 32 and octet_length(hash) = 32", name="digests"),
    CheckConstraint("(salt is null) = (name is null) and (salt is null) = (reason is null)", name="erased_whole"),
    Index(None, "at"),
    Index(None, "actor_id", "number"),
    Index(None, "target_account_id", "number"),
    Index(None, "target_kind", "target_id", "number"),
    Index(None, "act", "number"),
)
