"""Probe one untrusted file and print its facts as JSON; runs as a process of its own, in the sandbox.

Run it as `python -m anb.adapters.media.probe_child <demuxer> <start>` with the file as its standard input. Without
arguments its input is a socket; the arguments and the file arrive over it later. The child sees only its own few
modules and opens no path. The caller chooses the demuxer and libav does not guess it: a playlist named x.mp4 would open
other files.

Durations and rates come from reading all packets. Headers may be wrong or absent (a live WebM). The child decodes the
first frame that it can, each keyframe whose headers differ from those before it and, where an edit starts later, the
keyframe that a seek finds.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, cast

import av
from av.container import InputContainer
from av.stream import Discard, Disposition, Stream
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from anb.adapters.media import probe_container
from anb.adapters.media.probe_container import Clip, ContainerTrack
from anb.adapters.media.probe_picture import Facts
from anb.adapters.media.probe_start import prove_seek
from anb.adapters.media.probe_walk import DECODERS, NoFrame, Walk, pair

FORMATS = "mov,matroska"
STDIN = 0
# How PyAV treats tags that are not UTF-8: up to 18 it raises unless told otherwise, from 19 on it keeps their bytes.
BROKEN_TEXT: dict[str, Any] = {} if int(av.__version__.partition(".")[0]) >= 19 else {"metadata_errors": "replace"}  # noqa: PLR2004
MAX_TAGS, TAG_LETTERS = 64, 64
MAX_TRACKS = 64

FIELD_ORDERS = {1: "progressive", 2: "top", 3: "bottom", 4: "top", 5: "bottom"}


def look(clip: Clip, demuxer: str, start: float = 0) -> Facts:
    """Return the facts of a file, or of the standard input, for an edit that starts `start` seconds into the clip.

    Raises av.FFmpegError, or NoFrame.
    """
    tracks = probe_container.read(clip, demuxer)
    kind, size = _container(clip, demuxer)
    moov_first = probe_container.moov_first(clip) if demuxer == "mov" else None
    ignore_edit_list = any(track.shows_all for track in tracks.values())
    with _opened(clip, demuxer, ignore_edit_list=ignore_edit_list) as container:
        moving = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
        shown = _shown(moving)
        facts: Facts = {
            "demuxer": demuxer,
            "container": kind,
            "bytes": size,
            "moov_first": moov_first,
            "audio_streams": len(container.streams.audio),
            "other_streams": len(container.streams) - len(container.streams.audio) - bool(shown),
            "tags": sorted({_readable(name)[:TAG_LETTERS] for name in container.metadata})[:MAX_TAGS],
            "ignore_edit_list": ignore_edit_list,
            "tracks": [_told(stream) for stream in [*container.streams][:MAX_TRACKS]],
            "video": _video(container, shown, _track(tracks, shown, demuxer), size, start) if shown else None,
        }
    video = facts["video"]
    if video and video.get("start"):
        with _opened(clip, demuxer, ignore_edit_list=ignore_edit_list) as container:
            prove_seek(container, video["index"], video["start"])
    return facts


def _opened(clip: Clip, demuxer: str, *, ignore_edit_list: bool) -> InputContainer:
    protocol, address = ("fd", "fd:") if clip == STDIN else ("file", f"file:{clip}")
    if clip == STDIN:
        os.lseek(clip, 0, os.SEEK_SET)  # from here on libav moves the file's position
    options = {"format_whitelist": FORMATS, "protocol_whitelist": protocol}
    options["codec_whitelist"] = ",".join(DECODERS.values())
    if ignore_edit_list:
        options["ignore_editlist"] = "1"  # libav reads a duration of 0 as “no samples”
    container: InputContainer = av.open(address, format=demuxer, container_options=options, **BROKEN_TEXT)
    return container


def _readable(text: str) -> str:
    """Return text without the undecodable bytes that PyAV 19 keeps, which could not be written out again."""
    return text.encode(errors="surrogateescape").decode(errors="replace")


def _told(stream: Stream) -> Facts:
    """Return what the container says of a track, whether the track is probed or not."""
    context = cast("VideoCodecContext | None", stream.codec_context) if isinstance(stream, VideoStream) else None
    return {
        "index": stream.index,
        "kind": stream.type,
        "codec": _codec(stream),
        "width": context.width if context else 0,
        "height": context.height if context else 0,
        "frames": stream.frames,
        "plays": bool(stream.disposition & Disposition.default),
        "cover": bool(stream.disposition & Disposition.attached_pic),
    }


def _track(tracks: Mapping[int, ContainerTrack], stream: VideoStream, demuxer: str) -> ContainerTrack:
    return tracks.get(stream.id if demuxer == "mov" else stream.index, ContainerTrack([]))


def _shown(moving: Sequence[VideoStream]) -> VideoStream | None:
    """Return the video stream that players show: the largest of those that play by default and move."""

    def worth(stream: VideoStream) -> tuple[bool, bool, int]:
        context = cast("VideoCodecContext | None", stream.codec_context)  # None where libav knows no decoder
        plays = bool(stream.disposition & Disposition.default)
        return plays, stream.frames != 1, context.width * context.height if context else 0

    return max(moving, key=worth, default=None)


def _video(container: InputContainer, stream: VideoStream, track: ContainerTrack, size: int, start: float) -> Facts:
    codec = _codec(stream)
    if codec not in DECODERS:
        return {"index": stream.index, "codec": codec}
    for other in container.streams:
        other.discard = Discard.default if other is stream else Discard.all
    stream.codec_context.thread_count = 1  # one frame needs only one, and memory grows with threads
    walk = Walk(stream, codec, track)
    for packet in container.demux(stream):
        walk.take(packet)
    ends = (entry.pos + entry.size for entry in stream.index_entries or ())
    return {
        "index": stream.index,
        "codec": codec,
        "profile": stream.codec_context.profile,
        "dolby_vision": track.described(b"").dolby_vision,
        "sar": pair(stream.sample_aspect_ratio or Fraction(1)),
        "field_order": FIELD_ORDERS.get(int(stream.codec_context.field_order), "unknown"),
        # An index that reaches beyond the end of the file: the rest was cut off on the way here.
        "whole": max(ends, default=0) <= size,
        **walk.facts(start),
    }


def _codec(stream: Stream) -> str:
    try:
        return stream.codec_context.codec.canonical_name
    except AttributeError:  # PyAV makes no context where libav knows no decoder
        return "unknown"


def _container(clip: Clip, demuxer: str) -> tuple[str, int]:
    """Name the container, and say how many bytes it has."""
    with probe_container.opened(clip) as file:
        head, size = file.read(64), file.seek(0, os.SEEK_END)
    if demuxer == "matroska":
        return "webm" if b"webm" in head else "mkv", size
    return "mp4" if head[4:8] == b"ftyp" and head[8:12] != b"qt  " else "mov", size


def main(*words: str) -> None:
    """Print the facts, or why there are none. Print nothing if no file arrives."""
    av.logging.set_level(None)
    words = words or _awaited()
    if not words:
        return
    demuxer, start = words
    try:
        facts = look(STDIN, demuxer, float(start))
    except (av.FFmpegError, NoFrame, MemoryError, OverflowError, ValueError) as error:
        facts = {"unreadable": f"{type(error).__name__}: {error}"}
    sys.stdout.write(json.dumps(facts))


def _awaited() -> tuple[str, ...]:
    """Wait for a file, make it the standard input and return its arguments; nothing if the sender closed the socket."""
    import socket  # noqa: PLC0415 - only a child that waits has the time

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=STDIN) as line:
        words, files, _, _ = socket.recv_fds(line, 64, 1)
    if not files:
        return ()
    os.dup2(files[0], STDIN)
    os.close(files[0])
    return tuple(words.decode().split())


if __name__ == "__main__":
    main(*sys.argv[1:])
