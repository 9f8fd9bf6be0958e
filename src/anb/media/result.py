"""What a result must be before anybody may see it: the recipe's promises, held against a probe of what was made."""

from collections.abc import Iterator
from fractions import Fraction

from anb.media import picture
from anb.media.probe import Probe
from anb.media.recipe import Recipe
from anb.settings import Limits

# All the metadata an edit may carry: what the container itself is.
TAGS = {"major_brand", "minor_version", "compatible_brands"}


def lacks_frames(recipe: Recipe, made: Probe) -> bool:
    """Say whether pictures are missing: the clip could not be read as far as its own index promised."""
    return made.frames < recipe.frames


def faults(recipe: Recipe, made: Probe, limits: Limits) -> Iterator[str]:
    """Name each promise that the result breaks, with the value found."""
    longest = limits.edit_clip_seconds + 2 * limits.edit_bumper_seconds
    promises: dict[str, tuple[object, object]] = {
        "codec": (made.codec, "h264"),
        "size": ((made.coded_width, made.coded_height), (picture.WIDTH, picture.HEIGHT)),
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
