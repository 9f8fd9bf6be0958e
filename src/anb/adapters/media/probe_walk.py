"""Read all packets of a stream once: the times and the form of its pictures. Part of the probing child."""

from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import TypeAlias, cast

import av
from av.codec.context import Flags
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from anb.adapters.media import probe_headers
from anb.adapters.media.probe_container import ContainerTrack
from anb.adapters.media.probe_picture import TELLING, Facts, colours, forget, picture
from anb.adapters.media.probe_start import begun

# Decoders that may run. Other codecs are named but not decoded.
DECODERS = {"h264": "h264", "hevc": "hevc", "vp8": "vp8", "vp9": "vp9", "av1": "libdav1d"}
MAX_FRAMES = 200_000
MAX_BROKEN = 50
MAX_CHANGES = 32  # of the picture's format; each costs a decoded keyframe
TURNING = {"h264", "hevc"}  # codecs whose streams can carry a rotation
REMARK_BYTES = 512  # a shorter sample is checked for holding a picture at all

VideoPacket: TypeAlias = "Packet[VideoStream]"


class NoFrame(Exception):
    """The stream has nothing to show."""


class EncryptedFrames(NoFrame):
    """The stream cannot be shown without its key."""


class UndecodableFrames(NoFrame):
    """None of its pictures can be decoded."""


class TooManyFrames(NoFrame):
    """The stream claims more pictures than a minute of any camera has."""


