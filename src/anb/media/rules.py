"""The rules of the contest for a clip, each with the sentence that a player reads when it is broken."""

import math
from collections.abc import Iterable, Iterator

from anb.errors import Refusal
from anb.media.check import RuleCheck
from anb.media.probe import FrameFormat, Probe
from anb.media.start import Start
from anb.media.unreadable import AllDamaged, CutOff, NotAVideo, Protected, TooMuchWork
from anb.sentences import Sentence
from anb.settings import Limits

# The codecs of phones and browsers, by FFmpeg's names and by the names people know.
CODECS = {"h264": "H.264", "hevc": "HEVC", "vp8": "VP8", "vp9": "VP9", "av1": "AV1"}
# The codecs of programs and other cameras, as people know them.
OTHERS = {
    "dnxhd": "DNxHD",
    "h263": "H.263",
    "mjpeg": "Motion JPEG",
    "mpeg2video": "MPEG-2",
    "mpeg4": "MPEG-4 Part 2 (DivX, Xvid)",
    "prores": "ProRes",
    "theora": "Theora",
    "unknown": Sentence("codec.unknown"),
    "vvc": "H.266",
}
# A recording stopped at 20 s may hold 19.96 s: the container's clock cuts the last frame.
TOLERANCE_SECONDS = 0.05
NOTHING_ELSE = 0  # Dolby Vision's value for pictures that need a Dolby device


class NoPicture(Refusal):
    """The file holds no moving picture: sound alone, or a cover picture with it."""

    code = "no-picture"


class UnsupportedCodec(Refusal):
    """The video is encoded with a codec that phones and browsers do not record."""

    code = "unsupported-codec"


class DolbyVisionAlone(Refusal):
    """The pictures are in Dolby Vision's own colours, without a layer that other devices can show."""

    code = "dolby-vision-alone"


class TwoRecordings(Refusal):
    """A second recording was appended to the first, byte by byte."""

    code = "two-recordings"


class RateTooHigh(Refusal):
    """There are more pictures per second than any phone records, in general or at their size."""

    code = "rate-too-high"


class TooSmall(Refusal):
    """The picture has too few pixels."""

    code = "resolution-too-low"


class TooWide(Refusal):
    """The picture has more pixels than we can process."""

    code = "resolution-too-high"


class TooShort(Refusal):
    """The clip is shorter than the rules require."""

    code = "clip-too-short"


class TooLittleLeft(Refusal):
    """The clip begins with pictures that cannot be decoded, and the rest is too short."""

    code = "clip-too-short-after-damage"


class TooLong(Refusal):
    """The clip is longer than the rules allow."""

    code = "clip-too-long"


class StartTooLate(Refusal):
    """Too little of the clip is left after the chosen start."""

    code = "start-too-late"


REFUSALS = (
    NotAVideo, Protected, AllDamaged, TooMuchWork, NoPicture, UnsupportedCodec, DolbyVisionAlone, CutOff, TwoRecordings,
    TooWide, TooSmall, RateTooHigh, TooShort, TooLittleLeft, TooLong, StartTooLate,
)  # fmt: skip


def judge(probe: Probe, limits: Limits) -> None:
    """Accept a clip, or raise the refusal of the first rule it breaks. Its bytes are counted while they arrive."""
    _raise_first((*readable(probe), *fitting(probe, limits)))


def judge_readable(probe: Probe) -> None:
    """Raise a refusal for a file that we cannot edit, whatever the limits are."""
    _raise_first(readable(probe))


