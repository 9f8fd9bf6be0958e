"""The meaning of a combination, derived from its properties: what people must see, or why the clip is refused.

Shares no code with the product: rates, sizes, colours and reasons are derived again here.
"""

from dataclasses import dataclass, field
from fractions import Fraction

from verify.clips.properties import SD_HEIGHT, UNCONVERTIBLE, ClipRecipe

LEAST_SIDE, LEAST_SECONDS, EDIT_SECONDS, BUMPER_SECONDS = 360, 0.8, 1.0, 0.5
SECONDS = Fraction(7, 5)  # of decodable pictures
GROUP_SECONDS = Fraction(2, 5)  # from keyframe to keyframe
STEPS = 20  # ticks from frame to frame, the unit of jitter
JITTER = (0, 0, 2, 0, 0, -2, 0, 1, 0, -1)
SPARE = 8  # rows that the container hides
RATES = (30, 25, 24)  # of an edit; the first of two equally good ones is taken
SECOND_SIZE = (480, 360)  # after a change of size
TURNED = {"0": 0, "90": 90, "180": 180, "270": 270, "0-mirrored": 0, "90-mirrored": 90}
OWN_RATES = {"29.97": Fraction(30000, 1001), "12.5": Fraction(25, 2)}


@dataclass(frozen=True)
class ColourMeaning:
    """The meaning of the pictures' values as colours, in FFmpeg's names."""

    matrix: str
    primaries: str
    transfer: str
    range: str


@dataclass(frozen=True)
class PictureRun:
    """Equal pictures from a counter's number on: their upright size and their shape."""

    first: int
    width: int
    height: int
    shape: Fraction
    side: int  # the shorter one as people see it
    look: ColourMeaning  # the meaning of its values


@dataclass(frozen=True)
class Expected:
    """The required result for a clip: a refusal's code, or an edit."""

    refused: str | None
    rate: int = 30
    frames: int = 0
    bumper: int = 0
    shown: tuple[tuple[Fraction, int], ...] = ()  # the second at which each number appears, the first at 0
    parts: tuple[PictureRun, ...] = ()
    free: range = field(default_factory=lambda: range(0))  # numbers removed by damage: the edit may show anything
    bits: int = 8
    interlaced: bool = False


def own_rate(recipe: ClipRecipe) -> Fraction:
    """Return the frames per second as filmed."""
    return OWN_RATES.get(recipe.rate) or Fraction(recipe.rate)


def group(recipe: ClipRecipe) -> int:
    """Return the number of pictures from keyframe to keyframe."""
    return max(2, round(GROUP_SECONDS * own_rate(recipe)))


def ticks(recipe: ClipRecipe) -> list[int]:
    """Return when each picture is shown, in twentieths of a frame."""
    count = round(SECONDS * own_rate(recipe)) + (group(recipe) if recipe.first == "lost" else 0)
    even = [number * STEPS for number in range(count)]
    if recipe.timing == "jitter":
        return [tick + JITTER[number % len(JITTER)] for number, tick in enumerate(even)]
    if recipe.timing == "drops":
        return [tick + STEPS * ((number + 3) // 7) for number, tick in enumerate(even)]
    if recipe.timing == "gap":
        late = round(Fraction(3, 10) * own_rate(recipe) * STEPS)
        return [tick + (late if number >= count // 3 else 0) for number, tick in enumerate(even)]
    return even


def times(recipe: ClipRecipe) -> list[Fraction]:
    """Return the second at which each picture is shown."""
    unit = own_rate(recipe) * STEPS
    return [Fraction(tick) / unit for tick in ticks(recipe)]


def kept_by_edit_list(recipe: ClipRecipe) -> range:
    """Return the pictures that an edit list keeps."""
    count = len(ticks(recipe))
    begin = count // 5 if recipe.edit_list == "later" else 0
    return range(begin, count - count // 5 if recipe.edit_list == "earlier" else count)


def look(recipe: ClipRecipe, *, late: bool = False) -> ColourMeaning:
    """Return the meaning of the pictures' values; `late`: after a change."""
    matrix = recipe.matrix
    if matrix in UNCONVERTIBLE:  # players treat it as BT.709
        matrix = "bt709"
    if recipe.told == "neither":
        matrix = default_matrix(recipe)
    changed = late and recipe.change == "range"
    reach = {"tv": "pc", "pc": "tv"}[recipe.range] if changed else recipe.range
    return ColourMeaning(matrix, recipe.primaries, recipe.transfer, reach)


def default_matrix(recipe: ClipRecipe) -> str:
    """Return the matrix that players assume for pictures without tags."""
    return "smpte170m" if stored_rows(recipe) <= SD_HEIGHT else "bt709"


def stored_rows(recipe: ClipRecipe) -> int:
    """Return the rows of a picture, including hidden ones."""
    return recipe.pixels_down + (SPARE if recipe.crop == "container" else 0)


def expected(recipe: ClipRecipe) -> Expected:
    """Derive the required result for a clip."""
    parts, shown = _parts(recipe), _shown(recipe)
    if reason := _refusal(recipe, parts):
        return Expected(reason)
    rate = edit_rate(own_rate(recipe))
    return Expected(
        None,
        rate,
        frames=int(EDIT_SECONDS * rate),
        bumper=int(BUMPER_SECONDS * rate),
        shown=shown,
        parts=parts,
        free=range(group(recipe), 2 * group(recipe)) if recipe.damage == "hole" else range(0),
        bits=10 if "10" in recipe.pixels else 8,
        interlaced=recipe.scan != "progressive",
    )


def edit_rate(own: Fraction) -> int:
    """Return the rate at which all pictures are repeated, or dropped, equally often."""

    def uneven(rate: int) -> Fraction:
        ratio = max(own / rate, rate / own)
        return abs(ratio - round(ratio)) / round(ratio)

    least = min(uneven(rate) for rate in RATES)
    return next(rate for rate in RATES if uneven(rate) - least < Fraction(1, 500))


def _refusal(recipe: ClipRecipe, parts: tuple[PictureRun, ...]) -> str | None:
    """Return the code of the first broken rule: unreadable comes before too small."""
    if recipe.damage in {"cut", "joined"}:
        return {"cut": "clip-cut-off", "joined": "two-recordings"}[recipe.damage]
    if any(part.side < LEAST_SIDE for part in parts):
        return "resolution-too-low"
    return None


def _parts(recipe: ClipRecipe) -> tuple[PictureRun, ...]:
    whole = _part(0, recipe.pixels_across, recipe.pixels_down, recipe)
    if recipe.change == "none":
        return (whole,)
    size = SECOND_SIZE if recipe.change == "size" else (recipe.pixels_across, recipe.pixels_down)
    return (whole, _part(len(ticks(recipe)) // 2, *size, recipe))


def _part(first: int, across: int, down: int, recipe: ClipRecipe) -> PictureRun:
    shape, meaning = Fraction(across, down) * Fraction(recipe.sar), look(recipe, late=first > 0)
    side = min(round(across * Fraction(recipe.sar)), down)
    if TURNED[recipe.turn] in {0, 180}:
        return PictureRun(first, across, down, shape, side, meaning)
    return PictureRun(first, down, across, 1 / shape, side, meaning)


def _shown(recipe: ClipRecipe) -> tuple[tuple[Fraction, int], ...]:
    when, numbers = times(recipe), list(kept_by_edit_list(recipe))
    if recipe.first == "lost":
        numbers = numbers[group(recipe) :]
    return tuple((when[number] - when[numbers[0]], number) for number in numbers)
