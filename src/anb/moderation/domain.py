"""The refusals of moderation, and the reports of people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from anb.errors import Refusal
from anb.sentences import Sentence
from anb.signals.domain import Trace


class ConsentTakenBack(Refusal):
    """The guardian of the clip's player took their permission back: no one may show the clip."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "consent-taken-back"


class NothingToPublish(Refusal):
    """The clip has no edit yet, or its edit failed: there is nothing to publish or to refuse."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "nothing-to-publish"


class ClipStateDiffers(Refusal):
    """The act is not for clips in this state: another organizer may have acted since."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "clip-state-differs"
    shown: ClassVar[tuple[str, ...]] = ("state",)


class ReportReason(StrEnum):
    """Why a person reports a clip. Each has a sentence, `report.<word>`."""

    MINOR_AT_RISK = "minor-at-risk"  # one report is enough: organizers should look at once
    OTHER_PEOPLE = "other-people"
    PERSONAL_DATA = "personal-data"
    DANGEROUS = "dangerous"
    OFFENSIVE = "offensive"
    COPIED = "copied"
    ADVERTISING = "advertising"
    NO_BASKETBALL = "no-basketball"
    OTHER = "other"

    @property
    def sentence(self) -> Sentence:
        """The sentence that people choose."""
        return Sentence(f"report.{self.value}")


class ReportOutcome(StrEnum):
    """How organizers closed a report."""

    DISMISSED = "dismissed"  # nothing was wrong with the clip
    ACTED = "acted"  # the clip was hidden or taken down


@dataclass(frozen=True)
class NewReport:
    """What a person says about a clip, and where the request came from."""

    video_id: UUID
    reporter_id: UUID | None
    reason: ReportReason
    words: str
    trace: Trace


@dataclass(frozen=True)
class ClipReport:
    """A report as organizers see it."""

    id: UUID
    video_id: UUID
    reporter_id: UUID | None
    reason: ReportReason
    words: str
    made_at: datetime
    closed_at: datetime | None
    outcome: ReportOutcome | None
    device: str = ""
    block: str = ""


@dataclass(frozen=True)
class ReportCase:
    """What is due on a clip that was reported."""

    video_id: UUID
    due_at: datetime | None
    reviewed_at: datetime | None


def count_independent(marks: Iterable[frozenset[str]]) -> int:
    """Count the reports that have nothing in common, directly or by way of others: those are of different people."""
    groups: list[frozenset[str]] = []
    for each in marks:
        touching = [group for group in groups if group & each]
        groups = [group for group in groups if not group & each] + [each.union(*touching)]
    return len(groups)
