"""Compares an edit of a generated clip with the recipe's meaning; each fault is a sentence."""

from collections.abc import Iterator
from pathlib import Path

from support.corpus import brand, form
from support.corpus.colours import ColourTags
from support.corpus.faults import colour_faults, field_faults, order_faults, picture_faults
from support.corpus.perception import Frame, Sight, frames
from support.markers import Layout
from verify.clips.model import Expected, PictureRun


def faults(wanted: Expected, edit: Path) -> list[str]:
    """Examine every frame of an edit and return all faults."""
    shown = list(frames(edit))
    count = wanted.frames + 2 * wanted.bumper
    if len(shown) != count:
        return [f"{len(shown)} frames, not {count}"]
    clip = shown[wanted.bumper : -wanted.bumper]
    return [
        *_brand_faults(wanted, shown),
        *_order_faults(wanted, clip),
        *_picture_faults(wanted, clip),
        *form.faults(edit, wanted.rate),
    ]


def _brand_faults(wanted: Expected, seen: list[Frame]) -> Iterator[str]:
    for number, frame in enumerate(seen):
        place = number - wanted.bumper
        if 0 <= place < wanted.frames:
            yield from brand.watermark_faults(frame, f"frame {number}")
        else:
            at, edge = (number, 0) if place < 0 else (place - wanted.frames, wanted.bumper - 1)
            yield from brand.bumper_faults(frame, at, wanted.bumper, f"frame {number}", edge=edge)


def _order_faults(wanted: Expected, clip: list[Frame]) -> Iterator[str]:
    """Each frame must show what people saw at its moment, or anything where damage removed it."""
    yield from order_faults(wanted.shown, [_number(wanted, frame) for frame in clip], wanted.rate, lost=wanted.free)


def _number(wanted: Expected, frame: Frame) -> int | None:
    """Read the counter at the position for any of the clip's sizes."""
    for part in wanted.parts:
        number = _sight(part).number(frame)
        if number is not None and _part_of(wanted, number) is part:
            return number
    return None


def _picture_faults(wanted: Expected, clip: list[Frame]) -> Iterator[str]:
    """Examine one picture of each kind: complete, in its place, with the right colours."""
    numbers = [_number(wanted, frame) for frame in clip]
    for part in wanted.parts:
        slots = [
            slot
            for slot, number in enumerate(numbers)
            if number is not None and _part_of(wanted, number) is part and number not in wanted.free
        ]
        if not slots:
            yield f"no picture of {part.width}x{part.height} from {part.first} on"
            continue
        slot = slots[len(slots) // 2]
        sight, frame = _sight(part), clip[slot]
        yield from picture_faults(sight, frame)
        yield from colour_faults(sight, frame, _look(part), wanted.bits)
        if wanted.interlaced:
            yield from field_faults(sight, frame, numbers[slot] or 0)


def _part_of(wanted: Expected, number: int) -> PictureRun:
    return [part for part in wanted.parts if part.first <= number][-1]


def _look(part: PictureRun) -> ColourTags:
    return ColourTags(part.look.matrix, part.look.transfer, part.look.primaries, part.look.range)


def _sight(part: PictureRun) -> Sight:
    return Sight.of(Layout(part.width, part.height), part.shape)
