"""The filter chains that make a clip's frames: deinterlaced, at the edit's rate, each picture format fitted."""

import math
from fractions import Fraction
from typing import Literal

from anb.media import picture
from anb.media.probe import Probe

# Options that drop a rotation in the stream when the container has one too: FFmpeg cannot handle both.
TURN_FORGOTTEN = {"h264": "h264_metadata=display_orientation=remove", "hevc": "filter_units=remove_types=39"}
# Options that make FFmpeg read full range as limited. Otherwise it would call those samples another pixel format
# (yuvj420p), and apply that of the first picture to all. Each part of the graph gets its range explicitly anyway.
RANGE_FORGOTTEN = {"h264": "h264_metadata=video_full_range_flag=0", "hevc": "hevc_metadata=video_full_range_flag=0"}

# FFmpeg discards the time of a picture that is shown 30 hours before or after it is decoded. For a single picture this
# is right. When the first has such a delay, all have it (a wrong `ctts`), and their order is still correct.
DELAY_SECONDS = 24 * 3600

# The last frame may be repeated this long to complete the count; a clip that lacks more is unreadable to its end.
HELD_SECONDS = 0.5


def reading(probe: Probe) -> list[str]:
    """Return FFmpeg's options for reading the original: cropping and turning are ours, picture by picture.

    Decoders apply the crop in the codec's own headers; on the left side they do so only in steps of 64 pixels unless
    rows may begin at unaligned addresses.
    """
    options = ["-noautorotate", "-apply_cropping:v", "codec", "-flags", "+unaligned"]
    if probe.delay > DELAY_SECONDS:
        options += ["-dts_error_threshold", "1e9"]
    if probe.ignore_edit_list:
        options += ["-ignore_editlist", "1"]
    if probe.start:
        options += probe.start.reading()
    forgotten = [TURN_FORGOTTEN.get(probe.codec or "")] if probe.turns_told > 1 else []
    formats = (*probe.passed, *probe.formats)
    if len(formats) > 1 and any(each.pixels.startswith("yuvj") for each in formats):
        forgotten.append(RANGE_FORGOTTEN.get(probe.codec or ""))
    if filters := ",".join(filter(None, forgotten)):
        options += ["-bsf:v", filters]
    return options


def of_clip(probe: Probe, rate: int, frames: int) -> list[str]:
    """Return the chains from the original (input 0) and the watermark (1) to [clip], of `frames` frames."""
    held = math.ceil(HELD_SECONDS * rate)
    begun = f"setpts=PTS-STARTPTS+{ahead(probe.rate, rate):.6f}/TB"
    # Before scaling: dropped pictures cost nothing.
    skipped = [probe.start.skipping()] if probe.start else []
    steady = [*skipped, *_deinterlaced(probe), "sidedata=mode=delete:type=DISPLAYMATRIX", begun, f"fps={rate}"]
    counted = [f"tpad=stop_mode=clone:stop={held}", f"trim=end_frame={frames}", "setpts=PTS-STARTPTS"]
    return [
        *_framed(probe, f"[0:{probe.index}]{','.join(steady)}", cuts(probe, rate, frames)),
        f"[framed]{','.join(counted)}[counted]",
        f"[counted][1:v]overlay={picture.WATERMARK_PLACE}:format=yuv420,format=yuv420p,{picture.TAGGED}[clip]",
    ]


def _deinterlaced(probe: Probe) -> list[str]:
    """Deinterlace by each frame's own flags, which only H.264 has, or every frame where the container says so.

    Progressive frames pass at no cost. A filter that buffers frames cannot handle a change of their size; for such
    clips each format is deinterlaced in its own chain.
    """
    filters = {"all": ["bwdif=mode=send_frame"], "flagged": ["bwdif=mode=send_frame:deint=interlaced"], "none": []}
    return filters["none" if probe.changes or probe.passed else weaves(probe)]


def weaves(probe: Probe) -> Literal["all", "flagged", "none"]:
    """Say which pictures of a clip of one format are deinterlaced."""
    if probe.interlaced or probe.field_order not in {"top", "bottom"}:
        return "flagged" if probe.codec == "h264" else "none"
    return "all"


def _framed(probe: Probe, source: str, cuts: list[int]) -> list[str]:
    """Fit the clip into the frame, each picture format in its own chain."""
    formats = probe.formats[: len(cuts) + 1]
    if len(formats) == 1 and not probe.passed:
        return [f"{source},{','.join(picture.fitted(probe))}[fitted]", *picture.filled(probe, "fitted", "framed")]
    names = [f"format{number}" for number in range(len(formats))]
    chains = [f"{source},split={len(formats)}{''.join(f'[{name}]' for name in names)}"]
    for name, frame_format, begin, end in zip(names, formats, [0, *cuts], [*cuts, None], strict=True):
        part = f"trim=start_frame={begin}" + (f":end_frame={end}" if end is not None else "")
        # The graph knows only the size of the first format.
        scale = f"scale={frame_format.coded_width}:{frame_format.coded_height}"
        before = [scale, "bwdif=mode=send_frame:deint=interlaced"] if frame_format.interlaced else [scale]
        chains.append(
            f"[{name}]{part},setpts=PTS-STARTPTS,{','.join(picture.fitted(frame_format, *before))}[{name}-fitted]"
        )
        chains += picture.filled(frame_format, f"{name}-fitted", f"{name}-framed")
    joined = "".join(f"[{name}-framed]" for name in names)
    return [*chains, f"{joined}concat=n={len(names)}:v=1:a=0[framed]"]


def cuts(probe: Probe, rate: int, frames: int) -> list[int]:
    """Return the frame at which each change of format begins, without changes after the end."""
    early = Fraction(ahead(probe.rate, rate))
    found: list[int] = []
    for change in probe.changes:
        cut = math.floor((change.at + early) * rate + Fraction(1, 2))
        if cut >= frames:
            break
        found.append(max(cut, found[-1] + 1 if found else 1))
    return found


def ahead(own: Fraction, rate: int) -> float:
    """Return by how many seconds to shift a faster clip's pictures, so that each frame shows the right one.

    Without the shift, every second picture of 60 falls on the border between two frames of 30, where a millisecond of
    rounding or jitter moves it to either side, and motion stutters.
    """
    return max(0.0, float(1 / Fraction(rate) - 1 / own) / 2) if own > 0 else 0.0
