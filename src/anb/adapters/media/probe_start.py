"""Find the picture at which a later edit begins, and whether FFmpeg can seek to it.

Part of the probing child. Headers do not tell whether a seek is exact, so the child tries one as FFmpeg would.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from typing import cast

import av
from av.container import InputContainer
from av.stream import Discard
from av.video.stream import VideoStream

from anb.adapters.media.probe_picture import Facts

# seconds before the picture to seek to: the pictures after a keyframe may need a while to be complete
MARGIN = Fraction(1)
ROUNDING = Fraction(1, 1000)  # of times as players and WebM write them
SECOND = 1_000_000  # in libav's own unit
MOST_TRIED = 32  # pictures to decode in search of a keyframe


def begun(times: Sequence[int], unit: Fraction, seconds: float) -> Facts:
    """Return the picture shown `seconds` after the first; `times` are those of all pictures, in order."""
    wanted = times[0] + (Fraction(seconds) + ROUNDING) / unit
    time = times[bisect_right(times, wanted) - 1]
    at, place = (time - times[0]) * unit, time * unit
    first = at.as_integer_ratio()
    return {"at": first, "time": place.as_integer_ratio(), "seek": None, "before": first}


def prove_seek(container: InputContainer, index: int, start: Facts) -> None:
    """Set the seek target in `start`, if a seek saves time and is exact. The container must be newly opened."""
    at, time = (Fraction(*start[name]) for name in ("at", "time"))
    target = time - MARGIN
    if at > MARGIN and (keyframe := _keyframe(container, index, target, time)) is not None:
        start["seek"] = target.as_integer_ratio()
        start["before"] = (time - keyframe).as_integer_ratio()


def _keyframe(container: InputContainer, index: int, target: Fraction, time: Fraction) -> Fraction | None:
    """Seek as FFmpeg does; return the time of the keyframe among the first pictures, or None if it is too late."""
    stream = cast("VideoStream", container.streams[index])
    unit = stream.time_base or Fraction(0)
    try:
        container.seek(math.floor(target * SECOND))
        for other in container.streams:
            other.discard = Discard.default if other is stream else Discard.all
        stream.codec_context.thread_count = 1
        tried = 0
        for packet in container.demux(stream):
            for frame in packet.decode():
                if frame.key_frame or (tried := tried + 1) > MOST_TRIED:
                    early = frame.key_frame and frame.pts is not None and frame.pts * unit <= time
                    return (frame.pts or 0) * unit if early else None
    except av.FFmpegError:
        pass
    return None
