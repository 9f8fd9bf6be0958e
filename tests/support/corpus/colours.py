"""Colours as files have them and as people see them, by the formulas of the standards, without FFmpeg."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]  # last axis: red, green, blue

# Kr and Kb of each matrix (ITU-T H.273), by FFmpeg's names.
_LUMA = {
    "bt709": (0.2126, 0.0722),
    "smpte170m": (0.299, 0.114),
    "bt470bg": (0.299, 0.114),
    "bt2020nc": (0.2627, 0.0593),
}
# Red, green, blue as x, y; white is D65 in all of them.
_PRIMARIES = {
    "bt709": ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
    "bt470bg": ((0.640, 0.330), (0.290, 0.600), (0.150, 0.060)),
    "smpte170m": ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    "smpte432": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    "bt2020": ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
}
_WHITE = (0.3127, 0.3290)

PAPER_NITS = 203.0  # paper white in HDR (ITU-R BT.2408)
DISPLAY_GAMMA = 2.4  # of a display of standard range (ITU-R BT.1886)
HLG_NITS, HLG_GAMMA = 1000.0, 1.2


@dataclass(frozen=True)
class ColourTags:
    """How the numbers of a file encode colours, and which of this the file declares; FFmpeg's names."""

    matrix: str = "bt709"
    transfer: str = "bt709"
    primaries: str = "bt709"
    range: str = "tv"
    tagged: tuple[str, ...] = ("matrix", "transfer", "primaries", "range")

    @property
    def hdr(self) -> bool:
        """Whether its white may be brighter than paper."""
        return self.transfer in {"smpte2084", "arib-std-b67"}

    def tags(self) -> str:
        """Return the filter that tags a picture so, or removes its tags."""
        names = {"matrix": "colorspace", "transfer": "color_trc", "primaries": "color_primaries", "range": "range"}
        said = {names[tag]: getattr(self, tag) if tag in self.tagged else "unknown" for tag in names}
        return "setparams=" + ":".join(f"{name}={value}" for name, value in said.items())


def encoded(seen: Numbers, look: ColourTags, bits: int) -> NDArray[np.uint16]:
    """Return the samples of a file (Y, Cb, Cr, or G, B, R) that show colours; 1.0 is paper white, more a highlight."""
    coded = signal(seen, look)
    if look.matrix == "gbr":
        return np.asarray(np.rint(coded[..., [1, 2, 0]] * (2**bits - 1)), np.uint16)
    red, blue = _LUMA[look.matrix]
    luma = coded @ np.array([red, 1 - red - blue, blue])
    blueness = (coded[..., 2] - luma) / (2 * (1 - blue))
    redness = (coded[..., 0] - luma) / (2 * (1 - red))
    step, most = 2.0 ** (bits - 8), 2.0**bits - 1
    if look.range == "pc":
        samples = [luma * most, blueness * most + 128 * step, redness * most + 128 * step]
    else:
        samples = [(16 + 219 * luma) * step, (128 + 224 * blueness) * step, (128 + 224 * redness) * step]
    return np.asarray(np.rint(np.clip(np.stack(samples, axis=-1), 0, most)), np.uint16)


def decoded(samples: Numbers) -> Numbers:
    """Return what people see of an edit's Y, Cb, Cr: BT.709, limited, 8 bits."""
    return np.clip(_uncoded(samples, ColourTags(), 8), 0, 1)


def shown_by(samples: NDArray[np.uint16], look: ColourTags, bits: int) -> Numbers:
    """Return what people see of a file's samples, the inverse of `encoded`; standard range only.

    Samples are whole numbers, and primaries reach only so far: both take something from the scene before any edit does.
    """
    assert not look.hdr
    coded = np.clip(_uncoded(samples.astype(float), look, bits), 0, 1)
    if look.primaries == "bt709":
        return coded
    light = coded**DISPLAY_GAMMA @ (np.linalg.inv(_to_xyz("bt709")) @ _to_xyz(look.primaries)).T
    return np.asarray(np.clip(light, 0, 1) ** (1 / DISPLAY_GAMMA))


