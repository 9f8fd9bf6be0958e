"""The tables. Features validate text; rules that must always hold are constraints."""

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
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from anb.db.columns import id_column, metadata, time_column

videos = Table(
    "videos",
    metadata,
    id_column(),
    Column("owner_id", Uuid, ForeignKey("users.id"), nullable=False),
    # The season it was entered in; null until one opens. A trigger sets it where the version before leaves it out.
    Column("season_id", Uuid, ForeignKey("seasons.id")),
    Column("title", Text, nullable=False),
    Column("status", Text, nullable=False, server_default="uploaded"),
    # The two sentences that the previous version reads and writes; `reason` replaces them one release later.
    Column("reason_es", Text),
    Column("reason_en", Text),
    Column("reason", JSONB(none_as_null=True)),  # what is needed to phrase it in any language
    Column("original_key", Text, nullable=False, unique=True),
    Column("original_bytes", BigInteger, nullable=False),
    Column("original_sha256", Text, nullable=False),
    Column("duration_seconds", Double, nullable=False),
    Column("start_seconds", Double, nullable=False, server_default="0"),  # at which the edit starts
    # The owner's earlier video with the same file.
    Column("same_as_id", Uuid, ForeignKey("videos.id", ondelete="SET NULL"), index=True),
    time_column("uploaded_at", needed=True, default=True),
    time_column("processed_at"),
    time_column("published_at"),
    time_column("first_published_at"),  # stays, whatever hides the clip later: a trigger sets it
    time_column("withdrawn_at"),  # by its owner, or taken down; final
    time_column("taken_down_at"),  # by an organizer, in the same moment
    time_column("refused_at"),  # by an organizer; it can be reversed
    # Why it was refused or taken down: a word, and what the organizer adds, both for the player.
    Column("verdict_reason", Text),
    Column("verdict_text", Text),
    Column("consent_lost", Text),  # what an edited clip was when a guardian took the consent back
    time_column("original_removed_at"),  # the file is deleted; its key is only a name now
    CheckConstraint("status in ('uploaded', 'processing', 'processed', 'failed')", name="status"),
    CheckConstraint("(status = 'processed') = (processed_at is not null)", name="processed_has_time"),
    CheckConstraint("(status = 'failed') = (reason_es is not null)", name="failed_has_reason"),
    CheckConstraint("published_at is null or status = 'processed'", name="published_is_processed"),
    CheckConstraint("consent_lost in ('public', 'private')", name="consent_lost"),
    CheckConstraint("withdrawn_at is null or published_at is null", name="withdrawn_is_hidden"),
    CheckConstraint("taken_down_at is null or withdrawn_at is not null", name="taken_down_is_withdrawn"),
    CheckConstraint(
        "(refused_at is null and taken_down_at is null) = (verdict_reason is null)"
        " and (verdict_reason is null) = (verdict_text is null)",
        name="verdict_has_reason",
    ),
    CheckConstraint("start_seconds = 0 or start_seconds between 0 and duration_seconds", name="starts_within"),
    Index(None, "owner_id", "uploaded_at", "id"),
    Index(None, "owner_id", "original_sha256"),  # finds a player's earlier video with the same file
    Index("videos_published_idx", "published_at", "id", postgresql_where=text("published_at is not null")),
    Index("videos_season_idx", "season_id", "published_at", "id", postgresql_where=text("published_at is not null")),
    Index("videos_withdrawn_idx", "withdrawn_at", "id", postgresql_where=text("withdrawn_at is not null")),
)

# The files made from an original. Rows are never changed: a new edit replaces all rows of the old one at once.
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
    time_column("made_at", needed=True, default=True),
    CheckConstraint("kind in ('processed', 'light', 'poster', 'sprite', 'thumbnails')", name="kind"),
    CheckConstraint("(kind in ('processed', 'light')) = (seconds is not null)", name="moving_has_length"),
)

