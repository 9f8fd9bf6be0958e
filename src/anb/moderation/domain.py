"""The refusals of moderation."""

from typing import ClassVar

from anb.errors import Refusal


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
