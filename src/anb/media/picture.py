"""The filters that bring any picture to our format: 1280x720, uncropped, square pixels, BT.709, limited, 8 bits."""

import re
from dataclasses import dataclass
from pathlib import Path

from anb.media import hlg
from anb.media.hlg import KNEE, PEAK_NITS, WHITE_NITS
from anb.media.probe import FrameFormat

WIDTH, HEIGHT = 1280, 720
WATERMARK_PLACE = "x=W-w-32:y=H-h-28"

DRAWN = f"scale={WIDTH}:{HEIGHT}:out_color_matrix=bt709:out_range=tv,format=yuv420p"

# A picture this close to 16:9 is stretched to fill: the stretch is invisible, but a thin bar of fill is not.
STRETCH = 0.012
SD_HEIGHT = 576  # untagged pictures up to this height are BT.601 by custom

PEAK_MOST_NITS = 4000.0


@dataclass(frozen=True)
class Colours:
    """The meaning of colour numbers, in FFmpeg's names."""

    matrix: str
    transfer: str
    primaries: str
    range: str

    def tagged(self) -> str:
        """Return the filter that tags a picture with these colours without converting it."""
        tags = f"color_primaries={self.primaries}:color_trc={self.transfer}:colorspace={self.matrix}"
        return f"setparams=range={self.range}:{tags}"

    def made(self) -> str:
        """Return zscale's options that convert a tagged picture to these colours."""
        return f"m={self.matrix}:t={self.transfer}:p={self.primaries}:r={self.range}"


OURS = Colours("bt709", "bt709", "bt709", "tv")
TAGGED = f"setsar=1,{OURS.tagged()}"


@dataclass(frozen=True)
class Fit:
    """The size of the picture inside the frame, in steps of four, so that its middle falls on a whole chroma sample."""

    width: int
    height: int

    @property
    def fills(self) -> bool:
        """Whether the picture fills the frame."""
        return (self.width, self.height) == (WIDTH, HEIGHT)


def fit(frame_format: FrameFormat) -> Fit:
    """Fit the whole picture into the frame."""
    shape = (frame_format.width / frame_format.height) / (WIDTH / HEIGHT)
    if abs(shape - 1) <= STRETCH:
        return Fit(WIDTH, HEIGHT)
    if shape > 1:
        return Fit(WIDTH, max(4, round(HEIGHT / shape / 4) * 4))
    return Fit(max(4, round(WIDTH * shape / 4) * 4), HEIGHT)


def fitted(frame_format: FrameFormat, *before: str) -> list[str]:
    """Return the filters that crop, scale and turn pictures of one format, and convert their colours to ours.

    The first filter sets their colours, because FFmpeg may have read a code that no filter knows. Pictures are scaled
    before they are turned, since zscale takes only sizes that the chroma divides, and turning small pictures is cheap.
    `before` comes right after the colours.
    """
    size, colours = fit(frame_format), colours_of(frame_format)
    stored = size if frame_format.rotation in {0, 180} else Fit(size.height, size.width)
    if looked_up(frame_format):
        ours = _looked_up(stored)
    elif frame_format.hdr:
        ours = _tone_mapped(frame_format, stored)
    elif colours == OURS:
        ours = [f"scale={stored.width}:{stored.height}:flags=bicubic"]
    elif _is_rgb(frame_format):
        ours = [f"zscale=w={stored.width}:h={stored.height}:filter=bicubic:{OURS.made()}"]
    else:
        ours = [f"scale={stored.width}:{stored.height}:flags=bicubic", f"zscale={OURS.made()}"]
    return [colours.tagged(), *before, *_cropped(frame_format), *ours, *_turned(frame_format), "format=yuv420p", TAGGED]


def _cropped(frame_format: FrameFormat) -> list[str]:
    """Return the filter that crops the pixels hidden by the container."""
    if not any(frame_format.crop):
        return []
    left, top, _, _ = frame_format.crop
    width, height = frame_format.shown
    return [f"crop={width}:{height}:{left}:{top}:exact=1"]


