"""The refusals of moderation."""

from typing import ClassVar

from anb.errors import Refusal


class NothingToPublish(Refusal):
    """The clip has no edit yet, or its edit failed: there is nothing to publish."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "nothing-to-publish"
