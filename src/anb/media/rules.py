"""The rules of the contest for a clip, each with the sentence that a player reads when it is broken."""

from anb.errors import Bilingual, Refusal
from anb.media.probe import CutOff, NotAVideo, Probe
from anb.settings import Limits

# What phones and browsers record, by FFmpeg's names and by the names people know.
CODECS = {"h264": "H.264", "hevc": "HEVC", "vp8": "VP8", "vp9": "VP9", "av1": "AV1"}
# What programs and other cameras write, as people know it.
OTHERS = {
    "dnxhd": "DNxHD",
    "h263": "H.263",
    "mjpeg": "Motion JPEG",
    "mpeg2video": "MPEG-2",
    "mpeg4": "MPEG-4 Part 2 (DivX, Xvid)",
    "prores": "ProRes",
    "theora": "Theora",
    "unknown": Bilingual("un formato que no conocemos", "a format that we do not know"),
    "vvc": "H.266",
}
# A recorder stopped at 20 s may have written 19.96: the last frame falls to the clock of the container.
TOLERANCE_SECONDS = 0.05


class NoPicture(Refusal):
    """The file holds sound and no moving picture."""

    code = "no-picture"
    es = "Este archivo no trae imagen, solo sonido. Sube el video de tu jugada."
    en = "This file holds no picture, only sound. Upload the video of your play."


class UnsupportedCodec(Refusal):
    """The video is coded as phones and browsers do not."""

    code = "unsupported-codec"
    es = "Tu video viene en {codec}; recibimos H.264, HEVC, VP8, VP9 o AV1. Expórtalo en H.264 y súbelo de nuevo."
    en = "Your video is coded in {codec}; we take H.264, HEVC, VP8, VP9 or AV1. Export it in H.264 and upload it again."


class TooSmall(Refusal):
    """The picture has too few pixels."""

    code = "resolution-too-low"
    es = "Tu video mide {width} por {height} píxeles; su lado menor debe tener al menos {least}. Graba en 1080p o más."
    en = "Your video measures {width} by {height} pixels; its shorter side needs {least}. Record at 1080p or more."


class TooWide(Refusal):
    """The picture has more pixels than we can work on."""

    code = "resolution-too-high"
    es = "Tu video mide {width} por {height} píxeles; su lado mayor puede tener hasta {most}."
    en = "Your video measures {width} by {height} pixels; its longer side may have {most} at most."


class TooShort(Refusal):
    """The clip is shorter than the rules ask for."""

    code = "clip-too-short"
    es = "Tu video dura {seconds} s; sube uno de {least} a {most} s."
    en = "Your video lasts {seconds} s; upload one of {least} to {most} s."


class TooLong(Refusal):
    """The clip is longer than the rules allow."""

    code = "clip-too-long"
    es = "Tu video dura {seconds} s; sube uno de {least} a {most} s."
    en = "Your video lasts {seconds} s; upload one of {least} to {most} s."


REFUSALS = (NotAVideo, NoPicture, UnsupportedCodec, CutOff, TooWide, TooSmall, TooShort, TooLong)


def judge(probe: Probe, limits: Limits) -> None:
    """Let a clip pass, or raise the refusal of the first rule it breaks. Its bytes are counted where they arrive."""
    judge_readable(probe)
    _judge_size(probe, limits)
    _judge_length(probe, limits)


def judge_readable(probe: Probe) -> None:
    """Raise a refusal for a file that we cannot make pictures of, whatever the limits are."""
    if probe.codec is None:
        raise NoPicture
    if probe.codec not in CODECS:
        raise UnsupportedCodec(codec=OTHERS.get(probe.codec, probe.codec))
    if not probe.whole:
        raise CutOff


def _judge_size(probe: Probe, limits: Limits) -> None:
    measures = {"width": probe.width, "height": probe.height}
    if max(probe.width, probe.height, probe.coded_width, probe.coded_height) > limits.clip_max_side:
        raise TooWide(**measures, most=limits.clip_max_side)
    if min(probe.width, probe.height) < limits.clip_min_side:
        raise TooSmall(**measures, least=limits.clip_min_side)


def _judge_length(probe: Probe, limits: Limits) -> None:
    window = {"least": float(limits.clip_min_seconds), "most": float(limits.clip_max_seconds)}
    if probe.duration < limits.clip_min_seconds - TOLERANCE_SECONDS:
        raise TooShort(seconds=probe.duration, **window)
    if probe.duration > limits.clip_max_seconds + TOLERANCE_SECONDS:
        raise TooLong(seconds=probe.duration, **window)
