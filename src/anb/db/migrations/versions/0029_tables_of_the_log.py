"""The tables of the log of votes, and of tallies. The version before knows none of them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

TABLES = (
    "player_tallies", "clip_tallies", "voter_pseudonyms", "promise_keys", "log_checkpoints", "log_heads", "log_hashes",
    "voided_leaves", "log_leaves", "held_votes", "pending_entries",
)  # fmt: skip
REASONS = "'withdrawn', 'taken_down', 'doubtful', 'fraud', 'other'"


def upgrade() -> None:
    _create_outbox()
    _create_log()
    _create_tallies()
    _allow(REASONS)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.execute("update votes set void_reason = 'withdrawn' where void_reason is not null")
    _allow("'withdrawn'")


def _allow(reasons: str) -> None:
    name = op.f("votes_void_reason_check")
    op.drop_constraint(name, "votes", type_="check")
    op.create_check_constraint(name, "votes", f"void_reason in ({reasons})", postgresql_not_valid=True)
    op.execute(f"alter table votes validate constraint {name}")


def _create_outbox() -> None:
    op.create_table(
        "pending_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        _needed("season_id", sa.Uuid()),
        _needed("kind", sa.SmallInteger()),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=True) for name in ("video_id", "player_id")),
        sa.Column("vote_id", sa.BigInteger(), nullable=True),
        *(sa.Column(name, sa.Uuid(), nullable=True) for name in ("voter_id", "pseudonym")),
        sa.Column("jury", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("class", sa.SmallInteger(), nullable=True),
        sa.PrimaryKeyConstraint("season_id", "id", name=op.f("pending_entries_pkey")),
    )
    op.create_table(
        "held_votes",
        sa.Column("vote_id", sa.BigInteger(), autoincrement=False, nullable=False),
        *(_needed(name, sa.Uuid()) for name in ("season_id", "video_id", "voter_id", "pseudonym")),
        _needed("jury", sa.Boolean()),
        _needed("cast_at", sa.DateTime(timezone=True)),
        _needed("reasons", sa.ARRAY(sa.Text())),
        sa.Column("held_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["voter_id"], ["users.id"], name=op.f("held_votes_voter_id_fkey")),
        sa.PrimaryKeyConstraint("vote_id", name=op.f("held_votes_pkey")),
    )
    for columns in (["season_id", "vote_id"], ["video_id"], ["voter_id"]):
        op.create_index(op.f(f"held_votes_{'_'.join(columns)}_idx"), "held_votes", columns)
    op.create_table(
        "voter_pseudonyms",
        *(_needed(name, sa.Uuid()) for name in ("season_id", "voter_id")),
        sa.Column("pseudonym", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["voter_id"], ["users.id"], name=op.f("voter_pseudonyms_voter_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("voter_id", "season_id", name=op.f("voter_pseudonyms_pkey")),
    )


def _create_log() -> None:
    op.create_table(
        "log_leaves",
        *_place(),
        sa.Column("vote_id", sa.BigInteger(), nullable=True),
        _needed("entry", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("season_id", "index", name=op.f("log_leaves_pkey")),
    )
    of_votes = sa.text("vote_id is not null")
    op.create_index("log_leaves_vote_key", "log_leaves", ["vote_id"], unique=True, postgresql_where=of_votes)
    op.create_table(
        "voided_leaves", *_place(), sa.PrimaryKeyConstraint("season_id", "index", name=op.f("voided_leaves_pkey"))
    )
    op.create_table(
        "log_hashes",
        _needed("season_id", sa.Uuid()),
        _needed("level", sa.SmallInteger()),
        _needed("index", sa.BigInteger()),
        _needed("hash", sa.LargeBinary()),
        sa.CheckConstraint("level > 0", name=op.f("log_hashes_level_check")),
        sa.PrimaryKeyConstraint("season_id", "level", "index", name=op.f("log_hashes_pkey")),
    )
    op.create_table(
        "log_heads",
        _needed("season_id", sa.Uuid()),
        _needed("origin", sa.Text()),
        _needed("public_key", sa.LargeBinary()),
        _needed("size", sa.BigInteger()),
        _needed("edge", sa.ARRAY(sa.LargeBinary())),
        _needed("root", sa.LargeBinary()),
        _needed("sealed_at", sa.DateTime(timezone=True)),
        _needed("checkpoint", sa.Text()),
        sa.Column("closing_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closing_xid", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["season_id"], ["seasons.id"], name=op.f("log_heads_season_id_fkey")),
        sa.PrimaryKeyConstraint("season_id", name=op.f("log_heads_pkey")),
    )
    op.create_table(
        "log_checkpoints",
        _needed("season_id", sa.Uuid()),
        _needed("size", sa.BigInteger()),
        _needed("at", sa.DateTime(timezone=True)),
        _needed("note", sa.Text()),
        sa.ForeignKeyConstraint(["season_id"], ["seasons.id"], name=op.f("log_checkpoints_season_id_fkey")),
        sa.PrimaryKeyConstraint("season_id", "size", name=op.f("log_checkpoints_pkey")),
    )
    op.create_table(
        "promise_keys",
        _needed("public_key", sa.LargeBinary()),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("public_key", name=op.f("promise_keys_pkey")),
    )


def _create_tallies() -> None:
    op.create_table(
        "clip_tallies",
        *(_needed(name, sa.Uuid()) for name in ("video_id", "season_id", "player_id")),
        _needed("city_key", sa.Text()),
        *(sa.Column(name, sa.Integer(), server_default="0", nullable=False) for name in ("votes", "jury_votes")),
        _needed("opened_index", sa.BigInteger()),
        sa.Column("last_index", sa.BigInteger(), nullable=True),
        _needed("is_open", sa.Boolean()),
        sa.Column("is_withdrawn", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("votes >= 0 and jury_votes >= 0", name=op.f("clip_tallies_counts_check")),
        sa.CheckConstraint("not (is_open and is_withdrawn)", name=op.f("clip_tallies_withdrawn_is_hidden_check")),
        sa.PrimaryKeyConstraint("video_id", name=op.f("clip_tallies_pkey")),
    )
    op.create_index(op.f("clip_tallies_season_id_player_id_idx"), "clip_tallies", ["season_id", "player_id"])
    op.create_table(
        "player_tallies",
        *(_needed(name, sa.Uuid()) for name in ("season_id", "player_id")),
        *(_needed(name, sa.Text()) for name in ("city_key", "city")),
        *(_needed(name, sa.Integer()) for name in ("votes", "jury_votes")),
        *(_needed(name, sa.BigInteger()) for name in ("opened_index", "last_index")),
        _needed("clips", sa.Integer()),
        sa.PrimaryKeyConstraint("season_id", "player_id", name=op.f("player_tallies_pkey")),
    )
    place: list[Any] = [sa.text("votes desc"), "last_index", "player_id"]
    op.create_index("player_tallies_place_idx", "player_tallies", ["season_id", *place])
    op.create_index("player_tallies_city_place_idx", "player_tallies", ["season_id", "city_key", *place])


def _place() -> tuple[sa.Column[Any], sa.Column[Any]]:
    return _needed("season_id", sa.Uuid()), _needed("index", sa.BigInteger())


def _needed(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)
