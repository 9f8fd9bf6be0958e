"""Codecs that phones do not record, in containers that they all write: their decoders are the least reviewed."""

from collections.abc import Callable
from pathlib import Path

from support.clips import ffmpeg, kept_file
from support.hostile.case import Bait, Cases, Maker, holding, mp4

# Encoder -> container and other options it needs.
ENCODERS: dict[str, tuple[str, ...]] = {
    "ffv1": ("matroska",),
    "magicyuv": ("mov",),
    "prores": ("mov",),
    "dnxhd": ("mov", "-s", "1280x720", "-b:v", "60M", "-pix_fmt", "yuv422p"),
    "mjpeg": ("mov",),
    "png": ("mov",),
    "gif": ("mov",),
    "cinepak": ("mov",),
    "svq1": ("mov",),
    "qtrle": ("mov",),
    "rpza": ("mov",),
    "smc": ("mov",),
    "hap": ("mov",),
    "cfhd": ("mov",),
    "jpeg2000": ("mov",),
    "tiff": ("mov",),
    "dpx": ("mov",),
    "exr": ("mov",),
    "rawvideo": ("mov",),
    "v210": ("mov",),
    "r210": ("mov",),
    "mpeg1video": ("mov",),
    "mpeg2video": ("mov",),
    "mpeg4": ("mp4",),
    "h263": ("mov", "-s", "352x288"),
    "libtheora": ("matroska",),
    "huffyuv": ("matroska",),
    "ffvhuff": ("matroska",),
    "utvideo": ("matroska",),
    "snow": ("matroska", "-strict", "-2"),
    "msmpeg4": ("matroska",),
    "wmv2": ("matroska",),
    "flv": ("matroska",),
    "asv1": ("matroska",),
    "zmbv": ("matroska",),
}


def _coded(encoder: str) -> Maker:
    form, *options = ENCODERS[encoder]

    def draw(path: Path) -> None:
        source = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=30:d=0.2", "-c:v", encoder, *options]
        ffmpeg(*source, "-f", form, str(path))

    def make(path: Path, _bait: Bait) -> None:
        path.write_bytes(kept_file(f"rare {encoder} {options}", "bin", draw).read_bytes())

    return make


def _called(fourcc: bytes) -> Callable[[], bytes]:
    """Give H.264 another name, so that another decoder would get it."""
    return lambda: mp4().replace(b"avc1\0\0\0\0\0\0", fourcc + bytes(6))


OTHERS = (b"jpeg", b"hvc1", b"av01", b"vp09", b"M8RG", b"rv40", b"SVQ3", b"mp4v", b"ap4h", b"Hap1", b"text", b"tmcd")
CASES: Cases = {
    **{f"rare-{encoder}": _coded(encoder) for encoder in ENCODERS},
    **{f"h264-called-{fourcc.decode()}": holding(_called(fourcc)) for fourcc in OTHERS},
}
