"""One still of the clip per second, for the sprite and the poster; the poster is the best of them."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from anb.media.renditions import Rendition

TILE_WIDTH, TILE_HEIGHT = 160, 90
COLUMNS = 10
MOST_TILES = 100  # of one sheet; a longer clip has fewer per minute

# The small grey picture by which a still's exposure is judged.
LOOK_WIDTH, LOOK_HEIGHT = 64, 36
LOOK_BYTES = LOOK_WIDTH * LOOK_HEIGHT
MIDDLE_GREY = 118  # the target exposure of cameras
BLACK, WHITE = 16, 239  # details are lost at or beyond these

BEGINS = b"\xff\xd8\xff"  # a JPEG; in its data FF is followed by 00, or by the number of a part

# The colours of a JPEG, in words; AVIF says them.
JPEG_COLOURS = "color_primaries=bt709:color_trc=iec61966-2-1"
# JPEG has no colour tags: it is full range and BT.601. Each chain converts to that and tags it.
JPEG = "scale={size}out_range=pc:out_color_matrix=bt601,format=yuv420p,setparams=range=pc:colorspace=smpte170m"


def smaller(sizes: Mapping[Rendition, tuple[int, int]]) -> str:
    """Return the graph from a poster to its smaller sizes: an output for each, in this order."""
    scaled = (JPEG.format(size=f"{width}:{height}:flags=area:") for width, height in sizes.values())
    chains = (f"[in{number}]{chain}:{JPEG_COLOURS}[size{number}]" for number, chain in enumerate(scaled))
    inputs = "".join(f"[in{number}]" for number in range(len(sizes)))
    return ";".join([f"[0:v]split={len(sizes)}{inputs}", *chains])


@dataclass(frozen=True)
class Stills:
    """Which frames of a clip are stills, and the place of each on the sheet; the first tile is the bumper's."""

    rate: int  # frames per second
    clip_frames: int

    @property
    def step(self) -> int:
        """Frames from one still to the next."""
        seconds = self.clip_frames / self.rate
        return self.rate * max(1, math.ceil(seconds / (MOST_TILES - 1)))

    @property
    def count(self) -> int:
        """The number of stills."""
        return math.ceil(self.clip_frames / self.step)

    @property
    def sheet(self) -> tuple[int, int]:
        """The size of the sheet in pixels, across and down."""
        return COLUMNS * TILE_WIDTH, self._rows * TILE_HEIGHT

    @property
    def _rows(self) -> int:
        return math.ceil((1 + self.count) / COLUMNS)

    def chains(self, source: str, bumper: str, first: int) -> list[str]:
        """Return the filters to [posters], [looks] and [sprite], where the clip begins at frame `first` of a source."""
        within = f"gte(n\\,{first})*lt(n\\,{first + self.clip_frames})"
        tile = JPEG.format(size=f"{TILE_WIDTH}:{TILE_HEIGHT}:flags=area:")
        tiles = 1 + self.count
        # The sheet is written again with each still, sliding into place: FFmpeg reports no progress before every output
        # has begun, and would seem to hang.
        sliding = f"nb_frames={tiles}:overlap={tiles - 1}:init_padding={tiles - 1}"
        # The time of each sheet, set explicitly: a single picture has no length by which to shift those after it.
        paced = f"setpts=N*{self.step}/{self.rate}/TB"
        return [
            f"[{source}]select='{within}*not(mod(n-{first}\\,{self.step}))',split=3[large][looked][small]",
            f"[large]{JPEG.format(size='')}[posters]",
            f"[looked]scale={LOOK_WIDTH}:{LOOK_HEIGHT}:flags=area:out_range=pc,format=gray[looks]",
            f"[small]{tile}[tiles]",
            f"[{bumper}]{tile}[tile]",
            f"[tile][tiles]concat=n=2:v=1:a=0,tile={COLUMNS}x{self._rows}:{sliding},{paced}[sprite]",
        ]

    def vtt(self, bumper_frames: int) -> str:
        """Return the tile to show at each time of the edit (WebVTT), for players to show during seeking."""
        cues = [
            f"{_clock(start)} --> {_clock(end)}\nsprite#xywh={_place(tile)}"
            for tile, start, end in self._cues(bumper_frames)
        ]
        return "\n\n".join(["WEBVTT", *cues]) + "\n"

    def _cues(self, bumper_frames: int) -> Iterator[tuple[int, float, float]]:
        """Yield tile, start and end in seconds."""
        bumper, clip = bumper_frames / self.rate, self.clip_frames / self.rate
        yield 0, 0, bumper
        for still in range(self.count):
            start, end = (number * self.step / self.rate for number in (still, still + 1))
            yield 1 + still, bumper + start, bumper + min(end, clip)
        yield 0, bumper + clip, clip + 2 * bumper


def best(posters: list[bytes], looks: bytes) -> bytes:
    """Return the best still: sharp and well exposed."""

    def score(number: int) -> float:
        # At the same quality, a sharper picture takes more bytes; motion blur takes fewer.
        return len(posters[number]) * lit(looks[number * LOOK_BYTES : (number + 1) * LOOK_BYTES])

    return posters[max(range(len(posters)), key=score)]


def parted(posters: bytes) -> list[bytes]:
    """Split JPEGs that were written one after another: within one, the start marker cannot occur."""
    return [BEGINS + rest for rest in posters.split(BEGINS)[1:]]


def lit(look: bytes) -> float:
    """Return how well exposed a small grey picture is: 1 is best, 0 is entirely black or white."""
    seen = [grey for grey in look if BLACK < grey < WHITE]
    if not seen:
        return 0.0
    off = (sum(look) / len(look) - MIDDLE_GREY) / MIDDLE_GREY
    return max(0.0, 1 - off * off) * len(seen) / len(look)


def _place(tile: int) -> str:
    return f"{tile % COLUMNS * TILE_WIDTH},{tile // COLUMNS * TILE_HEIGHT},{TILE_WIDTH},{TILE_HEIGHT}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"
