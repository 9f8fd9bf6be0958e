"""All accepted clips of the corpus, by groups, in the order of the page."""

from support.corpus.cases import Accepted
from support.corpus.changes import RECOLOURED, RESCANNED, TURNED
from support.corpus.colour_cases import CHROMA, CODECS, COLOURS, HDR, INTERLACED
from support.corpus.containers import CHANGING, CONTAINERS, STREAMS
from support.corpus.rare import CROPPED, ENTRIES, FIELDS, LATE, SPOKEN
from support.corpus.rare_files import BROKEN, CROPS, MATRICES, ODD, TOLD, TRACKS, UNMARKED
from support.corpus.rare_files import RATES as STRANGE_RATES
from support.corpus.shapes import SHAPES, SIZES, TURNS
from support.corpus.times import BEGINNINGS, EDIT_LISTS, ENDS, LENGTHS, RATES, TICKS, VARIABLE

ACCEPTED: dict[str, list[Accepted]] = {
    "how it is held": TURNS,
    "shapes": SHAPES,
    "sizes": SIZES,
    "rates": [*RATES, *TICKS],
    "variable rates and gaps": VARIABLE,
    "beginnings": BEGINNINGS,
    "edit lists": EDIT_LISTS,
    "times that make no sense": LATE,
    "ends": ENDS,
    "lengths, at the contest's limits": LENGTHS,
    "codecs": CODECS,
    "colours": COLOURS,
    "high dynamic range": HDR,
    "chroma": CHROMA,
    "interlaced": [*INTERLACED, *FIELDS],
    "containers": CONTAINERS,
    "changing sizes": CHANGING,
    "other streams": STREAMS,
    "odd sizes, beyond BT.709": ODD,
    "turned while it is recorded": [*TURNED, *ENTRIES],
    "colours that change midway": RECOLOURED,
    "scan that changes midway": RESCANNED,
    "matrices without a conversion": MATRICES,
    "unmarked keyframes": UNMARKED,
    "colours that the container tells": TOLD,
    "crops": CROPS,
    "crops that the headers tell": CROPPED,
    "turns that HEVC tells": SPOKEN,
    "broken or strange beginnings": BROKEN,
    "more rates": STRANGE_RATES,
    "tracks before the clip's": TRACKS,
}