jobs = Table(
    "jobs",
    metadata,
    id_column(),
    # The job outlives a deleted video, so that its owner still learns how it ended.
    Column("video_id", Uuid, ForeignKey("videos.id", ondelete="SET NULL"), index=True),
    Column("owner_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("state", Text, nullable=False, server_default="queued"),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("worker", Text),
    Column("progress", Integer, nullable=False, server_default="0"),
    Column("failure", Text),
    Column("timings", JSONB, nullable=False, server_default="{}"),
    time_column("created_at", needed=True, default=True),
    time_column("available_at", needed=True, default=True),
    time_column("sent_at"),
    time_column("lease_expires_at"),
    time_column("started_at"),
    time_column("finished_at"),
    Column("lane", Text, nullable=False, server_default="light"),
    time_column("turn_at", needed=True, default=True),  # its position in the queue of its lane
    # Of this round; an operator's retry begins another.
    Column("faults", Integer, nullable=False, server_default="0"),
    Column("deaths", Integer, nullable=False, server_default="0"),
    Column("round", Integer, nullable=False, server_default="1"),
    # A keyed hash of the client's network, for the queue position; deleted when the job ends.
    Column("origin", Text),
    # A trigger enforces how a row may change: migration 0004.
    CheckConstraint("state in ('queued', 'running', 'done', 'failed', 'dead', 'cancelled', 'held')", name="state"),
    CheckConstraint("(state = 'running') = (lease_expires_at is not null)", name="running_has_lease"),
    CheckConstraint("(state not in ('queued', 'running', 'held')) = (finished_at is not null)", name="ended_has_time"),
    CheckConstraint("progress between 0 and 100", name="progress"),
    CheckConstraint("lane in ('light', 'heavy', 'reedit', 'suspect')", name="lane"),
    # Claims, the reconciler and the operator read only live jobs: cheap however long the history is.
    Index("jobs_done_idx", "finished_at", postgresql_where=text("state = 'done'")),
    Index("jobs_live_idx", "state", "available_at", postgresql_where=text("state in ('queued', 'running')")),
    Index("jobs_line_idx", "lane", "turn_at", "id", "available_at", postgresql_where=text("state = 'queued'")),
    Index("jobs_begun_idx", "lane", "started_at", postgresql_where=text("started_at is not null")),
    Index("jobs_owner_idx", "owner_id", "lane", "turn_at", postgresql_where=text("state in ('queued', 'running')")),
    Index("jobs_origin_idx", "origin", "lane", "turn_at", postgresql_where=text("state in ('queued', 'running')")),
    Index("jobs_held_idx", "owner_id", "id", postgresql_where=text("state = 'held'")),
    Index(None, "owner_id", "created_at"),  # how many clips a player sent recently
    Index("jobs_unhappy_idx", "state", "id", postgresql_where=text("state in ('failed', 'dead', 'cancelled')")),
)

# The timeline of a job; each entry is written together with its transition. Heartbeats are not recorded.
job_events = Table(
    "job_events",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("job_id", Uuid, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("what", Text, nullable=False),  # the name of the transition
    Column("attempt", Integer, nullable=False),
    Column("worker", Text),
    Column("who", Text),  # the operator or owner who ordered it; null for one of a worker or the reconciler
    Column("detail", Text),
    Index(None, "job_id", "id"),
)

# Switches that an operator has turned on, for every process of every host.
switches = Table(
    "switches",
    metadata,
    Column("name", Text, primary_key=True),
    time_column("since", needed=True, default=True),
    Column("who", Text, nullable=False),
    CheckConstraint("name in ('drain')", name="name"),
)

votes = Table(
    "votes",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("voter_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("video_id", Uuid, ForeignKey("videos.id"), nullable=False),
    Column("season_id", Uuid, ForeignKey("seasons.id"), nullable=False, index=True),
    Column("jury", Boolean, nullable=False),
    time_column("cast_at", needed=True, default=True),
    time_column("voided_at"),  # from then on it does not count; the row stays
    Column("void_reason", Text),
    CheckConstraint("void_reason in ('withdrawn', 'taken_down', 'doubtful', 'fraud', 'other')", name="void_reason"),
    CheckConstraint("(voided_at is null) = (void_reason is null)", name="voided_has_reason"),
    UniqueConstraint("voter_id", "video_id"),
    Index(None, "video_id"),
)

# A resumable upload. `turn` fences its writers: a request with an older number changes nothing here.
uploads = Table(
    "uploads",
    metadata,
    id_column(),
    Column("owner_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("metadata", Text),  # as the client wrote it; null for uploads from before it was kept
    Column("origin", Text),  # as in `jobs`, which gets it with the last byte
    Column("start_seconds", Double, nullable=False, server_default="0"),  # as in `videos`
    Column("bytes", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False, server_default="0"),
    Column("part_key", Text, nullable=False, unique=True),  # of the partial file
    Column("state", Text, nullable=False, server_default="open"),
    Column("turn", Integer, nullable=False, server_default="0"),
    time_column("lease_expires_at"),
    # The result: the ids, or the sentences of a refusal. The job is not a foreign key: it may end before this row.
    Column("video_id", Uuid, ForeignKey("videos.id", ondelete="SET NULL"), index=True),
    Column("job_id", Uuid),
    Column("refusal", JSONB),
    time_column("created_at", needed=True, default=True),
    time_column("expires_at", needed=True),
    CheckConstraint("state in ('open', 'accepted', 'refused')", name="state"),
    CheckConstraint("received between 0 and bytes", name="received"),
    CheckConstraint("(state = 'accepted') = (job_id is not null)", name="accepted_has_job"),
    CheckConstraint("(state = 'refused') = (refusal is not null)", name="refused_has_reason"),
    CheckConstraint("state = 'open' or lease_expires_at is null", name="ended_has_no_writer"),
    Index("uploads_open_idx", "owner_id", postgresql_where=text("state = 'open'")),
    Index(None, "expires_at"),
)

# Responses to requests that created something, so that a repeated request creates it once.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("owner_id", Uuid, ForeignKey("users.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", JSONB),
    Column("headers", JSONB, nullable=False, server_default="{}"),
    time_column("expires_at", needed=True),
    Index(None, "expires_at"),
)
