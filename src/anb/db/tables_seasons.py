"""The seasons. Their phases follow from these moments and the database's clock."""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, Table, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint

from anb.db.columns import id_column, metadata, time_column

opened_at, closed_at = time_column("opened_at", needed=True, default=True), time_column("closed_at")

seasons = Table(
    "seasons",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    # The default is for the version before, which knows no slugs.
    Column("slug", Text, nullable=False, unique=True, server_default=text("('s-'::text || gen_random_uuid())")),
    *(
        Column(rule, Boolean, nullable=False, server_default=text("false"))
        for rule in ("moderated", "asks_confirmation", "asks_consent", "hide_reported")
    ),
    Column("cities", JSONB(none_as_null=True)),  # [[name, spelling, ...], ...]; null: any city
    Column("clips_per_player", Integer),
    Column("same_file_again", Boolean, nullable=False, server_default=text("true")),
    Column("votes_per_day", Integer),
    Column("winners_per_city", Integer, nullable=False, server_default="3"),
    Column("jury", JSONB(none_as_null=True)),  # criteria, scale, blind or not; null: no jury scores clips
    opened_at,
    time_column("uploads_close_at"),
    time_column("votes_open_at"),
    closed_at,  # may be in the future: the end of the votes
    time_column("results_at"),
    time_column("reopened_at"),  # when it was last reopened
    time_column("jury_closes_at"),  # null: with the votes
    time_column("reminded_at"),  # every player was told that it closes
    CheckConstraint("opened_at <= closed_at", name="opens_first"),
    CheckConstraint(
        "uploads_close_at >= opened_at and (closed_at is null or uploads_close_at <= closed_at)", name="uploads_within"
    ),
    CheckConstraint(
        "votes_open_at >= opened_at and (closed_at is null or votes_open_at <= closed_at)", name="votes_within"
    ),
    CheckConstraint("results_at >= closed_at", name="results_last"),
    CheckConstraint("jury_closes_at <= results_at", name="jury_before_results"),
    CheckConstraint("clips_per_player > 0 and votes_per_day > 0 and winners_per_city > 0", name="counts"),
    # At most one season at a time, and at most one without an end.
    Index("seasons_open_key", text("(closed_at is null)"), unique=True, postgresql_where=text("closed_at is null")),
    ExcludeConstraint((func.tstzrange(opened_at, closed_at), "&&"), name="seasons_one_at_a_time", using="gist"),
)
