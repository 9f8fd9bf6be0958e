"""The tables of privacy: requests to erase an account, and the nightly runs of retention."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, ForeignKey, Index, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from anb.db.columns import id_column, metadata, time_column

# A request to erase an account, and the proof that it was carried out: times and counts, no personal data.
erasures = Table(
    "erasures",
    metadata,
    id_column(),
    Column("account_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("asked_by", Text, nullable=False),
    # The keyed hash of the e-mail, until the account is erased: processes without the key carry the request out.
    Column("mark", Text),
    time_column("asked_at", needed=True, default=True),
    time_column("starts_at", needed=True),
    time_column("due_at", needed=True),
    time_column("cancelled_at"),
    time_column("finished_at"),
    Column("steps", JSONB, nullable=False, server_default="[]"),
    Column("removed", JSONB, nullable=False, server_default="{}"),
    CheckConstraint("asked_by in ('person', 'administrator', 'operator')", name="asked_by"),
    CheckConstraint("cancelled_at is null or finished_at is null", name="one_end"),
    CheckConstraint("(cancelled_at is null and finished_at is null) or mark is null", name="ended_has_no_mark"),
    Index(
        "erasures_open_key",
        "account_id",
        unique=True,
        postgresql_where=text("cancelled_at is null and finished_at is null"),
    ),
    Index(None, "account_id", "asked_at"),
)

# The archive of a person's data: asked for, made, and deleted after some days. One at a time for each account.
exports = Table(
    "exports",
    metadata,
    id_column(),
    Column("account_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, unique=True),
    time_column("asked_at", needed=True, default=True),
    time_column("began_at"),  # by the process that makes it, which it fences
    time_column("ready_at"),
    time_column("expires_at"),
    Column("key", Text, unique=True),
    Column("bytes", BigInteger),
    CheckConstraint(
        "(ready_at is null) = (key is null) and (key is null) = (bytes is null)"
        " and (key is null) = (expires_at is null)",
        name="ready_has_file",
    ),
)

# A night's run of retention: the row decides which process runs it.
retention_runs = Table(
    "retention_runs",
    metadata,
    Column("day", Date, primary_key=True),
    time_column("began_at", needed=True, default=True),
    time_column("finished_at"),
    Column("removed", JSONB, nullable=False, server_default="{}"),
)
