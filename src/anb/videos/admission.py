"""Why a player may not send a clip now: their quotas, and the rules and calendar of the season."""

from anb.errors import Refusal


class TooManyWaiting(Refusal):
    """The player's clips that wait for their edit have reached the limit, in number or in bytes."""

    status = 429
    code = "too-many-waiting"
    retry_after = 60


class TooManyToday(Refusal):
    """The player has sent as many clips within a day as allowed."""

    status = 429
    code = "too-many-today"
    retry_after = 3600


class TooMuchStored(Refusal):
    """The player's clips together take as many bytes as allowed."""

    code = "too-much-stored"


class UploadsNotOpenYet(Refusal):
    """The next season has a calendar, and its uploads begin later."""

    code = "uploads-not-open-yet"
    shown = ("at",)


class UploadsClosed(Refusal):
    """The season takes no more clips."""

    code = "uploads-closed"
    shown = ("at",)


class TooManyClips(Refusal):
    """The player has as many clips in the season as its rules allow."""

    code = "too-many-clips"


class SameFileAgain(Refusal):
    """The player sent this very file before, and the season takes each only once."""

    code = "same-file-again"
