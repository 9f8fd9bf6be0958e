"""Adds samples without pictures: a single delimiter, as some phones write, or a rotation message of HEVC."""

from pathlib import Path

import av
from av.video.stream import VideoStream

DELIMITER = b"\0\0\0\x02\x09\xf0"  # of H.264, with its length


ORIENTATION = 47  # type of an HEVC message (ITU-T H.265, D.2.17)


def turn(before: Path, path: Path, clockwise: int) -> None:
    """Rewrite an HEVC file with a rotation message before each keyframe."""
    anticlockwise = (360 - clockwise) % 360 * (1 << 16) // 360
    told = (anticlockwise << 1 | 1) << 4 | 0b1000  # it persists; then padding of the last byte
    unit = bytes([39 << 1, 1, ORIENTATION, 3, *told.to_bytes(3, "big"), 0x80])
    with av.open(str(before)) as read, av.open(str(path), "w") as write:
        stream = read.streams.video[0]
        copied: VideoStream = write.add_stream_from_template(stream)
        for packet in read.demux(stream):
            if packet.pts is None:
                continue
            made = av.Packet((len(unit).to_bytes(4, "big") + unit if packet.is_keyframe else b"") + bytes(packet))
            made.stream, made.time_base, made.is_keyframe = copied, packet.time_base, packet.is_keyframe
            made.pts, made.dts, made.duration = packet.pts, packet.dts, packet.duration
            write.mux(made)


def remark(before: Path, path: Path, every: int) -> None:
    """Rewrite a file with a delimiter's sample after a number of pictures, half way to the next one."""
    with av.open(str(before)) as read, av.open(str(path), "w") as write:
        stream = read.streams.video[0]
        copied: VideoStream = write.add_stream_from_template(stream)
        for number, packet in enumerate(read.demux(stream), start=1):
            if packet.pts is None or packet.dts is None:
                continue
            step, unit = packet.duration or 0, packet.time_base
            packet.stream = copied
            pts, dts = packet.pts, packet.dts
            write.mux(packet)
            if number % every == 0:
                between = av.Packet(DELIMITER)
                between.stream, between.time_base = copied, unit
                between.pts, between.dts = pts + step // 2, dts + step // 2
                write.mux(between)
