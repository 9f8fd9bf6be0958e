"""The tables of reports by people about public clips."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text, Uuid, text

from anb.db.columns import id_column, metadata, time_column

# A person says that a clip should not be public. Device and network are keyed hashes, deleted with the signals.
reports = Table(
    "reports",
    metadata,
    id_column(),
    Column("video_id", Uuid, ForeignKey("videos.id", ondelete="CASCADE"), nullable=False),
    Column("reporter_id", Uuid, ForeignKey("users.id", ondelete="SET NULL")),  # null: without an account, or erased
    Column("device", Text, nullable=False, server_default=""),
    Column("block", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False),
    Column("words", Text, nullable=False, server_default=""),
    time_column("made_at", needed=True, default=True),
    time_column("closed_at"),
    Column("outcome", Text),
    CheckConstraint("outcome in ('dismissed', 'acted')", name="outcome"),
    CheckConstraint("(closed_at is null) = (outcome is null)", name="closed_has_outcome"),
    # One report of an account on a clip; one of a network without an account.
    Index("reports_reporter_key", "reporter_id", "video_id", unique=True),
    Index(
        "reports_block_key", "video_id", "block", unique=True,
        postgresql_where=text("reporter_id is null and block <> ''"),
    ),
    Index("reports_open_idx", "video_id", postgresql_where=text("closed_at is null")),
    Index(None, "made_at"),
)  # fmt: skip

# A clip that was reported often enough: organizers decide.
report_cases = Table(
    "report_cases",
    metadata,
    Column("video_id", Uuid, ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True),
    time_column("due_at"),  # since when it waits for a decision; null: it does not
    time_column("reviewed_at"),  # an organizer found nothing wrong: from then on, reports alone hide it no more
    Index("report_cases_due_idx", "due_at", "video_id", postgresql_where=text("due_at is not null")),
)
