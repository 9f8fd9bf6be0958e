"""What organizers decided about a clip: its state for them, and why it was refused or taken down."""

from dataclasses import dataclass
from enum import StrEnum

from anb.sentences import Language, Sentence


class ConsentLoss(StrEnum):
    """What a clip was when a guardian took the consent back that it needs."""

    PUBLIC = "public"
    PRIVATE = "private"


class ClipState(StrEnum):
    """The state of a clip as its moderators see it. Exactly one applies."""

    UNEDITED = "unedited"  # received, or being edited
    FAILED = "failed"  # no edit could be made
    WAITING = "waiting"  # edited, and not decided on
    PUBLIC = "public"
    HIDDEN = "hidden"  # was public, and may be so again
    REFUSED = "refused"  # was never public; the player knows why
    WITHDRAWN = "withdrawn"  # by its player, for good
    TAKEN_DOWN = "taken-down"  # by an organizer, for good


class RefusalReason(StrEnum):
    """Why organizers refuse a clip or take it down. Each has a sentence for the player, `clip_refused.<word>`."""

    NO_BASKETBALL = "no-basketball"
    NOT_THE_PLAYER = "not-the-player"
    OTHER_PEOPLE = "other-people"
    PERSONAL_DATA = "personal-data"
    DANGEROUS = "dangerous"
    OFFENSIVE = "offensive"
    COPIED = "copied"
    ADVERTISING = "advertising"
    TITLE = "title"
    HARD_TO_SEE = "hard-to-see"
    RULES = "rules"

    @property
    def sentence(self) -> Sentence:
        """The sentence that the player reads."""
        return Sentence(f"clip_refused.{self.value}")


@dataclass(frozen=True)
class Verdict:
    """Why a clip was refused or taken down, for its player."""

    reason: RefusalReason
    text: str = ""  # what the organizer adds

    def said(self, language: Language) -> str:
        """Return what the player reads."""
        return f"{self.reason.sentence.text(language)} {self.text}".strip()
