"""Which court a clip without a poster is drawn on, and the letters on its jersey."""

from typing import NamedTuple
from uuid import UUID

FLOORS = 5
COURTS = ("side", "mirrored", "top", "centre")


class Court(NamedTuple):
    """One of the painted floors of the stylesheet, and one of the courts of `symbols.svg`."""

    floor: int
    court: str


def court(clip: UUID) -> Court:
    """Choose a court for a clip: always the same one, and neighbours seldom alike."""
    turn = clip.int % (FLOORS * len(COURTS))
    return Court(turn % FLOORS, COURTS[turn % len(COURTS)])


def initials(name: str) -> str:
    """Return the first letters of the first and the last word of a name."""
    words = name.split()
    return "".join(word[0] for word in dict.fromkeys((words[0], words[-1]))).upper() if words else ""
