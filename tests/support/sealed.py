"""A season's log in the database, with leaves that a test chooses."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import insert

from anb.contest import seasons
from anb.db.session import UnitOfWork
from anb.db.tables_votelog import log_checkpoints, log_hashes, log_heads, log_leaves
from anb.votelog import merkle, reading
from anb.votelog.keys import log_signer
from anb.votelog.notes import Checkpoint
from support.worlds import World

KEY = "a key of the log of votes, in tests"


def small_log(world: World, slug: str) -> dict[str, object]:
    """Give a season a log of one leaf, once; return what names its files."""
    with world.database.transaction() as uow:
        season = seasons.show(uow, slug)
        if reading.find_head(uow, season.id) is None:
            publish_log(uow, season.id, [b"leaf"], "anb.example/log/2026")
    return {"index": 0, "name": "0/000.p/1"}


def publish_log(uow: UnitOfWork, season_id: UUID, entries: Sequence[bytes], origin: str) -> str:
    """Write a log as a sealer would, all at once; return its checkpoint."""
    signer = log_signer(origin, KEY)
    grown = merkle.grow(0, (), map(merkle.leaf_hash, entries))
    head = Checkpoint(origin, grown.size, merkle.root(grown.edge))
    note, at = signer.sign(head.text), datetime.now(UTC)
    rows = [{"season_id": season_id, "index": index, "entry": entry} for index, entry in enumerate(entries)]
    uow.execute(insert(log_leaves), rows)
    if grown.tiles:
        tiles = [{"season_id": season_id} | vars(tile) for tile in grown.tiles]
        uow.execute(insert(log_hashes), tiles)
    uow.execute(
        insert(log_heads).values(
            season_id=season_id, origin=origin, public_key=signer.verifier.public_key, size=head.size,
            edge=list(grown.edge), root=head.root, sealed_at=at, checkpoint=note,
        )
    )  # fmt: skip
    uow.execute(insert(log_checkpoints).values(season_id=season_id, size=head.size, at=at, note=note))
    return note
