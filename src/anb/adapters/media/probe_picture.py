"""What one decoded frame says of its pictures; part of the probing child."""

import struct
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, cast

from av.sidedata.sidedata import Type as SideData
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from anb.adapters.media.probe_container import Crop

# FFmpeg's names for the numbers of ITU-T H.273; a number that is not listed counts as untagged.
PRIMARIES = {1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020", 12: "smpte432"}
TRANSFERS = {1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "linear", 11: "iec61966-2-4"}
TRANSFERS |= {13: "iec61966-2-1", 14: "bt2020-10", 15: "bt2020-12", 16: "smpte2084", 18: "arib-std-b67"}
MATRICES = {0: "gbr", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020nc", 10: "bt2020c"}
RANGES = {1: "tv", 2: "pc"}
UNSPECIFIED = 2
NAMES = (PRIMARIES, TRANSFERS, MATRICES, RANGES)


Facts = dict[str, Any]
Colours = tuple[int, int, int, int]  # primaries, transfer, matrix and range, by their numbers

# Where facts of a picture come from. Two pictures that differ only in this are the same.
TELLING = {"turns_told", "colours_from", "stream_colours", "container_colours"}


def colours(source: VideoFrame | VideoCodecContext) -> Colours:
    """Return the colour numbers of a frame or of the container."""
    return (
        int(source.color_primaries),
        int(source.color_trc),
        int(source.colorspace),
        int(source.color_range),
    )


def forget(context: VideoCodecContext) -> None:
    """Clear the container's colours: libav would report them as the frame's own if the stream names none."""
    context.color_primaries = context.color_trc = context.colorspace = UNSPECIFIED
    context.color_range = 0


def picture(frame: VideoFrame, told: Colours, crop: Crop) -> Facts:
    """Return the facts of a frame. Colours are the frame's own, else the container's (`told`), else none."""
    turned = _side(frame, SideData.DISPLAYMATRIX)
    own = colours(frame)
    taken = [mine if mine != UNSPECIFIED else other for mine, other in zip(own[:3], told[:3], strict=True)]
    speaks = any(number != UNSPECIFIED for number in own[:3])
    taken.append(_range(own[3], told[3], speaks=speaks))
    names = (table.get(number) for table, number in zip(NAMES, taken, strict=True))
    return {
        "width": frame.width,
        "height": frame.height,
        "crop": crop,
        "pixels": frame.format.name,
        "bits": frame.format.components[0].bits,
        "interlaced": frame.interlaced_frame,
        **dict(zip(("primaries", "transfer", "matrix", "range"), names, strict=True)),
        "colours_from": _sources(own, told, taken, speaks=speaks),
        "stream_colours": own,
        "container_colours": told,
        "display_matrix": struct.unpack("=9i", turned) if turned else None,
        "turns_told": sum(side.type == SideData.DISPLAYMATRIX for side in _sides(frame)),
        "peak_nits": _peak(frame),
    }


def _sources(own: Colours, told: Colours, taken: Sequence[int], *, speaks: bool) -> list[str | None]:
    """Say where each of the four comes from: stream, container, either where both say the same, or None."""
    reach = own[3] if speaks or RANGES.get(own[3]) == "pc" else 0  # as `_range` has it
    said = zip(taken, _spoken((*own[:3], reach)), _spoken(told), strict=True)
    names = {(True, True): "either", (True, False): "stream", (False, True): "container", (False, False): None}
    return [names[number == mine, number == other] for number, mine, other in said]


def _spoken(numbers: Sequence[int]) -> list[int | None]:
    """Return the numbers, with None for those that mean “unspecified”."""
    silent = (UNSPECIFIED, UNSPECIFIED, UNSPECIFIED, 0)
    return [number if number != nothing else None for number, nothing in zip(numbers, silent, strict=True)]


def _range(own: int, told: int, *, speaks: bool) -> int:
    """Return the range of a stream, or the container's where the stream has none.

    Decoders also report “limited” for a stream without a range. So “limited” counts as the stream's own only where the
    stream also names a colour.
    """
    stays = told not in RANGES or RANGES.get(own) == "pc" or (speaks and own in RANGES)
    return own if stays else told


def _peak(frame: VideoFrame) -> float | None:
    """Return the brightest light of the HDR master, in candela per square metre."""
    if light := _side(frame, SideData.CONTENT_LIGHT_LEVEL):
        (brightest,) = struct.unpack_from("=I", light)
        return float(brightest) or None
    if master := _side(frame, SideData.MASTERING_DISPLAY_METADATA):
        # AVMasteringDisplayMetadata: eight rationals of primaries and white point, then least and most light.
        amount, unit = struct.unpack_from("=ii", master, 72)
        return amount / unit if amount and unit else None
    return None


def _side(frame: VideoFrame, kind: SideData) -> bytes | None:
    sides = cast("Mapping[SideData, bytes]", frame.side_data)  # PyAV's type is narrower than the object
    return bytes(sides[kind]) if kind in sides else None


def _sides(frame: VideoFrame) -> list[Any]:
    """Return all side data, including two of one kind: by index, since PyAV 18 iterates over entries, 19 over kinds."""
    sides, found = cast("Any", frame.side_data), list[Any]()
    with suppress(IndexError):
        while True:
            found.append(sides[len(found)])
    return found
