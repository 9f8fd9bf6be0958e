"""Watching clip after clip: the next one of a list, and what a reader has voted for or owns."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from anb.contest import list_store, service, store
from anb.contest.domain import PublicClip
from anb.contest.listing import WantedClips
from anb.db.paging import Page
from anb.db.session import UnitOfWork

AHEAD = 24  # clips among which the next one is sought


@dataclass(frozen=True)
class ReaderMarks:
    """Which of some clips their reader has voted for, and which are the reader's own."""

    voted: frozenset[UUID] = frozenset()
    own: frozenset[UUID] = frozenset()

    def takes_vote(self, video_id: UUID) -> bool:
        """Say whether the reader may still vote for a clip."""
        return video_id not in self.voted and video_id not in self.own


NOBODYS = ReaderMarks()


def mark_clips(uow: UnitOfWork, reader: UUID | None, clips: Collection[PublicClip]) -> ReaderMarks:
    """Mark clips for their reader; a visitor has no marks."""
    if reader is None or not clips:
        return NOBODYS
    ids = [clip.id for clip in clips]
    return ReaderMarks(frozenset(store.voted_among(uow, reader, ids)), frozenset(store.owned_among(uow, reader, ids)))


def find_next(uow: UnitOfWork, clip: PublicClip, wanted: WantedClips, reader: UUID | None) -> PublicClip | None:
    """Return the clip to watch after another one: the next of the list for which the reader may still vote.

    After the last clip of a list its first follows. When a reader has voted for all that are near, it is the very next
    one; None if a list has no other clip.
    """
    key = list_store.key_of(uow, clip, wanted)
    ahead = [] if key is None else service.list_clips(uow, Page(limit=AHEAD, after=key), wanted).rows
    if len(ahead) < AHEAD:
        ahead += service.list_clips(uow, Page(limit=AHEAD - len(ahead)), wanted).rows
    others = [each for each in ahead if each.id != clip.id]
    marks = mark_clips(uow, reader, others)
    return next((each for each in others if marks.takes_vote(each.id)), others[0] if others else None)
