"""Check a result against the recipe before it is published."""

import stat
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from anb.errors import Refusal
from anb.media import picture
from anb.media.probe import Probe, examine
from anb.media.recipe import Recipe
from anb.media.renditions import Rendition
from anb.ports import Prober
from anb.settings import Limits

# The only metadata an edit may carry: what the container itself is.
TAGS = {"major_brand", "minor_version", "compatible_brands"}

JPEG_ENDS = b"\xff\xd9"
JPEG_FRAME = b"\xff\xc0\x00\x11\x08"  # baseline, three components of 8 bits; height and width follow

AVIF_BEGINS = b"ftypavif"  # after the length of this first box
AVIF_SIZE = b"ispe\0\0\0\0"  # width and height follow


class Faulty(Exception):
    """The result is not what the recipe promises; `str()` names each broken promise."""


class MissingPictures(Faulty):
    """Pictures are missing: the clip could not be read as far as its index promised."""


def check_video(prober: Prober, recipe: Recipe, limits: Limits, rendition: Rendition, path: Path) -> Probe:
    """Probe a result and return its facts. Raises MissingPictures, Faulty; Outage where the probe fails to run."""
    try:
        made = examine(prober, plain(path))
    except Refusal as refusal:
        raise Faulty(f"{rendition} cannot be read: {refusal.__cause__}") from refusal
    if made.frames < recipe.frames:
        raise MissingPictures(f"{made.frames} frames of {recipe.frames}")
    if found := list(faults(recipe, made, limits, rendition)):
        raise Faulty("; ".join(found))
    return made


def check_jpeg(data: bytes, size: tuple[int, int]) -> None:
    """Raise Faulty for data that is not a complete JPEG of this size."""
    place = data.find(JPEG_FRAME) + len(JPEG_FRAME)
    found = int.from_bytes(data[place + 2 : place + 4]), int.from_bytes(data[place : place + 2])
    if found != size or not data.endswith(JPEG_ENDS):
        raise Faulty(f"a JPEG of {found}, {len(data)} bytes, is not a whole one of {size}")


def check_avif(data: bytes, size: tuple[int, int]) -> None:
    """Raise Faulty for data that is not a complete AVIF of this size."""
    place = data.find(AVIF_SIZE) + len(AVIF_SIZE)
    found = int.from_bytes(data[place : place + 4]), int.from_bytes(data[place + 4 : place + 8])
    end = 0
    while (length := int.from_bytes(data[end : end + 4])) > 0:
        end += length
    if found != size or end != len(data) or not data.startswith(AVIF_BEGINS, 4):
        raise Faulty(f"an AVIF of {found}, {len(data)} bytes, is not a whole one of {size}")


def plain(path: Path, most_bytes: int | None = None) -> Path:
    """Return the path of a result if it is a plain file. An attacker who took over FFmpeg could have made a link."""
    try:
        found = path.lstat()
    except OSError as error:
        raise Faulty(f"{path.name}: {error.strerror}") from error
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        raise Faulty(f"{path.name} is no plain file")
    if most_bytes is not None and found.st_size > most_bytes:
        raise Faulty(f"{path.name} has {found.st_size} bytes, over {most_bytes}")
    return path


def faults(recipe: Recipe, made: Probe, limits: Limits, rendition: Rendition = Rendition.PROCESSED) -> Iterator[str]:
    """Name each promise that the result breaks, with the value found."""
    longest = limits.edit_clip_seconds + 2 * limits.edit_bumper_seconds
    encoding = recipe.encodings[rendition]
    promises: dict[str, tuple[object, object]] = {
        "codec": (made.codec, "h264"),
        "size": ((made.coded_width, made.coded_height), (encoding.width, encoding.height)),
        "sar": (made.sar, Fraction(1)),
        "turn": ((made.rotation, made.mirrored), (0, False)),
        "pixels": (made.pixels, "yuv420p"),
        "colours": (
            picture.Colours(made.matrix or "", made.transfer or "", made.primaries or "", made.range or ""),
            picture.OURS,
        ),
        "frames": (made.frames, recipe.frames),
        "rate": ((made.rate, made.average_rate), (Fraction(recipe.rate), Fraction(recipe.rate))),
        "other streams": ((made.audio_streams, made.other_streams), (0, 0)),
        "metadata": (sorted(set(made.tags) - TAGS), []),
        "moov first": (made.moov_first, True),
        "whole": (made.whole, True),
    }
    for name, (found, promised) in promises.items():
        if found != promised:
            yield f"{name}: {found}, not {promised}"
    if made.duration > longest:
        yield f"length: {made.duration:.3f} s, over {longest:g} s"