class Walk:
    """All packets of one stream: the times of its pictures, the first that can be decoded, and how they change."""

    def __init__(self, stream: VideoStream, codec: str, track: ContainerTrack) -> None:
        self._stream, self._codec, self._track = stream, codec, track
        self._context = stream.codec_context
        self._told = colours(self._context)
        forget(self._context)
        self._context.flags |= Flags.unaligned
        self._configuration = bytes(self._context.extradata or b"")
        self._unit_bytes = probe_headers.lengths(codec, self._configuration)
        self._times: list[int] = []
        self._last = (0, 0)
        self._broken = 0
        self._first: int | None = None
        self._delay = 0  # between decoding and showing
        self._opening: VideoPacket | None = None
        self._formats: list[tuple[int, Facts]] = []
        self._signature: bytes | None = None
        self._signatures = 0
        self._keyframe: int | None = None
        self._decoded: int | None = None  # when the last packet is decoded
        self._begins_again: int | None = None

    def take(self, packet: VideoPacket) -> None:
        """Take the next packet. Raises NoFrame, av.FFmpegError."""
        if packet.has_sidedata("encryption_info"):
            raise EncryptedFrames("encrypted")  # otherwise noise would pass for a picture
        if packet.has_sidedata("new_extradata"):
            self._configuration = next(
                bytes(side) for side in packet.iter_sidedata() if side.data_type == "new_extradata"
            )
            self._unit_bytes = probe_headers.lengths(self._codec, self._configuration)
            self._signature = None
        if self._first is None:
            self._decode(packet)
        elif packet.is_keyframe:
            self._compare(packet)
        if packet.pts is not None and packet.size and not packet.is_discard and self._shows(packet):
            self._note(packet, packet.pts)

    def facts(self, start: float = 0) -> Facts:
        """Return the facts, including the picture shown at `start` seconds. Raises NoFrame."""
        if self._first is None or not self._times:
            raise UndecodableFrames("no picture can be decoded")
        unit = self._stream.time_base or Fraction(0)
        times = sorted(time for time in self._times if time >= self._first) or [self._first]
        (_, form), *changes = self._formats
        return {
            **_timing(times, self._last[1], unit),
            **form,
            "lost": max(0.0, float((self._first - min(self._times)) * unit)),
            "delay": float(self._delay * unit),
            "begins_again": None if self._begins_again is None else float((self._begins_again - times[0]) * unit),
            "start": begun(times, unit, start) if start else None,
            "changes": [{"at": pair((at - times[0]) * unit), **changed} for at, changed in changes],
        }

    def _decode(self, packet: VideoPacket) -> None:
        """Try to decode the first frame; like players, skip a few broken packets before it."""
        if packet.is_keyframe:
            self._opening = packet
        try:
            frame = next(iter(packet.decode()), None)
        except av.error.InvalidDataError as error:
            self._broken += 1
            if self._broken > MAX_BROKEN:
                raise UndecodableFrames(f"none of the first {self._broken} pictures can be decoded") from error
            return
        if frame is not None:
            self._first = frame.pts or 0
            self._delay = abs(self._first - (self._first if packet.dts is None else packet.dts))
            seen = self._seen(frame)
            self._formats.append((self._first, seen if frame.key_frame else seen | self._turned_before(seen)))
            if packet.is_keyframe:
                self._signature = self._headers(packet)

    def _turned_before(self, seen: Facts) -> Facts:
        """Return the rotation of the keyframe before the start of an edit list, because it still applies."""
        if self._opening is None or self._codec not in TURNING:
            return {}
        told = self._alone(cast("VideoPacket", Packet(bytes(self._opening))))  # shown, unlike the one in the file
        if told is None:
            return {}
        key = self._seen(told)
        turns = seen["turns_told"] + key["turns_told"]
        return {"display_matrix": seen["display_matrix"] or key["display_matrix"], "turns_told": turns}

    def _compare(self, packet: VideoPacket) -> None:
        """Decode a keyframe alone if its headers differ from the last; note it if its pictures differ too."""
        headers = self._headers(packet)
        if headers == self._signature or (not headers and self._signature is not None):
            return
        self._signature = headers
        self._signatures += 1
        if self._signatures > MAX_CHANGES:
            raise NoFrame("its pictures change their form too often")
        frame = self._alone(packet)
        if frame is None or packet.pts is None:
            return
        seen = self._seen(frame)
        seen["display_matrix"] = seen["display_matrix"] or self._formats[-1][1]["display_matrix"]
        if seen != self._formats[-1][1] | {name: seen[name] for name in TELLING}:
            self._formats.append((packet.pts, seen))

    def _headers(self, packet: VideoPacket) -> bytes:
        return probe_headers.signature(self._codec, bytes(packet), self._unit_bytes)

    def _alone(self, packet: VideoPacket) -> VideoFrame | None:
        context = cast("VideoCodecContext", av.CodecContext.create(DECODERS[self._codec], "r"))
        context.thread_count = 1
        context.flags |= Flags.unaligned
        context.extradata = self._configuration or None
        try:
            return next(iter([*context.decode(packet), *context.decode(None)]), None)
        except av.FFmpegError:
            return None  # a decoder that continues from here may succeed; missing pictures are counted in the result

    def _seen(self, frame: VideoFrame) -> Facts:
        return picture(frame, self._told, self._track.described(self._configuration).crop)

    def _shows(self, packet: VideoPacket) -> bool:
        return packet.size > REMARK_BYTES or probe_headers.holds_picture(self._codec, bytes(packet), self._unit_bytes)

    def _note(self, packet: VideoPacket, time: int) -> None:
        self._times.append(time)
        self._last = max(self._last, (time, packet.duration or 0))
        if packet.is_keyframe:
            # Keyframes are decoded in the order of their times, except where another recording begins. A file that
            # marks no keyframe seems to have only keyframes; then the decoding clock still advances.
            goes_on = packet.dts is not None and self._decoded is not None and packet.dts > self._decoded
            if self._keyframe is not None and time <= self._keyframe and self._begins_again is None and not goes_on:
                self._begins_again = max(self._times)
            self._keyframe = time
        self._decoded = packet.dts
        if len(self._times) > MAX_FRAMES:
            raise TooManyFrames(f"more than {MAX_FRAMES} frames")


def _timing(times: list[int], lasting: int, unit: Fraction) -> Facts:
    """Return duration and rates; the last frame lasts as long as it says, or as the usual one does."""
    usual = median([later - earlier for earlier, later in pairwise(times) if later > earlier] or [0])
    span = times[-1] - times[0]
    return {
        "frames": len(times),
        "seconds": float((span + (lasting or usual)) * unit),
        "average_rate": pair(Fraction(len(times) - 1) / (span * unit) if span else Fraction(0)),
        "usual_rate": pair(1 / (Fraction(usual) * unit) if usual else Fraction(0)),
    }


def pair(ratio: Fraction) -> tuple[int, int]:
    """Return a ratio in a form that JSON can hold."""
    return ratio.numerator, ratio.denominator