def _uncoded(samples: Numbers, look: ColourTags, bits: int) -> Numbers:
    """Return R'G'B' in the file's own colours."""
    step, most = 2.0 ** (bits - 8), 2.0**bits - 1
    if look.matrix == "gbr":
        return np.asarray(samples[..., [2, 0, 1]] / most)
    if look.range == "pc":
        luma, chroma = samples[..., 0] / most, (samples[..., 1:] - 128 * step) / most
    else:
        luma, chroma = (samples[..., 0] / step - 16) / 219, (samples[..., 1:] / step - 128) / 224
    red, blue = _LUMA[look.matrix]
    blueness, redness = chroma[..., 0], chroma[..., 1]
    reds, blues = luma + 2 * (1 - red) * redness, luma + 2 * (1 - blue) * blueness
    greens = (luma - red * reds - blue * blues) / (1 - red - blue)
    return np.stack([reds, greens, blues], axis=-1)


def signal(seen: Numbers, look: ColourTags) -> Numbers:
    """Return R'G'B' in the file's own colours. Pictures of standard range of the same primaries keep their numbers."""
    if look.primaries == "bt709" and not look.hdr:
        return seen
    light = seen**DISPLAY_GAMMA @ (np.linalg.inv(_to_xyz(look.primaries)) @ _to_xyz("bt709")).T
    light = np.maximum(light, 0)
    if look.transfer == "smpte2084":
        return _pq(light * PAPER_NITS)
    if look.transfer == "arib-std-b67":
        return _hlg(light * PAPER_NITS)
    return np.asarray(np.clip(light, 0, 1) ** (1 / DISPLAY_GAMMA))


def _pq(nits: Numbers) -> Numbers:
    """SMPTE ST 2084."""
    power = (nits / 10000) ** (2610 / 16384)
    return np.asarray(((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32))


def _hlg(nits: Numbers) -> Numbers:
    """ITU-R BT.2100, for a display of 1000 cd/m²: from its light back to the scene's, then the camera's curve."""
    luma = nits @ np.array([0.2627, 0.6780, 0.0593]) / HLG_NITS
    scene = nits / HLG_NITS * np.maximum(luma, 1e-9)[..., None] ** (1 / HLG_GAMMA - 1)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.asarray(np.where(scene <= 1 / 12, np.sqrt(3 * scene), a * np.log(np.maximum(12 * scene - b, 1e-9)) + c))


def _to_xyz(primaries: str) -> Numbers:
    columns = np.array([(x / y, 1, (1 - x - y) / y) for x, y in _PRIMARIES[primaries]]).T
    x, y = _WHITE
    return np.asarray(columns * np.linalg.solve(columns, np.array([x / y, 1, (1 - x - y) / y])))


def lab(srgb: Numbers) -> Numbers:
    """Return CIE L*a*b* (D65) of sRGB, each from 0 to 1."""
    light = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    white = _to_xyz("bt709") @ np.ones(3)
    part = light @ _to_xyz("bt709").T / white
    x, y, z = np.moveaxis(np.where(part > 216 / 24389, np.cbrt(part), (24389 / 27 * part + 16) / 116), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def delta_e(one: Numbers, other: Numbers) -> float:
    """Return the visible distance of two colours (L*a*b*) by CIEDE2000: 1 is just visible side by side."""
    lightness, colourful, turned, coupling = _apart(one, other)
    return float(np.sqrt(lightness**2 + colourful**2 + turned**2 + coupling * colourful * turned))


def hue_apart(one: Numbers, other: Numbers) -> float:
    """Return the hue part of it. The angle says little about pale colours: one step of 8 bits changes it much."""
    return abs(_apart(one, other)[2])


def _apart(one: Numbers, other: Numbers) -> tuple[float, float, float, float]:
    """Return the distance of two colours in lightness, chroma and hue, and the term that joins the last two."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    grey = 1.5 - 0.5 * np.sqrt(mean**7 / (mean**7 + 25.0**7))
    c1, c2 = np.hypot(a1 * grey, b1), np.hypot(a2 * grey, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a * grey)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    hue = h1 + h2 if c1 * c2 == 0 else (h1 + turn / 2) % 360
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    bend = 1 - 0.17 * _cos(hue - 30) + 0.24 * _cos(2 * hue) + 0.32 * _cos(3 * hue + 6) - 0.20 * _cos(4 * hue - 63)
    lightness = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2))
    colourful = (c2 - c1) / (1 + 0.045 * chroma)
    turned = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)) / (1 + 0.015 * chroma * bend)
    blue = 60 * np.exp(-(((hue - 275) / 25) ** 2))
    coupling = -np.sin(np.radians(blue)) * 2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
    return float(lightness), float(colourful), float(turned), float(coupling)


def _cos(degrees: float) -> float:
    return float(np.cos(np.radians(degrees)))
