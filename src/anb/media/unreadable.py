"""Refusals of files that cannot be read as a video, chosen by what the prober found."""

from collections.abc import Mapping

from anb.errors import Refusal
from anb.ports import CutShort, Encrypted, TooHeavy, Undecodable, Unreadable


class NotAVideo(Refusal):
    """Nothing in the file can be opened as a video."""

    code = "not-a-video"


class Protected(NotAVideo):
    """The pictures are encrypted, like those of films that shops sell."""

    code = "clip-protected"


class AllDamaged(NotAVideo):
    """The file has a video, but none of its pictures can be decoded."""

    code = "clip-damaged"


class TooMuchWork(NotAVideo):
    """A probe does not finish: a small file may declare thousands of large pictures."""

    code = "clip-too-heavy"


class CutOff(Refusal):
    """A part of the file is missing."""

    code = "clip-cut-off"


REASONS: Mapping[type[Unreadable], type[Refusal]] = {
    CutShort: CutOff, Encrypted: Protected, Undecodable: AllDamaged, TooHeavy: TooMuchWork,
}  # fmt: skip


def why(unreadable: Unreadable) -> Refusal:
    """Return the refusal for a file that the prober could not read."""
    return REASONS.get(type(unreadable), NotAVideo)()
