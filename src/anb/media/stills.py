"""One still a second of the clip: poster and sprite are made of these, and a poster is the best of them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

TILE_WIDTH, TILE_HEIGHT = 160, 90
COLUMNS = 10
MOST_TILES = 100  # of one sheet; of a longer clip there are fewer a minute

# The small grey picture by which a still's light is judged.
LOOK_WIDTH, LOOK_HEIGHT = 64, 36
LOOK_BYTES = LOOK_WIDTH * LOOK_HEIGHT
MIDDLE_GREY = 118  # what cameras expose for
BLACK, WHITE = 16, 239  # nothing can be made out at or beyond these

BEGINS = b"\xff\xd8\xff"  # a JPEG; in its data FF is followed by 00, or by the number of a part

# JPEG has no tags for colours: it is full range and BT.601. Each of its legs converts for itself, and says so.
JPEG = "scale={size}out_range=pc:out_color_matrix=bt601,format=yuv420p,setparams=range=pc:colorspace=smpte170m"


@dataclass(frozen=True)
class Stills:
    """Which frames of a clip are stills, and where each lies on the sheet; the first tile is the bumper's."""

    rate: int  # frames per second
    clip_frames: int

    @property
    def step(self) -> int:
        """Frames from one still to the next."""
        seconds = self.clip_frames / self.rate
        return self.rate * max(1, math.ceil(seconds / (MOST_TILES - 1)))

    @property
    def count(self) -> int:
        """How many there are."""
        return math.ceil(self.clip_frames / self.step)

    @property
    def sheet(self) -> tuple[int, int]:
        """Pixels of the sheet across and down."""
        return COLUMNS * TILE_WIDTH, self._rows * TILE_HEIGHT

    @property
    def _rows(self) -> int:
        return math.ceil((1 + self.count) / COLUMNS)

    def chains(self, source: str, bumper: str, first: int) -> list[str]:
        """Return the filters to [posters], [looks] and [sprite], where the clip begins at frame `first` of a source."""
        within = f"gte(n\\,{first})*lt(n\\,{first + self.clip_frames})"
        tile = JPEG.format(size=f"{TILE_WIDTH}:{TILE_HEIGHT}:flags=area:")
        tiles = 1 + self.count
        # The sheet is written anew with each still, sliding into its place: FFmpeg tells no progress before every
        # output has begun, and would seem to hang.
        sliding = f"nb_frames={tiles}:overlap={tiles - 1}:init_padding={tiles - 1}"
        # When each sheet is, told anew: one picture alone has no length by which to move those behind it.
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
        """Say which tile is shown when in the edit (WebVTT), for players to show while somebody seeks."""
        cues = [
            f"{_clock(start)} --> {_clock(end)}\nsprite#xywh={_place(tile)}"
            for tile, start, end in self._cues(bumper_frames)
        ]
        return "\n\n".join(["WEBVTT", *cues]) + "\n"

    def _cues(self, bumper_frames: int) -> Iterator[tuple[int, float, float]]:
        """Give tile, start and end in seconds."""
        bumper, clip = bumper_frames / self.rate, self.clip_frames / self.rate
        yield 0, 0, bumper
        for still in range(self.count):
            start, end = (number * self.step / self.rate for number in (still, still + 1))
            yield 1 + still, bumper + start, bumper + min(end, clip)
        yield 0, bumper + clip, clip + 2 * bumper


def best(posters: list[bytes], looks: bytes) -> bytes:
    """Return the still to show for the whole: sharp, and lit so that one sees something."""

    def score(number: int) -> float:
        # At one quality, the sharper picture takes more bytes; what moves is blurred and takes fewer.
        return len(posters[number]) * lit(looks[number * LOOK_BYTES : (number + 1) * LOOK_BYTES])

    return posters[max(range(len(posters)), key=score)]


def parted(posters: bytes) -> list[bytes]:
    """Take apart JPEGs that were written one behind the other: inside of one, no picture begins."""
    return [BEGINS + rest for rest in posters.split(BEGINS)[1:]]


def lit(look: bytes) -> float:
    """Say how well exposed a small grey picture is: 1 is best; 0 is black, white, or nothing at all."""
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
