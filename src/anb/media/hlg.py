"""How HLG, the HDR that phones film by default, looks in standard range: a table from R'G'B' to R'G'B'.

It is a table because in HLG light depends on the brightness of the whole pixel (BT.2100's OOTF). FFmpeg's filters
either ignore this, so that colours come out too strong, or take twice the time. The module uses the standard library
only: the table is written when the package is built.
"""

import math
from collections.abc import Iterator
from itertools import product
from pathlib import Path

TABLE = Path(__file__).with_name("hlg.cube")
STEPS = 33

# White paper in HDR: BT.2408 puts it at 203 cd/m². Light below half of it is unchanged, above it is rolled off. An SDR
# picture that goes through HDR comes back 4 times closer to itself than by the usual hable at 100 cd/m².
WHITE_NITS = 203
KNEE = 0.5
PEAK_NITS = 1000.0  # of phones' HDR, where the master does not say; the display that HLG is defined for

_A, _B, _C, _DARK = 0.17883277, 0.28466892, 0.55991073, 0.5
_LUMA = (0.2627, 0.6780, 0.0593)
_GAMMA = 1.2
_SCREEN_GAMMA = 2.4  # BT.1886
_TO_BT709 = ((1.660491, -0.587641, -0.072850), (-0.124550, 1.132900, -0.008349), (-0.018151, -0.100579, 1.118730))

Colour = tuple[float, float, float]


def write(path: Path = TABLE) -> None:
    """Write the table in FFmpeg's format, with red running fastest."""
    rows = [f"LUT_3D_SIZE {STEPS}", *(" ".join(f"{part:.5f}" for part in seen(colour)) for colour in _grid())]
    path.write_text("\n".join(rows) + "\n", encoding="ascii")


def seen(signal: Colour) -> Colour:
    """Return the BT.709 R'G'B' that shows an HLG R'G'B' of BT.2020; all values from 0 to 1."""
    scene = [part * part / 3 if part <= _DARK else (math.exp((part - _C) / _A) + _B) / 12 for part in signal]
    bright = sum(weight * part for weight, part in zip(_LUMA, scene, strict=True))
    lift = bright ** (_GAMMA - 1) * PEAK_NITS / WHITE_NITS
    light = [max(0.0, lift * sum(a * b for a, b in zip(row, scene, strict=True))) for row in _TO_BT709]
    rolled = roll_off(max(light), PEAK_NITS / WHITE_NITS) / (max(light) or 1.0)
    red, green, blue = (min(part * rolled, 1.0) ** (1 / _SCREEN_GAMMA) for part in light)
    return red, green, blue


def roll_off(light: float, peak: float) -> float:
    """Return the light after roll-off, by which its peak becomes white: FFmpeg's `mobius`, as for PQ."""
    if light <= KNEE:
        return light
    a = -KNEE * KNEE * (peak - 1) / (KNEE * KNEE - 2 * KNEE + peak)
    b = (KNEE * KNEE - 2 * KNEE * peak + peak) / (peak - 1)
    return (b * b + 2 * b * KNEE + KNEE * KNEE) / (b - a) * (light + a) / (light + b)


def _grid() -> Iterator[Colour]:
    steps = [step / (STEPS - 1) for step in range(STEPS)]
    return ((red, green, blue) for blue, green, red in product(steps, repeat=3))
