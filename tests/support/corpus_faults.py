"""What is wrong with an edit of a clip of the corpus, each fault as a sentence with the value found."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from support import corpus_brand, corpus_form, markers
from support.corpus import Accepted
from support.corpus_colours import delta_e, hue_between, lab
from support.corpus_sight import Frame, Sight, frames
from support.markers import CORNERS, PATCHES, Rect

# How far a colour may be from the scene's, by CIEDE2000. In HDR what is brighter than half of paper white is rolled
# off to make room for lights; it may be darker then, but keeps its hue.
SDR_MOST = 1.5
HDR_MOST, HDR_BRIGHT_MOST, HDR_HUE_MOST = 1.5, 6.0, 3.0
HDR_BRIGHT = 0.5 ** (1 / 2.4)  # R'G'B' of half of paper white
GREY_MOST = 1.5  # chroma that a grey may have
ACROSS = 8  # pixels over which the light edge is measured
COMB_MOST = 12.0  # levels by which the rows of an upright edge may differ
EDGE_PIXELS = 1.5  # how far the light edge may be off: what is cropped would be missing from it


def faults(case: Accepted, edit: Path) -> list[str]:
    """Look at every frame of an edit and name all that is wrong."""
    source, rate, bumper = case.source, case.rate, case.bumper
    seen = _Seen(Sight.of(source.layout, source.shape), bumper, case.frames, fields=source.fields is not None)
    for number, frame in enumerate(frames(edit)):
        seen.look(number, frame)
    if seen.count != case.frames + 2 * bumper:
        return [f"{seen.count} frames, not {case.frames + 2 * bumper}"]
    return [
        *seen.found,
        *order_faults(case.shown(), seen.numbers, rate, steady=case.steady),
        *picture_faults(seen.sight, seen.kept[case.frames // 2]),
        *colour_faults(seen.sight, seen.kept[case.frames // 2], hdr=case.source.look.hdr),
        *corpus_form.faults(edit, rate),
    ]


@dataclass
class _Seen:
    """What is remembered of the frames as they pass."""

    sight: Sight
    bumper: int
    length: int
    fields: bool
    count: int = 0
    numbers: list[int | None] = field(default_factory=list)
    kept: dict[int, Frame] = field(default_factory=dict)
    found: list[str] = field(default_factory=list)

    def look(self, number: int, frame: Frame) -> None:
        """Take in the next frame."""
        self.count += 1
        place = number - self.bumper
        if 0 <= place < self.length:
            self.numbers.append(self.sight.number(frame))
            self.found += corpus_brand.watermark_faults(frame, f"frame {number}")
            if self.fields:
                self.found += field_faults(self.sight, frame, place)
            if place == self.length // 2:
                self.kept[place] = frame
        else:
            at, edge = (number, 0) if place < 0 else (place - self.length, self.bumper - 1)
            self.found += corpus_brand.bumper_faults(frame, at, self.bumper, f"frame {number}", edge=edge)


def order_faults(
    shown: Sequence[tuple[Fraction, int]], numbers: Sequence[int | None], rate: int, *, steady: bool = False
) -> Iterator[str]:
    """Each frame of the edit shows what people saw at its moment, within half a frame; none twice without need."""
    half = Fraction(1, 2 * rate) + Fraction(1, 500)  # half a frame, and the millisecond that WebM rounds to
    places = {number: place for place, (_, number) in enumerate(shown)}
    times = [time for time, _ in shown]
    found = [places.get(-1 if number is None else number) for number in numbers]
    for slot, place in enumerate(found):
        moment = Fraction(slot, rate)
        near = range(bisect_left(times, moment - half), bisect_right(times, moment + half))
        held = [bisect_right(times, moment) - 1]  # in a gap, the picture before it
        if place not in (near or held):
            wanted = [shown[n][1] for n in near or held]
            yield f"at {float(moment):.3f} s the counter says {numbers[slot]}, not one of {wanted}"
    intervals = {round((later - earlier) * 1000) for (earlier, _), (later, _) in pairwise(shown)}
    if steady or max(intervals) - min(intervals) <= 1:
        yield from _even_faults(shown, [place for place in found if place is not None], rate)


def _even_faults(shown: Sequence[tuple[Fraction, int]], found: Sequence[int], rate: int) -> Iterator[str]:
    """Where pictures come evenly they go evenly, and each is there where none need be dropped."""
    pace = 1 / ((shown[-1][0] - shown[0][0]) / (len(shown) - 1) * rate)  # pictures per frame of the edit
    steps = [later - earlier for earlier, later in pairwise(found) if earlier < len(shown) - 1]  # the last may stay
    whole, drift = round(pace), abs(pace - round(pace))
    if drift > Fraction(1, 500):
        unlike = [step for step in steps if step not in {int(pace), int(pace) + 1}]
    else:  # 29.97 at 30 needs one picture twice in a thousand
        unlike = [step for step in steps if step != whole]
        unlike = unlike if len(unlike) > round(drift * len(steps)) else []
    if unlike:
        yield f"pictures advance by {sorted(set(steps))}, not {float(pace):.2f}"


def field_faults(sight: Sight, frame: Frame, number: int) -> Iterator[str]:
    """Of a frame that held two moments only the first is seen: the bar stands where it stood then, and has no comb."""
    layout = sight.layout
    rows, columns = markers.band(layout)
    down, across = sight.height / layout.height, sight.width / layout.width
    inset = (rows.stop - rows.start) * down / 4
    part = frame.luma[round(rows.start * down + inset) : round(rows.stop * down - inset)].astype(float)
    along = part.mean(axis=0)[round(columns.start * across) : round(columns.stop * across)] - np.median(part)
    along = np.where(along > along.max() / 3, along, 0)
    found = float((np.arange(len(along)) + 0.5) @ along / along.sum()) / across
    wanted = markers.bar(layout, 2 * number)
    middle = (wanted.start + wanted.stop) / 2
    if abs(found - middle) > layout.width / markers.BAR_STEP / 4:
        yield f"frame {number}: the bar stands at {found:.1f}, not at {middle:.1f}"
    if (comb := part.std(axis=0).max()) > COMB_MOST:
        yield f"frame {number}: rows differ by {comb:.1f} levels where the bar moves"


def picture_faults(sight: Sight, frame: Frame) -> Iterator[str]:
    """Each corner is in its place; the whole light edge is there, so nothing is cropped."""
    corners = sight.layout.corners()
    wanted = {name: lab(np.array(CORNERS[name])) for name in CORNERS}
    for name, place in corners.items():
        seen = lab(frame.seen(*sight.area(_outer(place, name), 0.2)))
        apart = {other: delta_e(seen, colour) for other, colour in wanted.items()}
        if min(apart, key=lambda other: apart[other]) != name:
            yield f"{name} looks like {min(apart, key=lambda other: apart[other])}"
    for side, (width, should) in _edges(sight, frame).items():
        if abs(width - should) > EDGE_PIXELS:
            yield f"{side}: {width:.1f} px of the light edge, not {should:.1f}"


def _outer(corner: Rect, name: str) -> Rect:
    """Return the outermost eighth of a corner's square, which the watermark leaves free."""
    left, top, right, bottom = corner
    part = Fraction(1, 8)
    across, down = (right - left) * part, (bottom - top) * part
    x = left if "left" in name else right - across
    y = top if "top" in name else bottom - down
    return x, y, x + across, y + down


