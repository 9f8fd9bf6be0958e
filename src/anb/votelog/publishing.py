"""The files of a season's log, and receipts and promises of votes."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from anb.db.session import UnitOfWork
from anb.settings import Settings
from anb.votelog import reading
from anb.votelog.domain import NoPromiseKey, NotInLog, encode_vote
from anb.votelog.keys import origin_of, promise_signer
from anb.votelog.merkle import HASH_BYTES, Span, inclusion_proof, proof_spans
from anb.votelog.notes import NoteSigner, VerifierKey
from anb.votelog.reading import KeptCheckpoint, PublishedHead
from anb.votelog.tiles import TileName, receipt

AT_THE_CLOSE = "close"  # when a promise is due whose season has no set close


@dataclass(frozen=True)
class PromisedVote:
    """A vote that was cast, and all that its promise says."""

    id: int
    season_id: UUID
    slug: str
    video_id: UUID
    voter_id: UUID
    jury: bool
    cast_at: datetime
    closes_at: datetime | None
    pseudonym: UUID | None = None  # where it is known already


def head(uow: UnitOfWork, season_id: UUID) -> PublishedHead:
    """Return the newest signed state of a log. Raises NotInLog before its first leaf."""
    found = reading.find_head(uow, season_id)
    if found is None:
        raise NotInLog
    return found


def checkpoints(uow: UnitOfWork, season_id: UUID) -> list[KeptCheckpoint]:
    """Return the checkpoints that are kept for ever."""
    return reading.list_checkpoints(uow, season_id)


def tile(uow: UnitOfWork, season_id: UUID, path: str) -> bytes:
    """Return a file below `tile/`. Raises NotInLog."""
    name = TileName.parse(path)
    if name is None or not name.is_in(head(uow, season_id).size):
        raise NotInLog
    span = Span(name.level or 0, name.first, name.width)
    return (reading.read_bundle if name.level is None else reading.read_hashes)(uow, season_id, span)


def keys(uow: UnitOfWork, season_id: UUID, settings: Settings) -> list[VerifierKey]:
    """Return the verifier key of a log, then those of promises; this web server's is among them. Raises NotInLog."""
    found = head(uow, season_id)
    name, own = _promises(found.origin), _promiser(found.origin, settings).verifier.public_key
    others = [key for key in reading.list_promise_keys(uow) if key != own]
    return [VerifierKey(found.origin, found.public_key), *(VerifierKey(name, key) for key in (*others, own))]


def prove(uow: UnitOfWork, season_id: UUID, index: int) -> str:
    """Return the receipt of a leaf: its entry, and the proof that the newest checkpoint covers it. Raises NotInLog."""
    found = reading.find_proved(uow, season_id, index)
    if found is None:
        raise NotInLog
    hashes = [
        [joined[place : place + HASH_BYTES] for place in range(0, len(joined), HASH_BYTES)]
        for joined in reading.list_spans(uow, season_id, proof_spans(index, found.size))
    ]
    proof = inclusion_proof(index, found.size, found.edge, hashes)
    return receipt(index, proof, found.checkpoint, found.entry)


def prove_vote(uow: UnitOfWork, vote: PromisedVote) -> str:
    """Return the receipt of a vote. Raises NotInLog while it has no leaf."""
    index = reading.find_leaf(uow, vote.id)
    if index is None:
        raise NotInLog
    return prove(uow, vote.season_id, index)


def promise(uow: UnitOfWork, settings: Settings, vote: PromisedVote) -> str:
    """Return the signed promise that a vote will be in the log: the same note whenever it is asked for."""
    own = _promiser("any", settings).verifier.public_key  # the same in every season
    kept = ("promises", vote.season_id, own)
    origin, pseudonym = uow.recent.find(kept), vote.pseudonym
    if origin is None or pseudonym is None:
        found = reading.find_for_promise(uow, vote.season_id, vote.voter_id, own)
        pseudonym, origin = found.pseudonym, found.origin or origin_of(str(settings.public_url or ""), vote.slug)
        if found.is_settled:
            uow.recent.read(kept, lambda: found.origin)
    minute = int(vote.cast_at.timestamp()) // 60
    entry = encode_vote(minute, vote.video_id.bytes, pseudonym.bytes, jury=vote.jury)
    due = AT_THE_CLOSE if vote.closes_at is None else str(int(vote.closes_at.timestamp()))
    return _promiser(origin, settings).sign(f"{origin}\nvote\n{b64encode(entry).decode()}\n{due}\n")


def _promises(origin: str) -> str:
    return f"{origin}/promises"


def _promiser(origin: str, settings: Settings) -> NoteSigner:
    if settings.secret_key is None:
        raise NoPromiseKey("promises are signed with ANB_SECRET_KEY, which only web servers have")
    return _signer(_promises(origin), settings.secret_key.get_secret_value())


_signer = lru_cache(maxsize=64)(promise_signer)  # deriving one takes longer than signing
