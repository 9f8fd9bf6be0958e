"""Look into one file of unknown intent and print what it holds as JSON; run as a process of its own, in the sandbox.

`python libav_child.py file:<path> <demuxer>`, with nothing of ours to import. The demuxer is chosen by the caller, not
guessed by libav: a playlist named x.mp4 would open other files. Durations and rates come from walking all packets, not
from headers, which may lie or be absent (a browser's live WebM). Only the first frame is decoded.
"""

import json
import struct
import sys
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, cast

import av
from av.container import InputContainer
from av.sidedata.sidedata import Type as SideData
from av.stream import Discard, Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

FORMATS = "mov,matroska"
# Decoders that may run; other codecs are named, not opened.
DECODERS = {"h264": "h264", "hevc": "hevc", "vp8": "vp8", "vp9": "vp9", "av1": "libdav1d"}
MAX_TAGS, TAG_LETTERS = 64, 64
MAX_FRAMES = 200_000
MAX_BROKEN = 50

# FFmpeg's names of the numbers of ITU-T H.273; what is not here counts as untagged.
PRIMARIES = {1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020", 12: "smpte432"}
TRANSFERS = {1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "linear", 11: "iec61966-2-4"}
TRANSFERS |= {13: "iec61966-2-1", 14: "bt2020-10", 15: "bt2020-12", 16: "smpte2084", 18: "arib-std-b67"}
MATRICES = {0: "gbr", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020nc", 10: "bt2020c"}
RANGES = {1: "tv", 2: "pc"}
FIELD_ORDERS = {1: "progressive", 2: "top", 3: "bottom", 4: "top", 5: "bottom"}

Facts = dict[str, Any]


class NoFrame(Exception):
    """There is nothing to show in it."""


def look(path: Path, demuxer: str) -> Facts:
    """Return the facts of a file. Raises av.FFmpegError, or NoFrame."""
    whitelists = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
    whitelists["codec_whitelist"] = ",".join(DECODERS.values())
    with av.open(f"file:{path}", format=demuxer, container_options=whitelists, metadata_errors="replace") as container:
        moving = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
        return {
            "demuxer": demuxer,
            "container": _container(path, demuxer),
            "bytes": path.stat().st_size,
            "moov_first": _moov_first(path) if demuxer == "mov" else None,
            "audio_streams": len(container.streams.audio),
            "other_streams": len(container.streams) - len(container.streams.audio) - len(moving),
            "tags": sorted({name[:TAG_LETTERS] for name in container.metadata})[:MAX_TAGS],
            "video": _video(container, _shown(moving), path.stat().st_size) if moving else None,
        }


def _shown(moving: Sequence[VideoStream]) -> VideoStream:
    """Return the pictures that players show: the first of those not disabled."""
    return next((stream for stream in moving if stream.disposition & Disposition.default), moving[0])


def _video(container: InputContainer, stream: VideoStream, size: int) -> Facts:
    codec = _codec(stream)
    if codec not in DECODERS:
        return {"index": stream.index, "codec": codec}
    for other in container.streams:
        other.discard = Discard.default if other is stream else Discard.all
    stream.codec_context.thread_count = 1  # one frame needs no more, and memory grows with threads
    frame, timing = _walk(container, stream)
    ends = (entry.pos + entry.size for entry in stream.index_entries or ())
    return {
        "index": stream.index,
        "codec": codec,
        "profile": stream.codec_context.profile,
        "sar": _pair(stream.sample_aspect_ratio or Fraction(1)),
        "field_order": FIELD_ORDERS.get(int(stream.codec_context.field_order), "unknown"),
        # What the index promises beyond the end of the file was cut off on its way here.
        "whole": max(ends, default=0) <= size,
        **timing,
        **_picture(frame),
    }


def _codec(stream: VideoStream) -> str:
    try:
        return stream.codec_context.codec.canonical_name
    except AttributeError:  # PyAV makes no context where libav knows no decoder
        return "unknown"


def _walk(container: InputContainer, stream: VideoStream) -> tuple[VideoFrame, Facts]:
    """Read all packets, decoding until the first frame; a few broken ones before it are forgiven, as players do."""
    frame, broken, times, last = None, 0, [], (0, 0)
    for packet in container.demux(stream):
        if packet.has_sidedata("encryption_info"):
            raise NoFrame("encrypted")  # or noise would pass for a picture
        if frame is None:
            try:
                frame = next(iter(packet.decode()), None)
            except av.error.InvalidDataError:
                broken += 1
                if broken > MAX_BROKEN:
                    raise
        if packet.pts is not None and packet.size and not packet.is_discard:
            times.append(packet.pts)
            last = max(last, (packet.pts, packet.duration or 0))
        if len(times) > MAX_FRAMES:
            raise NoFrame(f"more than {MAX_FRAMES} frames")
    if frame is None or not times:
        raise NoFrame("no picture can be decoded")
    return frame, _timing(sorted(times), last[1], stream.time_base or Fraction(0))


def _timing(times: list[int], lasting: int, unit: Fraction) -> Facts:
    """Say how long and how fast it runs; the last frame lasts as long as it says, or as the usual one does."""
    usual = median([later - earlier for earlier, later in pairwise(times) if later > earlier] or [0])
    span = times[-1] - times[0]
    return {
        "frames": len(times),
        "seconds": float((span + (lasting or usual)) * unit),
        "average_rate": _pair(Fraction(len(times) - 1) / (span * unit) if span else Fraction(0)),
        "usual_rate": _pair(1 / (Fraction(usual) * unit) if usual else Fraction(0)),
    }


def _picture(frame: VideoFrame) -> Facts:
    turned = _side(frame, SideData.DISPLAYMATRIX)
    return {
        "width": frame.width,
        "height": frame.height,
        "pixels": frame.format.name,
        "bits": frame.format.components[0].bits,
        "interlaced": frame.interlaced_frame,
        "primaries": PRIMARIES.get(int(frame.color_primaries)),
        "transfer": TRANSFERS.get(int(frame.color_trc)),
        "matrix": MATRICES.get(int(frame.colorspace)),
        "range": RANGES.get(int(frame.color_range)),
        "display_matrix": struct.unpack("=9i", turned) if turned else None,
        "peak_nits": _peak(frame),
    }


def _peak(frame: VideoFrame) -> float | None:
    """Return the brightest light the HDR master says it has, in candela per square metre."""
    if light := _side(frame, SideData.CONTENT_LIGHT_LEVEL):
        (brightest,) = struct.unpack_from("=I", light)
        return float(brightest) or None
    if master := _side(frame, SideData.MASTERING_DISPLAY_METADATA):
        # AVMasteringDisplayMetadata: eight rationals of primaries and white point, then least and most light.
        amount, unit = struct.unpack_from("=ii", master, 72)
        return amount / unit if amount and unit else None
    return None


def _side(frame: VideoFrame, kind: SideData) -> bytes | None:
    sides = cast("Mapping[SideData, bytes]", frame.side_data)  # PyAV types a part of what it has
    return bytes(sides[kind]) if kind in sides else None


def _container(path: Path, demuxer: str) -> str:
    with path.open("rb") as file:
        head = file.read(64)
    if demuxer == "matroska":
        return "webm" if b"webm" in head else "mkv"
    return "mp4" if head[4:8] == b"ftyp" and head[8:12] != b"qt  " else "mov"


def _moov_first(path: Path) -> bool:
    """Say whether a player knows all it needs before the pictures come."""
    with path.open("rb") as file:
        for _ in range(MAX_TAGS):
            size, kind = struct.unpack(">I4s", file.read(8).ljust(8, b"\0"))
            if kind in {b"moov", b"mdat", b"\0\0\0\0"}:
                return bool(kind == b"moov")
            whole, header = (struct.unpack(">Q", file.read(8))[0], 16) if size == 1 else (size, 8)
            file.seek(max(whole - header, 0), 1)
    return False


def _pair(ratio: Fraction) -> tuple[int, int]:
    return ratio.numerator, ratio.denominator


def main(address: str, demuxer: str) -> None:
    """Print the facts, or why there are none."""
    av.logging.set_level(None)
    try:
        facts = look(Path(address.removeprefix("file:")), demuxer)
    except (av.FFmpegError, NoFrame, MemoryError, OverflowError, ValueError) as error:
        facts = {"unreadable": f"{type(error).__name__}: {error}"}
    sys.stdout.write(json.dumps(facts))


if __name__ == "__main__":
    main(*sys.argv[1:])
