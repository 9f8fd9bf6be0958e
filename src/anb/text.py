"""The characters that a name, a title or a city may hold: visible ones, and those that join visible letters."""

import re
import unicodedata

# Each kind of character has a letter; a regular expression over these letters is the rule.
# L letter, digit or sign · P pictograph · F black flag · M mark · V virama · S variation selector · Z, N, H joiners and
# the soft hyphen · T, E tag and its end · _ blank · X never.
_ALONE = {
    "\u00ad": "H",
    "\u034f": "S",  # combining grapheme joiner: as invisible as a variation selector
    "\u200c": "N",
    "\u200d": "Z",
    "\u2194": "P",  # an arrow, which joins a shaking head
    "\u2800": "X",  # Braille without a dot
    "\U0001f3f4": "F",
    "\U000e007f": "E",
}
_FILLERS = "\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0"  # letters and marks without a shape
_VISIBLE_FORMATS = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
_RANGES = (
    ("\u180b", "\u180d", "S"),
    ("\u25fb", "\u25fe", "P"),
    ("\ufe00", "\ufe0f", "S"),
    ("\ufff0", "\ufff8", "X"),
    ("\U0001f3fb", "\U0001f3ff", "P"),  # skin tones
    ("\U000e0030", "\U000e0039", "T"),
    ("\U000e0061", "\U000e007a", "T"),
    ("\U000e0100", "\U000e01ef", "S"),
    ("\U000e0000", "\U000e0fff", "X"),
)
_PICTOGRAPHS = ("\U0001f000", "\U0001fbff")  # where future emoji will be, unknown to today's Python
_NO_CHARACTER = (b"\xfe\xff", b"\xff\xff")  # the last two of each plane
_VIRAMA = 9  # the combining class of a mark that joins two consonants
_LONGEST = 1000
_MOST_MARKS = 8  # on one letter: more than any script uses, fewer than it takes to cover another line

_RULE = re.compile(
    rf"""(?: [LPF_]
    | F T{{3,6}} E                        # the flag of England
    | (?<=[LPFMVS]) (?![MVS]{{{_MOST_MARKS + 1}}}) [MVS]
    | (?<=[LMVS]) [ZNH] (?=L)             # Persian, German, Sinhala
    | (?<=V) [ZN]                         # a final half letter of India
    | (?<=[PFS]) Z (?=[PF])               # a family
    )*""",
    re.VERBOSE,
)
_SEEN = frozenset("LPF")


def clean(text: str) -> str:
    """Return a text in its composed form (NFC), with single blanks and none at its ends."""
    text = " ".join(text.split())
    # Ordering the marks on one letter takes time quadratic in their number, and a text this long is refused anyway.
    return unicodedata.normalize("NFC", text) if len(text) <= _LONGEST else text


def is_blank(text: str) -> bool:
    """Say whether a text has no visible character."""
    return _SEEN.isdisjoint(map(_kind, text))


def is_readable(text: str) -> bool:
    """Say whether all characters are visible, or join visible ones; expects a clean text."""
    return _RULE.fullmatch("".join(map(_kind, text))) is not None


def _kind(letter: str) -> str:
    if letter in _ALONE:
        return _ALONE[letter]
    if letter in _FILLERS:
        return "X"
    for first, last, kind in _RANGES:
        if first <= letter <= last:
            return kind
    return _kind_of_category(letter, unicodedata.category(letter))


def _kind_of_category(letter: str, category: str) -> str:
    if category == "Zs":
        return "_"
    if category[0] == "M":
        return "V" if unicodedata.combining(letter) == _VIRAMA else "M"
    if category == "So" or (category == "Cn" and _PICTOGRAPHS[0] <= letter <= _PICTOGRAPHS[1]):
        return "P"
    if category == "Cn":
        return "X" if letter.encode("utf-32-le")[:2] in _NO_CHARACTER or "\ufdd0" <= letter <= "\ufdef" else "L"
    if category in {"Cc", "Cs", "Co", "Zl", "Zp"} or (category == "Cf" and letter not in _VISIBLE_FORMATS):
        return "X"
    return "L"
