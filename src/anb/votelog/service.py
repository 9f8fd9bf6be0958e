"""The operations on the log of votes: take what awaits it, hold doubtful votes, seal, settle, end a season's log."""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from anb.db.session import UnitOfWork
from anb.logs import logger
from anb.settings import Settings
from anb.votelog import recount, store, tallies
from anb.votelog.domain import CountClosed, VoidClass, encode
from anb.votelog.folding import Fold
from anb.votelog.keys import log_signer, origin_of
from anb.votelog.merkle import grow, leaf_hash, root
from anb.votelog.notes import Checkpoint, NoteSigner
from anb.votelog.pending import Batch, Finish, LogHead, NoLogKey, WrongLogKey

log = logger(__name__)

elect, seasons_pending, take, has_pending = store.elect, store.seasons_pending, store.take, store.has_pending
list_held, release, forget_voter = store.list_held, store.release, store.forget_voter
check_tree, figures = recount.check_tree, store.figures
compare, rebuild = recount.compare, recount.rebuild
_REASONS = {VoidClass.UNDER_REVIEW: "doubtful", VoidClass.FRAUD: "fraud", VoidClass.OTHER: "other"}


def signer(uow: UnitOfWork, settings: Settings, season_id: UUID) -> NoteSigner:
    """Return the signer of a season's log, under the name with which the log began. Raises NoLogKey."""
    if settings.vote_log_key is None:
        raise NoLogKey("ANB_VOTE_LOG_KEY is missing: only the reconciler has the key of the log of votes")
    begun = store.get_head(uow, season_id)
    public_url = None if settings.public_url is None else str(settings.public_url)
    origin = begun.origin if begun else origin_of(public_url, store.find_season(uow, season_id).slug)
    return log_signer(origin, settings.vote_log_key.get_secret_value())


def head(uow: UnitOfWork, season_id: UUID) -> LogHead | None:
    """Return the newest signed state of a season's log; None before its first leaf."""
    return store.get_head(uow, season_id)


def hold(uow: UnitOfWork, batch: Batch, reasons: Mapping[int, Sequence[str]]) -> Batch:
    """Keep doubtful votes of a batch out of the log until they are reviewed; return the rest of the batch."""
    store.add_held(uow, [entry for entry in batch.votes if entry.vote_id in reasons], reasons)
    return batch.without(reasons.keys())


def void_held(uow: UnitOfWork, vote_ids: Collection[int], why: VoidClass = VoidClass.UNDER_REVIEW) -> int:
    """Void held votes; return how many. The log says so within a second, and keeps their promises thereby."""
    return store.void_held(uow, vote_ids, _REASONS[why])


def seal(uow: UnitOfWork, signing: NoteSigner, season_id: UUID, batch: Batch) -> LogHead | None:
    """Append a batch to the log, fold it into the tallies, and sign the new head, all in this transaction.

    The caller is elected. A second sealer would fail at the key of the first leaf. Raises WrongLogKey.
    """
    known = _checked(store.get_head(uow, season_id, lock=True), signing)
    fold = Fold(tallies.load(uow, batch, known.size if known else 0))
    fold.take(batch.entries)
    if fold.strays:
        uow.after_commit(partial(log.error, "votelog.entries.astray", season_id=str(season_id), count=fold.strays))
    if not fold.entries and known is not None:
        store.drop_held(uow, fold.settled)
        return known
    new = _append(uow, signing, season_id, known, fold.entries, fold.vote_ids)
    tallies.write(uow, season_id, fold)
    store.drop_held(uow, fold.settled)
    return new


def finish(uow: UnitOfWork, signing: NoteSigner, season_id: UUID) -> Finish:
    """End the log of a closed season with a leaf of its close, once all that was promised by then is in it.

    A vote that was cast before the close may be committed after it. So the first call notes the transactions
    of that moment, and a later one writes the leaf when they have ended. Takes the sealer's turn: call it last.
    """
    store.wait_turn(uow)
    season, known = store.find_season(uow, season_id), _checked(store.get_head(uow, season_id, lock=True), signing)
    if not season.is_closed or season.closed_at is None:
        return Finish.NOT_CLOSED
    if known is None:
        known = _append(uow, signing, season_id, None, [], [])
    if known.closed_at == season.closed_at:
        return Finish.DONE
    left = _left_to_do(uow, season_id, known, season.closed_at)
    if left is not None:
        return left
    leaf = CountClosed(int(store.now(uow).timestamp()) // 60, int(season.closed_at.timestamp()))
    ended = _append(uow, signing, season_id, known, [encode(leaf)], [None])
    ended = dataclasses.replace(ended, closed_at=season.closed_at)
    store.set_head(uow, ended)
    store.keep_checkpoint(uow, ended, always=True)
    return Finish.DONE


def _left_to_do(uow: UnitOfWork, season_id: UUID, known: LogHead, closed_at: datetime) -> Finish | None:
    oldest, coming = store.transactions(uow)
    if known.closing_at != closed_at:
        store.set_head(uow, dataclasses.replace(known, closing_at=closed_at, closing_xid=coming))
        return Finish.WAITING
    if oldest < (known.closing_xid or 0):
        return Finish.WAITING
    if store.has_pending(uow, season_id):
        return Finish.PENDING
    return Finish.HELD if store.list_held(uow, season_id) else None


def _checked(known: LogHead | None, signing: NoteSigner) -> LogHead | None:
    if known is not None and known.public_key != signing.verifier.public_key:
        raise WrongLogKey(f"the log {known.origin} was begun with another key than ANB_VOTE_LOG_KEY")
    return known


def _append(
    uow: UnitOfWork,
    signing: NoteSigner,
    season_id: UUID,
    known: LogHead | None,
    entries: Sequence[bytes],
    vote_ids: Sequence[int | None],
) -> LogHead:
    """Append entries to a log, or begin it, and sign its head."""
    size = known.size if known else 0
    grown = grow(size, known.edge if known else (), map(leaf_hash, entries))
    checkpoint = Checkpoint(signing.verifier.name, grown.size, root(grown.edge))
    new = LogHead(
        season_id=season_id,
        origin=checkpoint.origin,
        public_key=signing.verifier.public_key,
        size=grown.size,
        edge=grown.edge,
        root=checkpoint.root,
        sealed_at=store.now(uow),
        checkpoint=signing.sign(checkpoint.text),
        closing_at=known.closing_at if known else None,
        closing_xid=known.closing_xid if known else None,
        closed_at=known.closed_at if known else None,
    )
    (store.set_head if known else store.add_head)(uow, new)
    store.add_leaves(uow, season_id, size, entries, vote_ids)
    store.add_hashes(uow, season_id, grown.tiles)
    store.keep_checkpoint(uow, new)
    return new
