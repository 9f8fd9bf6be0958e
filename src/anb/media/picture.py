"""The filters that make any picture ours: 1280x720 with all of it kept, square pixels, BT.709, limited, 8 bits."""

import re
from dataclasses import dataclass
from pathlib import Path

from anb.media import hlg
from anb.media.hlg import KNEE, PEAK_NITS, WHITE_NITS
from anb.media.probe import Probe

WIDTH, HEIGHT = 1280, 720
WATERMARK_PLACE = "x=W-w-32:y=H-h-28"

DRAWN = f"scale={WIDTH}:{HEIGHT}:out_color_matrix=bt709:out_range=tv,format=yuv420p"

# A picture this near to 16:9 is stretched to fill: nobody sees it, and everybody would see a sliver of fill.
STRETCH = 0.012
SD_HEIGHT = 576  # untagged pictures up to this height are BT.601 by custom

PEAK_MOST_NITS = 4000.0


@dataclass(frozen=True)
class Colours:
    """How numbers stand for colours; FFmpeg's names."""

    matrix: str
    transfer: str
    primaries: str
    range: str

    def tagged(self) -> str:
        """Return the filter that says so of a picture; the picture itself stays."""
        tags = f"color_primaries={self.primaries}:color_trc={self.transfer}:colorspace={self.matrix}"
        return f"setparams=range={self.range}:{tags}"

    def made(self) -> str:
        """Return zscale's options that convert a tagged picture to them."""
        return f"m={self.matrix}:t={self.transfer}:p={self.primaries}:r={self.range}"


OURS = Colours("bt709", "bt709", "bt709", "tv")
TAGGED = f"setsar=1,{OURS.tagged()}"


@dataclass(frozen=True)
class Fit:
    """The size of the picture inside the frame; in steps of four, so that its middle is a whole chroma sample."""

    width: int
    height: int

    @property
    def fills(self) -> bool:
        """Whether nothing of the frame is left to fill."""
        return (self.width, self.height) == (WIDTH, HEIGHT)


def fit(probe: Probe) -> Fit:
    """Fit the whole picture into the frame."""
    shape = (probe.width / probe.height) / (WIDTH / HEIGHT)
    if abs(shape - 1) <= STRETCH:
        return Fit(WIDTH, HEIGHT)
    if shape > 1:
        return Fit(WIDTH, max(4, round(HEIGHT / shape / 4) * 4))
    return Fit(max(4, round(WIDTH * shape / 4) * 4), HEIGHT)


def fitted(probe: Probe) -> list[str]:
    """Return the filters that scale the clip and bring its colours to ours; its turn was made by FFmpeg before."""
    size = fit(probe)
    colours = _colours(probe)
    if probe.hdr == "HLG" and colours.primaries == "bt2020":
        ours = _looked_up(colours, size)
    elif probe.hdr:
        ours = _tone_mapped(probe, size)
    elif colours == OURS:
        ours = [f"scale={size.width}:{size.height}:flags=bicubic"]
    else:
        ours = [colours.tagged(), f"zscale=w={size.width}:h={size.height}:filter=bicubic:{OURS.made()}"]
    return [*ours, "format=yuv420p", TAGGED]


def filled(probe: Probe, source: str, target: str) -> list[str]:
    """Return the chains that lay the fitted picture over a blurred, darkened enlargement of its own middle."""
    size = fit(probe)
    if size.fills:
        return [f"[{source}]null[{target}]"]
    wide, high = min(size.width, size.height * 16 // 9), min(size.height, size.width * 9 // 16)
    # Blurred while small, which is nearly free; the enlargement blurs the rest.
    blurred = f"crop={wide}:{high},scale=160:90:flags=area,gblur=sigma=5:steps=2"
    darkened = "lutyuv=y=16+(val-16)*0.5:u=128+(val-128)*0.8:v=128+(val-128)*0.8"
    return [
        f"[{source}]split[whole][middle]",
        f"[middle]{blurred},{darkened},scale={WIDTH}:{HEIGHT}:flags=bicubic,setsar=1[fill]",
        f"[fill][whole]overlay={(WIDTH - size.width) // 2}:{(HEIGHT - size.height) // 2}:format=yuv420[{target}]",
    ]


def _looked_up(colours: Colours, size: Fit) -> list[str]:
    """Scale first, then look up in the table of HLG; 16 bits, for which FFmpeg's look-up is the fastest."""
    return [
        colours.tagged(),
        f"scale={size.width}:{size.height}:flags=bicubic",
        "format=gbrp16le",
        f"lut3d=file={_in_graph(hlg.TABLE)}:interp=tetrahedral",
        "scale=out_color_matrix=bt709:out_range=tv",
    ]


def _tone_mapped(probe: Probe, size: Fit) -> list[str]:
    """Scale first, while samples are small; then to linear light, BT.709 primaries, and down to what a screen shows."""
    peak = min(probe.peak_nits or PEAK_NITS, PEAK_MOST_NITS) / WHITE_NITS
    return [
        f"scale={size.width}:{size.height}:flags=bicubic",
        "format=yuv420p10le",
        _colours(probe).tagged(),  # zscale fails on a picture that does not say what it is
        f"zscale=t=linear:npl={WHITE_NITS}",
        "format=gbrpf32le",
        "zscale=p=bt709",
        f"tonemap=mobius:param={KNEE}:desat=0:peak={max(peak, 1):.3f}",
        f"zscale={OURS.made()}",
    ]


def _in_graph(path: Path) -> str:
    """Write a path so that it passes through both readings of a graph, first as filters, then as their options."""
    option = re.sub(r"([\\':])", r"\\\1", str(path))
    return re.sub(r"([\\'\[\],;])", r"\\\1", option)


def _colours(probe: Probe) -> Colours:
    """Return the colours as tagged; what the file does not say is taken as players take it."""
    if probe.hdr:
        matrix, primaries = probe.matrix or "bt2020nc", probe.primaries or "bt2020"
    else:
        matrix = probe.matrix or ("smpte170m" if probe.coded_height <= SD_HEIGHT else "bt709")
        primaries = probe.primaries or "bt709"
    reach = probe.range or ("pc" if probe.pixels.startswith("yuvj") else "tv")
    # Players show every curve of standard range alike; to convert sRGB's, say, would only lift the shadows.
    transfer = probe.transfer if probe.hdr or probe.transfer == "linear" else "bt709"
    return Colours(matrix, transfer or "bt709", primaries, reach)