def readable(probe: Probe) -> Iterator[RuleCheck]:
    """Check a file against the rules that no setting changes, in their order, until one makes the rest pointless."""
    no_picture = NoPicture() if probe.codec is None else None
    yield RuleCheck("pictures", "a track that moves", probe.codec or "none", no_picture)
    if probe.codec is None:
        return
    name = CODECS.get(probe.codec) or OTHERS.get(probe.codec, probe.codec)
    unsupported = None if probe.codec in CODECS else UnsupportedCodec(codec=name)
    yield RuleCheck("codec", "one of " + ", ".join(CODECS.values()), str(name), unsupported)
    if unsupported:
        return
    profile, others = probe.dolby_vision or (0, 1)
    alone = DolbyVisionAlone(profile=profile) if others == NOTHING_ELSE else None
    yield RuleCheck("Dolby Vision", "shown by others too", f"profile {profile}" if profile else "none", alone)
    cut = None if probe.whole else CutOff()
    yield RuleCheck("whole file", "all that its index names", "all" if probe.whole else "not all", cut)
    again = probe.begins_again
    joined = None if again is None else TwoRecordings(seconds=again)
    yield RuleCheck("one recording", "1", "1" if again is None else f"another from {again:.2f} s", joined)


def fitting(probe: Probe, limits: Limits) -> Iterator[RuleCheck]:
    """Check a clip against the rules that are settings, in their order. Without pictures, none applies."""
    for frame_format in probe.formats if probe.frames else ():
        yield from _sizes(frame_format, limits)
    if probe.frames:
        yield _rate(probe, limits)
        yield _length(probe, limits)
    if probe.start:
        yield _start(probe, probe.start, limits)


def _raise_first(checks: Iterable[RuleCheck]) -> None:
    for check in checks:
        if check.refusal:
            raise check.refusal


def _sizes(frame_format: FrameFormat, limits: Limits) -> Iterator[RuleCheck]:
    measures, most = {"width": frame_format.width, "height": frame_format.height}, limits.clip_max_side
    # which may exceed the visible size: narrow pixels, or a crop
    coded = {"width": frame_format.coded_width, "height": frame_format.coded_height}
    longest, shortest = max(*measures.values(), *coded.values()), min(measures.values())
    largest = measures if max(measures.values()) > most else coded
    wide = TooWide(**largest, most=most) if longest > most else None
    yield RuleCheck("longer side", f"at most {limits.clip_max_side}", str(longest), wide)
    small = TooSmall(**measures, least=limits.clip_min_side) if shortest < limits.clip_min_side else None
    yield RuleCheck("shorter side", f"at least {limits.clip_min_side}", str(shortest), small)


def _rate(probe: Probe, limits: Limits) -> RuleCheck:
    rate = probe.average_rate
    width, height = max(((each.coded_width, each.coded_height) for each in probe.formats), key=math.prod)
    most = min(limits.clip_max_rate, limits.clip_max_pixel_rate // (width * height))
    high = RateTooHigh(rate=float(rate), width=width, height=height, most=most) if rate > most else None
    limit = f"at most {most} of {width}x{height} pixels"
    return RuleCheck("frames per second", limit, f"{float(rate):.3f} on average", high)


def _length(probe: Probe, limits: Limits) -> RuleCheck:
    least, most = limits.clip_min_seconds, limits.clip_max_seconds
    window = {"least": float(least), "most": float(most)}
    refusal: Refusal | None = None
    if probe.duration < least - TOLERANCE_SECONDS and probe.lost:
        refusal = TooLittleLeft(lost=probe.lost, seconds=probe.duration, **window)
    elif probe.duration < least - TOLERANCE_SECONDS:
        refusal = TooShort(seconds=probe.duration, **window)
    elif probe.duration > most + TOLERANCE_SECONDS:
        refusal = TooLong(seconds=probe.duration, **window)
    limit = f"{least:g} to {most:g} s, give or take {TOLERANCE_SECONDS:g}"
    return RuleCheck("length", limit, f"{probe.duration:.3f} s", refusal)


def _start(probe: Probe, start: Start, limits: Limits) -> RuleCheck:
    """Check that enough is left after a start: as much as a clip needs, or all that an edit may hold."""
    least = min(limits.clip_min_seconds, limits.edit_clip_seconds)
    most = max(0.0, probe.duration - least)
    late = start.wanted > most + TOLERANCE_SECONDS
    fields = {"start": start.wanted, "seconds": probe.duration, "most": most, "least": float(least)}
    limit = f"0 to {most:.3f} s, give or take {TOLERANCE_SECONDS:g}"
    return RuleCheck("start", limit, f"{start.wanted:g} s", StartTooLate(**fields) if late else None)
