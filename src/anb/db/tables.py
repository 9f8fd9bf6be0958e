"""The tables. Text is checked by the rooms; what must never be broken is a constraint here."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)

NOW = text("now()")


def _id() -> Column[object]:
    """Primary key: UUIDv7 of PostgreSQL 18, so that new rows lie together in the index."""
    return Column("id", Uuid, primary_key=True, server_default=text("uuidv7()"))


def _time(name: str, *, needed: bool = False, default: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=not needed, server_default=NOW if default else None)


users = Table(
    "users",
    metadata,
    _id(),
    Column("email", Text, nullable=False, unique=True),
    Column("username", Text, nullable=False, unique=True),
    Column("first_name", Text, nullable=False),
    Column("last_name", Text, nullable=False),
    Column("city", Text, nullable=False),
    Column("city_key", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("role", Text, nullable=False, server_default="player"),
    _time("created_at", needed=True, default=True),
    CheckConstraint("role in ('player', 'juror', 'organizer')", name="role"),
    CheckConstraint("email = lower(email)", name="email_lower"),
    Index(None, "city_key"),
)

videos = Table(
    "videos",
    metadata,
    _id(),
    Column("owner_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("status", Text, nullable=False, server_default="uploaded"),
    Column("reason_es", Text),
    Column("reason_en", Text),
    Column("original_key", Text, nullable=False, unique=True),
    Column("original_bytes", BigInteger, nullable=False),
    Column("original_sha256", Text, nullable=False),
    Column("duration_seconds", Double, nullable=False),
    _time("uploaded_at", needed=True, default=True),
    _time("processed_at"),
    _time("published_at"),
    CheckConstraint("status in ('uploaded', 'processing', 'processed', 'failed')", name="status"),
    CheckConstraint("(status = 'processed') = (processed_at is not null)", name="processed_has_time"),
    CheckConstraint("(status = 'failed') = (reason_es is not null)", name="failed_has_reason"),
    CheckConstraint("published_at is null or status = 'processed'", name="published_is_processed"),
    Index(None, "owner_id", "uploaded_at", "id"),
    Index(None, "owner_id", "original_sha256"),  # whether a player has sent a file before
    Index("videos_published_idx", "published_at", "id", postgresql_where=text("published_at is not null")),
)

# What was made of an original. Never changed: a new edit takes the place of all rows of the old one at once.
renditions = Table(
    "renditions",
    metadata,
    Column("video_id", Uuid, ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("recipe", Integer, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("seconds", Double),
    _time("made_at", needed=True, default=True),
    CheckConstraint("kind in ('processed', 'light', 'poster', 'sprite', 'thumbnails')", name="kind"),
    CheckConstraint("(kind in ('processed', 'light')) = (seconds is not null)", name="moving_has_length"),
)

jobs = Table(
    "jobs",
    metadata,
    _id(),
    # The job outlives a deleted video, so that its owner still learns what became of it.
    Column("video_id", Uuid, ForeignKey("videos.id", ondelete="SET NULL"), index=True),
    Column("owner_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("state", Text, nullable=False, server_default="queued"),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("worker", Text),
    Column("progress", Integer, nullable=False, server_default="0"),
    Column("failure", Text),
    Column("timings", JSONB, nullable=False, server_default="{}"),
    _time("created_at", needed=True, default=True),
    _time("available_at", needed=True, default=True),
    _time("sent_at"),
    _time("lease_expires_at"),
    _time("started_at"),
    _time("finished_at"),
    Column("lane", Text, nullable=False, server_default="light"),
    _time("turn_at", needed=True, default=True),
    # Of this round; an operator's retry begins another.
    Column("faults", Integer, nullable=False, server_default="0"),
    Column("deaths", Integer, nullable=False, server_default="0"),
    Column("round", Integer, nullable=False, server_default="1"),
    # How a row may change is a trigger's to say: migration 0004.
    CheckConstraint("state in ('queued', 'running', 'done', 'failed', 'dead', 'cancelled')", name="state"),
    CheckConstraint("(state = 'running') = (lease_expires_at is not null)", name="running_has_lease"),
    CheckConstraint("(state not in ('queued', 'running')) = (finished_at is not null)", name="ended_has_time"),
    CheckConstraint("progress between 0 and 100", name="progress"),
    CheckConstraint("lane in ('light', 'heavy', 'reedit', 'suspect')", name="lane"),
    # Claims, the reconciler and the operator look only at what is not over: cheap however long the history.
    Index("jobs_done_idx", "finished_at", postgresql_where=text("state = 'done'")),
    Index("jobs_live_idx", "state", "available_at", postgresql_where=text("state in ('queued', 'running')")),
    Index("jobs_line_idx", "lane", "turn_at", "id", "available_at", postgresql_where=text("state = 'queued'")),
    Index("jobs_begun_idx", "lane", "started_at", postgresql_where=text("started_at is not null")),
    Index("jobs_owner_idx", "owner_id", "lane", "turn_at", postgresql_where=text("state in ('queued', 'running')")),
    Index("jobs_unhappy_idx", "state", "id", postgresql_where=text("state in ('failed', 'dead', 'cancelled')")),
)

# What happened to a job, each line written with the move it tells of. A heartbeat is no move.
job_events = Table(
    "job_events",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("job_id", Uuid, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("what", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("worker", Text),
    Column("who", Text),
    Column("detail", Text),
    Index(None, "job_id", "id"),
)

# What an operator has turned on, for every process of every host.
switches = Table(
    "switches",
    metadata,
    Column("name", Text, primary_key=True),
    _time("since", needed=True, default=True),
    Column("who", Text, nullable=False),
    CheckConstraint("name in ('drain')", name="name"),
)

seasons = Table(
    "seasons",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("moderated", Boolean, nullable=False, server_default=text("false")),
    _time("opened_at", needed=True, default=True),
    _time("closed_at"),
    # At most one season is open.
    Index("seasons_open_key", text("(closed_at is null)"), unique=True, postgresql_where=text("closed_at is null")),
)

votes = Table(
    "votes",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("voter_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("video_id", Uuid, ForeignKey("videos.id"), nullable=False),
    Column("season_id", Uuid, ForeignKey("seasons.id"), nullable=False, index=True),
    Column("jury", Boolean, nullable=False),
    _time("cast_at", needed=True, default=True),
    UniqueConstraint("voter_id", "video_id"),
    Index(None, "video_id"),
)

# A resumable upload. `turn` fences its writers: whoever has an older one changes nothing here.
uploads = Table(
    "uploads",
    metadata,
    _id(),
    Column("owner_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False, server_default="0"),
    Column("part_key", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False, server_default="open"),
    Column("turn", Integer, nullable=False, server_default="0"),
    _time("lease_expires_at"),
    # What became of it: the ids, or the sentences of a refusal. The job is no foreign key: it may end before this row.
    Column("video_id", Uuid, ForeignKey("videos.id", ondelete="SET NULL"), index=True),
    Column("job_id", Uuid),
    Column("refusal", JSONB),
    _time("created_at", needed=True, default=True),
    _time("expires_at", needed=True),
    CheckConstraint("state in ('open', 'accepted', 'refused')", name="state"),
    CheckConstraint("received between 0 and bytes", name="received"),
    CheckConstraint("(state = 'accepted') = (job_id is not null)", name="accepted_has_job"),
    CheckConstraint("(state = 'refused') = (refusal is not null)", name="refused_has_reason"),
    CheckConstraint("state = 'open' or lease_expires_at is null", name="ended_has_no_writer"),
    Index("uploads_open_idx", "owner_id", postgresql_where=text("state = 'open'")),
    Index(None, "expires_at"),
)

# What was answered to a request that made something, so that the same request makes it once.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("owner_id", Uuid, ForeignKey("users.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", JSONB),
    Column("headers", JSONB, nullable=False, server_default="{}"),
    _time("expires_at", needed=True),
    Index(None, "expires_at"),
)
