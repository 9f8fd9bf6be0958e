"""All hostile files, by name."""

from support.hostile import bombs, codecs, ebml, extras, lies, scripts, shapes, strangers, tables
from support.hostile.case import Cases

GROUPS: dict[str, Cases] = {
    "scripts": scripts.CASES,
    "extras": extras.CASES,
    "lies": lies.CASES,
    "tables": tables.CASES,
    "ebml": ebml.CASES,
    "codecs": codecs.CASES,
    "bombs": bombs.CASES,
    "shapes": shapes.CASES,
    "strangers": strangers.CASES,
}
ALL: Cases = {f"{group}/{name}": make for group, cases in GROUPS.items() for name, make in cases.items()}
# Files that would reach out: for another file, or for a server.
REACHING: Cases = {
    name: make for name, make in ALL.items() if name.startswith("scripts/") or "else" in name or "movie" in name
}
# The daily choice: every second of those, and every fortieth of the others; bombs take too long.
_OTHERS = [name for name in ALL if name not in REACHING and not name.startswith("bombs/flat")]
DAILY = [*[*REACHING][::2], *_OTHERS[::40]]
