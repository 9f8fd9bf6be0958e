"""Why a vote is doubtful: the rules, on what the database counted. Each has a number, and none holds for one alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from anb.sentences import Sentence
from anb.settings.fraud import FraudSettings


class Doubt(StrEnum):
    """A reason to hold a vote until an organizer has reviewed it."""

    CLUSTER = "cluster"  # the account is in a cluster that was not reviewed
    PACE = "pace"  # the account votes faster than anyone can watch
    DEVICE = "device"  # many accounts are used on the voter's device
    MAILBOX = "mailbox"  # many accounts lead to the voter's mailbox
    BLOCK = "block"  # several programs vote for the clip from one address block
    PROGRAM = "program"  # many programs vote for the clip
    DISPOSABLE = "disposable"  # many votes for the clip from disposable mailboxes
    BURST = "burst"  # weak accounts vote for the clip more often than its page is opened

    @property
    def said(self) -> Sentence:
        """The reason in words."""
        return Sentence(f"doubt.{self.value}")


class MarkKind(StrEnum):
    """What the votes for a clip are counted by."""

    BLOCK = "block"
    PROGRAM = "program"
    DISPOSABLE = "disposable"


class ClipMark(NamedTuple):
    """A count of the votes for a clip: those from an address block, or all of a kind (no mark)."""

    video_id: UUID
    kind: MarkKind
    mark: str = ""


@dataclass(frozen=True, kw_only=True)
class VoterFacts:
    """What is known of a voter."""

    is_new: bool
    is_confirmed: bool
    is_disposable: bool
    is_cleared: bool  # an organizer has reviewed the account as fine
    is_clustered: bool  # in a cluster, and not reviewed
    recent_votes: int  # of the account, within the time of the rule of pace, this one included
    device_accounts: int
    mailbox_accounts: int

    @property
    def is_weak(self) -> bool:
        """Whether nothing vouches for the account."""
        return (self.is_new or self.is_disposable or not self.is_confirmed) and not self.is_cleared


@dataclass(frozen=True, kw_only=True)
class VoteFacts(VoterFacts):
    """What is known of a vote and its voter."""

    id: int
    video_id: UUID
    cast_at: datetime
    device: str  # empty: cast by a program, not by the clip's page
    block: str

    @property
    def marks(self) -> tuple[ClipMark, ...]:
        """The counts that this vote adds to; most votes by our pages add to none."""
        if self.is_cleared:
            return ()
        kinds = {
            ClipMark(self.video_id, MarkKind.BLOCK, self.block): not self.device,
            ClipMark(self.video_id, MarkKind.PROGRAM): not self.device,
            ClipMark(self.video_id, MarkKind.DISPOSABLE): self.is_disposable,
        }
        return tuple(mark for mark, counts in kinds.items() if counts)

    @property
    def needs_views(self) -> bool:
        """Whether the views of the clip must explain it: a vote by the page, of an account that nothing vouches for."""
        return self.is_weak and self.device != ""


@dataclass(frozen=True)
class MarkLimits:
    """How many votes of a mark a clip may have: a number, or a share of all its votes if that is more."""

    settings: FraudSettings
    totals: Mapping[UUID, int] = field(default_factory=dict)  # the votes of each clip, as far as asked for

    def of(self, mark: ClipMark) -> int:
        """Return the limit of a mark."""
        known = self.settings
        number, percent = {
            MarkKind.BLOCK: (known.fraud_block_votes, 0.0),
            MarkKind.PROGRAM: (known.fraud_program_votes, known.fraud_program_percent),
            MarkKind.DISPOSABLE: (known.fraud_disposable_votes, known.fraud_disposable_percent),
        }[mark.kind]
        return max(number, int(self.totals.get(mark.video_id, 0) * percent / 100))


def find_doubts(
    votes: Sequence[VoteFacts], counted: Mapping[ClipMark, int], limits: MarkLimits, excess: Mapping[UUID, int]
) -> dict[int, tuple[Doubt, ...]]:
    """Return the doubts about each doubtful vote, in the order in which they were cast.

    `counted` includes these votes. `excess` is how many votes of weak accounts a clip's views do not explain.
    """
    before = Counter(dict(counted))
    before.subtract(mark for vote in votes for mark in vote.marks)
    unexplained = _last_weak(votes, excess)
    found: dict[int, tuple[Doubt, ...]] = {}
    for vote in votes:
        before.update(vote.marks)
        doubts = (*doubts_of_voter(vote, limits.settings), *_of_clip(vote, before, limits))
        if vote.id in unexplained:
            doubts = (*doubts, Doubt.BURST)
        if doubts:
            found[vote.id] = doubts
    return found


def doubts_of_voter(voter: VoterFacts, settings: FraudSettings) -> tuple[Doubt, ...]:
    """Return the doubts that follow from the account; what an organizer reviewed is fine, but not every pace."""
    tied = not voter.is_cleared
    rules = {
        Doubt.CLUSTER: voter.is_clustered,
        Doubt.PACE: voter.recent_votes > settings.fraud_pace_votes,
        Doubt.DEVICE: tied and voter.device_accounts >= settings.fraud_device_accounts,
        Doubt.MAILBOX: tied and voter.mailbox_accounts >= settings.fraud_mailbox_accounts,
    }
    return tuple(doubt for doubt, holds in rules.items() if holds)


def _of_clip(vote: VoteFacts, counted: Mapping[ClipMark, int], limits: MarkLimits) -> tuple[Doubt, ...]:
    return tuple(Doubt(mark.kind.value) for mark in vote.marks if counted[mark] > limits.of(mark))


def _last_weak(votes: Sequence[VoteFacts], excess: Mapping[UUID, int]) -> set[int]:
    """Return the last votes of weak accounts for each clip, as many as are too many."""
    left, found = dict(excess), set()
    for vote in reversed(votes):
        if vote.needs_views and left.get(vote.video_id, 0) > 0:
            left[vote.video_id] -= 1
            found.add(vote.id)
    return found
