"""Finds faults in the edit of a corpus clip, each as a sentence with the value found."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from support import markers
from support.corpus import brand, form
from support.corpus.cases import Accepted
from support.corpus.colours import ColourTags, delta_e, encoded, hue_apart, lab, shown_by
from support.corpus.frame_groups import FrameGroup, wanted
from support.corpus.perception import Frame, Sight, frames
from support.markers import CORNERS, PATCHES, Rect

# Allowed distance of a colour from the scene's, by CIEDE2000. In HDR, colours brighter than half of paper white are
# rolled off to make room for highlights; they may be darker then, but keep their hue.
SDR_MOST = 1.5
HDR_MOST, HDR_BRIGHT_MOST, HDR_HUE_MOST = 1.5, 6.0, 1.5
HDR_BRIGHT = 0.5 ** (1 / 2.4)  # R'G'B' of half of paper white
GREY_MOST = 1.5  # chroma that a grey may have
ACROSS = 8  # pixels over which the light edge is measured
COMB_MOST = 12.0  # levels by which the rows of a vertical edge may differ
FILL_PIXELS = 8  # a strip of fill this narrow is not judged
FILL_DARKEST, FILL_LIGHTEST, FILL_STEP = 24, 110, 12  # levels
EDGE_PIXELS = 1.5  # allowed error of the light edge: cropped pixels would be missing from it


def faults(case: Accepted, edit: Path) -> list[str]:
    """Return the faults of every frame of an edit."""
    rate, bumper = case.rate, case.bumper
    numbers = wanted(case)
    parts = [part for part in map(FrameGroup.of, case.source.parts) if set(part.numbers) & set(numbers)]
    seen = _Seen(parts, bumper, case.frames, numbers)
    for number, frame in enumerate(frames(edit)):
        seen.look(number, frame)
    if seen.count != case.frames + 2 * bumper:
        return [f"{seen.count} frames, not {case.frames + 2 * bumper}"]
    return [
        *seen.found,
        *order_faults(case.shown(), seen.numbers, rate, steady=case.steady),
        *(fault for part in seen.parts for fault in _part_faults(part)),
        *form.faults(edit, rate),
    ]


def _part_faults(part: FrameGroup) -> Iterator[str]:
    """Each form of a clip's pictures is shown whole, from its first picture to its last."""
    if not part.kept:
        yield f"no picture of {part.source.width}x{part.source.height} is seen"
    for which, frame in part.kept.items():
        found = [
            *picture_faults(part.sight, frame),
            *fill_faults(part.sight, frame),
            *colour_faults(part.sight, frame, part.source.look, part.source.bits),
        ]
        yield from (f"{which} of {part.source.width}x{part.source.height}: {fault}" for fault in found)


@dataclass
class _Seen:
    """The state collected from the frames."""

    parts: list[FrameGroup]
    bumper: int
    length: int
    wanted: list[int]
    count: int = 0
    numbers: list[int | None] = field(default_factory=list)
    found: list[str] = field(default_factory=list)

    def look(self, number: int, frame: Frame) -> None:
        """Add the next frame."""
        self.count += 1
        place = number - self.bumper
        if 0 <= place < self.length:
            self._read(number, frame, self.wanted[place])
            self.found += brand.watermark_faults(frame, f"frame {number}")
        else:
            at, edge = (number, 0) if place < 0 else (place - self.length, self.bumper - 1)
            self.found += brand.bumper_faults(frame, at, self.bumper, f"frame {number}", edge=edge)

    def _read(self, number: int, frame: Frame, wanted: int) -> None:
        likely = sorted(self.parts, key=lambda part: wanted not in part.numbers)  # another might read it wrongly
        read = ((part.number(frame), part) for part in likely)
        counted, part = next((each for each in read if each[0] is not None), (None, None))
        self.numbers.append(counted)
        if counted is not None and part is not None:
            part.keep(counted, frame)
            if part.source.fields:
                self.found += field_faults(part.sight, frame, counted)
        else:
            self.found.append(f"frame {number} has no counter that can be read")


def fill_faults(sight: Sight, frame: Frame) -> Iterator[str]:
    """The rest of the frame is filled with the clip, blurred and darkened: neither black nor sharp nor bright."""
    beside = {"left": frame.luma[200:520, : round(sight.left)], "top": frame.luma[: round(sight.top), 400:880]}
    for side, strip in beside.items():
        if min(strip.shape) < FILL_PIXELS:
            continue
        inner = strip[2:-2, 2:-2].astype(float)
        if not FILL_DARKEST < inner.mean() < FILL_LIGHTEST:
            yield f"{side}: the fill is of {inner.mean():.0f} levels"
        if (step := max(np.abs(np.diff(inner, axis=axis)).max() for axis in (0, 1))) > FILL_STEP:
            yield f"{side}: the fill has an edge of {step:.0f} levels"


