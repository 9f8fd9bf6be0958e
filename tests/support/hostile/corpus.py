"""All files made to harm, by name."""

from support.hostile import bombs, codecs, ebml, extras, lies, scripts, shapes, tables
from support.hostile.case import Cases

ROOMS: dict[str, Cases] = {
    "scripts": scripts.CASES,
    "extras": extras.CASES,
    "lies": lies.CASES,
    "tables": tables.CASES,
    "ebml": ebml.CASES,
    "codecs": codecs.CASES,
    "bombs": bombs.CASES,
    "shapes": shapes.CASES,
}
ALL: Cases = {f"{room}/{name}": make for room, cases in ROOMS.items() for name, make in cases.items()}
# Those that would reach out: for another file, or for a server.
REACHING: Cases = {
    name: make for name, make in ALL.items() if name.startswith("scripts/") or "else" in name or "movie" in name
}
# For every day: those, and of the others every fourteenth; bombs take too long.
_OTHERS = [name for name in ALL if name not in REACHING and not name.startswith("bombs/flat")]
DAILY = [*REACHING, *_OTHERS[::14]]