def _edges(sight: Sight, frame: Frame) -> dict[str, tuple[float, float]]:
    """Measure the light edge in the middle of each side: (pixels found, pixels it should have)."""
    layout = sight.layout
    right, bottom = round(sight.left + sight.width), round(sight.top + sight.height)
    left, top = round(sight.left), round(sight.top)
    middle, centre = (top + bottom) // 2, (left + right) // 2
    across = layout.edge * sight.width / layout.width
    down = layout.edge * sight.height / layout.height
    half = ACROSS // 2
    row, column = frame.luma[middle - half : middle + half], frame.luma[:, centre - half : centre + half]
    wide, high = round(3 * across), round(3 * down)
    return {
        "left": (_light(row[:, left : left + wide]), across),
        "right": (_light(row[:, right - wide : right]), across),
        "top": (_light(column[top : top + high]), down),
        "bottom": (_light(column[bottom - high : bottom]), down),
    }


def _light(strip: NDArray[np.uint8]) -> float:
    """Return how many pixels of a strip, a third of which should be edge and the rest ground, are edge."""
    along = strip.mean(axis=0 if strip.shape[0] == ACROSS else 1)
    third = len(along) // 3
    ends = np.median(along[: third // 2]), np.median(along[-third // 2 :])
    return float(np.clip((along - min(ends)) / max(max(ends) - min(ends), 1), 0, 1).sum())


def colour_faults(sight: Sight, frame: Frame, *, hdr: bool) -> Iterator[str]:
    """Each patch has the colour of the scene; a grey is grey."""
    for name, place in sight.layout.patches().items():
        wanted, seen = lab(np.array(PATCHES[name])), lab(frame.seen(*sight.area(place)))
        apart, grey = delta_e(seen, wanted), np.hypot(*wanted[1:]) < 1
        bright = hdr and max(PATCHES[name]) > HDR_BRIGHT
        most = HDR_BRIGHT_MOST if bright else HDR_MOST if hdr else SDR_MOST
        if apart > most:
            yield f"{name}: {apart:.2f} from the scene (CIEDE2000), over {most:g}"
        if grey and np.hypot(*seen[1:]) > GREY_MOST:
            yield f"{name}: grey with a chroma of {np.hypot(*seen[1:]):.2f}"
        if bright and not grey and hue_between(seen, wanted) > HDR_HUE_MOST:
            yield f"{name}: its hue is {hue_between(seen, wanted):.1f} degrees off"