def order_faults(
    shown: Sequence[tuple[Fraction, int]],
    numbers: Sequence[int | None],
    rate: int,
    *,
    steady: bool = False,
    lost: range = range(0),
) -> Iterator[str]:
    """Each frame of the edit shows what people saw at its moment, within half a frame; none twice without need.

    `lost` are the numbers that damage took: where one of them is due, whatever came before may be seen, at any pace.
    """
    half, rounding = Fraction(1, 2 * rate), Fraction(1, 500)  # half a frame, and the millisecond that WebM rounds to
    places = {number: place for place, (_, number) in enumerate(shown)}
    times = [time for time, _ in shown]
    found = [places.get(-1 if number is None else number) for number in numbers]
    for slot, (place, number) in enumerate(zip(found, numbers, strict=True)):
        moment = Fraction(slot, rate)
        near = [*_within(times, moment, half + rounding)]
        if not _within(times, moment, half - rounding):  # in a gap, or less than half a frame before its end
            near = sorted({bisect_right(times, moment) - 1, *near})  # the picture before it
        wanted = [shown[n][1] for n in near]
        if lost and any(due in lost for due in wanted) and (number is None or number < lost.stop):
            found[slot] = None
        elif place not in near:
            yield f"at {float(moment):.3f} s the counter says {number}, not one of {wanted}"
    intervals = {round((later - earlier) * 1000) for (earlier, _), (later, _) in pairwise(shown)}
    if steady or max(intervals) - min(intervals) <= 1:
        yield from _even_faults(shown, found, rate)


def _within(times: Sequence[Fraction], moment: Fraction, most: Fraction) -> range:
    """Return the places of the pictures that begin this close to a moment."""
    return range(bisect_left(times, moment - most), bisect_right(times, moment + most))


def _even_faults(shown: Sequence[tuple[Fraction, int]], found: Sequence[int | None], rate: int) -> Iterator[str]:
    """Evenly timed pictures stay even, and all are present if none need be dropped. None is not judged."""
    pace = 1 / ((shown[-1][0] - shown[0][0]) / (len(shown) - 1) * rate)  # pictures per frame of the edit
    both = [(one, other) for one, other in pairwise(found) if one is not None and other is not None]
    steps = [later - earlier for earlier, later in both if earlier < len(shown) - 1]  # the last may stay
    whole, drift = round(pace), abs(pace - round(pace))
    if drift > Fraction(1, 500):
        unlike = [step for step in steps if step not in {int(pace), int(pace) + 1}]
    else:  # 29.97 at 30 needs one picture twice in a thousand
        unlike = [step for step in steps if step != whole]
        unlike = unlike if len(unlike) > round(drift * len(steps)) else []
    if unlike:
        yield f"pictures advance by {sorted(set(steps))}, not {float(pace):.2f}"


def field_faults(sight: Sight, frame: Frame, number: int) -> Iterator[str]:
    """A frame that held two moments shows only the first: the bar is at its place then, and has no comb."""
    layout = sight.layout
    rows, columns = markers.band(layout)
    down, across = sight.height / layout.height, sight.width / layout.width
    inset = (rows.stop - rows.start) * down / 4
    above, below = round(sight.top + rows.start * down + inset), round(sight.top + rows.stop * down - inset)
    left, right = round(sight.left + columns.start * across), round(sight.left + columns.stop * across)
    part = frame.luma[above:below, left:right].astype(float)
    along = part.mean(axis=0) - np.median(part)
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
    """Return the outermost eighth of a corner's square, which the watermark does not cover."""
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
    """Return the number of edge pixels in a strip of which a third should be edge and the rest background."""
    along = strip.mean(axis=0 if strip.shape[0] == ACROSS else 1)
    third = len(along) // 3
    ends = np.median(along[: third // 2]), np.median(along[-third // 2 :])
    return float(np.clip((along - min(ends)) / max(max(ends) - min(ends), 1), 0, 1).sum())


def colour_faults(sight: Sight, frame: Frame, look: ColourTags, bits: int) -> Iterator[str]:
    """Each patch has the colour of the scene, as exactly as a file of such samples can hold it; a grey is grey."""
    for name, place in sight.layout.patches().items():
        scene = np.array(PATCHES[name])
        held = scene if look.hdr else shown_by(encoded(scene, look, bits), look, bits)
        wanted, seen = lab(held), lab(frame.seen(*sight.area(place)))
        apart, grey = delta_e(seen, wanted), len({*PATCHES[name]}) == 1
        bright = look.hdr and max(PATCHES[name]) > HDR_BRIGHT
        most = HDR_BRIGHT_MOST if bright else HDR_MOST if look.hdr else SDR_MOST
        if apart > most:
            yield f"{name}: {apart:.2f} from the scene (CIEDE2000), over {most:g}"
        if grey and np.hypot(*seen[1:]) > GREY_MOST:
            yield f"{name}: grey with a chroma of {np.hypot(*seen[1:]):.2f}"
        if bright and (hue := hue_apart(seen, wanted)) > HDR_HUE_MOST:
            yield f"{name}: {hue:.2f} from the scene in hue alone (CIEDE2000), over {HDR_HUE_MOST:g}"