def _turned(frame_format: FrameFormat) -> list[str]:
    turns = {0: [], 90: ["transpose=clock"], 180: ["hflip", "vflip"], 270: ["transpose=cclock"]}
    return [*turns[frame_format.rotation], *(["hflip"] if frame_format.mirrored else [])]


def _is_rgb(frame_format: FrameFormat) -> bool:
    return frame_format.pixels.startswith(("gbr", "rgb", "bgr"))


def filled(frame_format: FrameFormat, source: str, target: str) -> list[str]:
    """Return the chains that put the fitted picture over a blurred, darkened enlargement of its own middle."""
    size = fit(frame_format)
    if size.fills:
        return [f"[{source}]null[{target}]"]
    wide, high = min(size.width, size.height * 16 // 9), min(size.height, size.width * 9 // 16)
    place = f"{(WIDTH - size.width) // 2}:{(HEIGHT - size.height) // 2}"
    # Blurred at a small size, which is nearly free; the enlargement blurs further.
    blurred = f"crop={wide}:{high},scale=160:90:flags=area,gblur=sigma=5:steps=2"
    darkened = "lutyuv=y=16+(val-16)*0.5:u=128+(val-128)*0.8:v=128+(val-128)*0.8"
    return [
        f"[{source}]split[{source}-whole][{source}-middle]",
        f"[{source}-middle]{blurred},{darkened},scale={WIDTH}:{HEIGHT}:flags=bicubic,setsar=1[{source}-fill]",
        f"[{source}-fill][{source}-whole]overlay={place}:format=yuv420[{target}]",
    ]


def looked_up(frame_format: FrameFormat) -> bool:
    """Say whether the HLG table converts these pictures."""
    return frame_format.hdr == "HLG" and colours_of(frame_format).primaries == "bt2020"


def _looked_up(size: Fit) -> list[str]:
    """Scale first, then apply the HLG table, in 16 bits, FFmpeg's fastest depth for it."""
    return [
        f"scale={size.width}:{size.height}:flags=bicubic",
        "format=gbrp16le",
        f"lut3d=file={_in_graph(hlg.TABLE)}:interp=tetrahedral",
        "scale=out_color_matrix=bt709:out_range=tv",
    ]


def _tone_mapped(frame_format: FrameFormat, size: Fit) -> list[str]:
    """Scale first, while samples are small; then convert to linear light and BT.709, and reduce it to screen range."""
    peak = min(frame_format.peak_nits or PEAK_NITS, PEAK_MOST_NITS) / WHITE_NITS
    return [
        f"scale={size.width}:{size.height}:flags=bicubic",
        "format=yuv420p10le",
        f"zscale=t=linear:npl={WHITE_NITS}",
        "format=gbrpf32le",
        "zscale=p=bt709",
        f"tonemap=mobius:param={KNEE}:desat=0:peak={max(peak, 1):.3f}",
        f"zscale={OURS.made()}",
    ]


def _in_graph(path: Path) -> str:
    """Quote a path for both parsings of a graph: first as filters, then as their options."""
    option = re.sub(r"([\\':])", r"\\\1", str(path))
    return re.sub(r"([\\'\[\],;])", r"\\\1", option)


def colours_of(frame_format: FrameFormat) -> Colours:
    """Return the colours as tagged; missing and unusable tags are replaced as players do."""
    said = (
        frame_format.matrix if frame_format.matrix != "gbr" or _is_rgb(frame_format) else None
    )  # some phones write RGB over YUV
    if frame_format.hdr:
        matrix, primaries = said or "bt2020nc", frame_format.primaries or "bt2020"
    else:
        matrix = said or ("smpte170m" if frame_format.coded_height <= SD_HEIGHT else "bt709")
        primaries = frame_format.primaries or "bt709"
    reach = frame_format.range or ("pc" if frame_format.pixels.startswith("yuvj") else "tv")
    # Players show every standard-range curve alike; converting sRGB's, for instance, would only lift the shadows.
    transfer = frame_format.transfer if frame_format.hdr or frame_format.transfer == "linear" else "bt709"
    return Colours(matrix, transfer or "bt709", primaries, reach)
