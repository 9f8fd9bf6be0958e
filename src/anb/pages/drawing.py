"""What pages draw: the court and the jersey of a clip without a poster, and QR codes."""

from typing import NamedTuple
from unicodedata import combining, normalize
from uuid import UUID

from markupsafe import Markup

FLOORS = 5
# Initials that would read as a verdict on the clip; such a jersey shows only the first letter.
VERDICTS = {"NO", "SI", "OK", "KO"}
COURTS = ("side", "mirrored", "top", "centre")


class Court(NamedTuple):
    """One of the painted floors of the stylesheet, and one of the courts of `symbols.svg`."""

    floor: int
    court: str


def court(clip: UUID) -> Court:
    """Choose a court for a clip: always the same one, and rarely that of the next clip."""
    turn = clip.int % (FLOORS * len(COURTS))
    return Court(turn % FLOORS, COURTS[turn % len(COURTS)])


def initials(name: str) -> str:
    """Return the first letters of a name's first and last word, or only one if they would form a verdict."""
    words = normalize("NFKC", name).split()
    letters = "".join(word[0] for word in dict.fromkeys((words[0], words[-1]))).upper() if words else ""
    return letters[0] if _plain(letters) in VERDICTS else letters


def draw_code(address: str) -> Markup:
    """Draw a QR code as SVG inside the page: our policy allows no image from elsewhere, and none is needed."""
    import segno  # noqa: PLC0415 - few pages load it

    drawn = segno.make(address, micro=False).svg_inline(scale=4, dark="#000", light="#fff", omitsize=True)
    return Markup(drawn)  # noqa: S704 - drawn by segno, which writes numbers alone


def _plain(letters: str) -> str:
    """Return letters as people read them from afar: without accents, widths and other forms."""
    return "".join(letter for letter in normalize("NFKD", letters) if not combining(letter)).upper()
