"""H.264 whose fields are separate pictures (PAFF), as cameras write it and no available encoder does.

Every macroblock is told sample by sample (I_PCM), so that all there is to write is headers: ITU-T H.264, 7.3.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from support.clips import ffmpeg
from support.corpus.source import ClipSource

# Instead of one of FFmpeg's encoders. Two fields share a sample or, as copied from a broadcast, have one each.
PAFF, PAFF_APART = ("-c:v", "paff"), ("-c:v", "paff", "apart")
MACROBLOCK, GROUP = 16, 15  # pixels of a side; frames from keyframe to keyframe
SPS, PPS, KEYFRAME, PICTURE = 0x67, 0x68, 0x65, 0x61
MAIN, LEVEL, LIMITED, BT709, I_SLICES, I_PCM, NO_DEBLOCKING = 77, 51, 0, 1, 7, 25, 1
CLOCK = ("-video_track_timescale", "90000")
NUMBER_BITS = 8  # of frame_num and of the order of display

Planes = Sequence[NDArray[np.uint8]]


@dataclass
class Bits:
    """A writer of bits, one number after another."""

    written: list[str] = field(default_factory=list)

    def flat(self, value: int, bits: int = 1) -> "Bits":
        """Write a number with a number of bits."""
        self.written.append(f"{value:0{bits}b}")
        return self

    def coded(self, *values: int) -> "Bits":
        """Write numbers by Exp-Golomb's code."""
        for value in values:
            digits = f"{value + 1:b}"
            self.written.append("0" * (len(digits) - 1) + digits)
        return self

    def bytes(self, end: str = "") -> bytes:
        """Return the bits, padded with zeros to a whole byte."""
        digits = "".join(self.written) + end
        return int(digits.ljust(-(-len(digits) // 8) * 8, "0"), 2).to_bytes(-(-len(digits) // 8), "big")


def write(source: ClipSource, frames: Iterable[bytes], path: Path) -> None:
    """Write frames as an MP4: each as two consecutive fields or, if they have none, as one picture.

    The headers of the stream are the same for both.
    """
    assert (source.pixels, source.look.range, source.stored) == ("yuv420p", "tv", (source.width, source.height))
    size, rate = source.stored, int(source.grid)
    stream = path.with_suffix(".h264")
    with stream.open("wb") as file:
        file.write(_unit(SPS, _sequence(*size, rate)) + _unit(PPS, _picture_set()))
        for number, frame in enumerate(frames):
            for unit in _frame(_planes(frame, size), number, source.fields):
                file.write(unit)
    apart = path.with_stem(f"{path.stem}-apart")
    together = 2 if source.fields else 1
    ffmpeg("-f", "h264", "-framerate", str(rate * together), "-i", str(stream), "-c", "copy", *CLOCK, str(apart))
    if source.coded == PAFF:
        _joined(apart, path, together, rate)
        apart.unlink()
    else:
        apart.rename(path)
    stream.unlink()


def _joined(apart: Path, path: Path, together: int, rate: int) -> None:
    """Write a file again with a number of its samples as one."""
    with av.open(str(apart)) as read, av.open(str(path), "w", options={CLOCK[0][1:]: CLOCK[1]}) as made:
        stream = read.streams.video[0]
        copied: VideoStream = made.add_stream_from_template(stream)
        packets = [packet for packet in read.demux(stream) if packet.size]
        for number in range(len(packets) // together):
            parts = packets[number * together : (number + 1) * together]
            packet = av.Packet(b"".join(map(bytes, parts)))
            packet.stream, packet.time_base = copied, parts[0].time_base
            packet.pts = packet.dts = round(number / rate / float(stream.time_base or 1))
            packet.duration = round(1 / rate / float(stream.time_base or 1))
            packet.is_keyframe = parts[0].is_keyframe
            made.mux(packet)


def _frame(planes: Planes, number: int, field_first: str | None) -> Iterable[bytes]:
    place = number % GROUP
    if field_first is None:
        yield _unit(KEYFRAME if place == 0 else PICTURE, _slice(planes, number, 2 * place))
        return
    for moment in (0, 1):
        bottom = (field_first == "bottom") ^ bool(moment)
        rows = [plane[int(bottom) :: 2] for plane in planes]
        kind = KEYFRAME if place == moment == 0 else PICTURE  # the second field of a keyframe is an ordinary one
        yield _unit(kind, _slice(rows, number, 2 * place + moment, bottom=bottom, key=kind == KEYFRAME))


def _sequence(width: int, height: int, rate: int) -> Bits:
    across, pairs = -(-width // MACROBLOCK), -(-height // (2 * MACROBLOCK))
    spare = ((across * MACROBLOCK - width) // 2, (pairs * 2 * MACROBLOCK - height) // 4)
    bits = Bits().flat(MAIN, 8).flat(0x40, 8).flat(LEVEL, 8)
    bits.coded(0, NUMBER_BITS - 4, 0, NUMBER_BITS - 4, 1).flat(0).coded(across - 1, pairs - 1)
    bits.flat(0).flat(0).flat(1)  # frames or fields; never both in one picture; direct prediction of 8x8
    bits.flat(1).coded(0, spare[0], 0, spare[1])
    bits.flat(1).flat(0, 2).flat(1).flat(5, 3).flat(LIMITED).flat(1)
    for _ in range(3):
        bits.flat(BT709, 8)
    bits.flat(0).flat(1).flat(1, 32).flat(2 * rate, 32).flat(1)  # a tick is a field
    return bits.flat(0, 3).flat(0)


def _picture_set() -> Bits:
    return Bits().coded(0, 0).flat(0, 2).coded(0, 0, 0).flat(0, 3).coded(0, 0, 0).flat(1).flat(0, 2)


def _slice(planes: Planes, number: int, order: int, *, bottom: bool | None = None, key: bool = False) -> bytes:
    place = number % GROUP
    key = key or (bottom is None and place == 0)
    head = Bits().coded(0, I_SLICES, 0).flat(place, NUMBER_BITS).flat(int(bottom is not None))
    if bottom is not None:
        head.flat(int(bottom))
    if key:
        head.coded(number // GROUP % 2)
    head.flat(order, NUMBER_BITS).flat(0, 2 if key else 1).coded(0, NO_DEBLOCKING)
    # A macroblock has its type, padding to a whole byte, and its samples.
    head.coded(I_PCM)
    blocks = [head.bytes()]
    for block in _macroblocks(planes):
        blocks += [block, Bits().coded(I_PCM).bytes()]
    blocks[-1] = b"\x80"  # the end
    return b"".join(blocks)


def _macroblocks(planes: Planes) -> Iterable[bytes]:
    luma, *chroma = (plane.reshape(plane.shape[0] // side, side, -1, side).swapaxes(1, 2)
                     for plane, side in zip(planes, (16, 8, 8), strict=True))  # fmt: skip
    for row in range(luma.shape[0]):
        for column in range(luma.shape[1]):
            yield b"".join(plane[row, column].tobytes() for plane in (luma, *chroma))


def _planes(frame: bytes, size: tuple[int, int]) -> list[NDArray[np.uint8]]:
    """Return the planes, their last row and column repeated to whole pairs of macroblocks."""
    width, height = size
    whole = (-(-height // (2 * MACROBLOCK)) * 2 * MACROBLOCK, -(-width // MACROBLOCK) * MACROBLOCK)
    planes, place = [], 0
    for part in (1, 2, 2):
        rows, columns = height // part, width // part
        plane = np.frombuffer(frame, np.uint8, rows * columns, place).reshape(rows, columns)
        place += rows * columns
        planes.append(np.pad(plane, ((0, whole[0] // part - rows), (0, whole[1] // part - columns)), mode="edge"))
    return planes


def _unit(kind: int, content: Bits | bytes) -> bytes:
    data = content.bytes("1") if isinstance(content, Bits) else content
    return b"\0\0\0\1" + bytes([kind]) + re.sub(rb"\0\0(?=[\0-\3])", b"\0\0\3", data)
