"""All clips of the corpus that are accepted, by groups, in the order of the paper."""

from support.corpus import Accepted
from support.corpus_containers import CHANGING, CONTAINERS, STREAMS
from support.corpus_looks import CHROMA, CODECS, COLOURS, HDR, INTERLACED
from support.corpus_shapes import SHAPES, SIZES, TURNS
from support.corpus_times import BEGINNINGS, EDIT_LISTS, ENDS, LENGTHS, RATES, TICKS, VARIABLE

ACCEPTED: dict[str, list[Accepted]] = {
    "how it is held": TURNS,
    "shapes": SHAPES,
    "sizes": SIZES,
    "rates": [*RATES, *TICKS],
    "variable rates and gaps": VARIABLE,
    "beginnings": BEGINNINGS,
    "edit lists": EDIT_LISTS,
    "ends": ENDS,
    "lengths, at the contest's limits": LENGTHS,
    "codecs": CODECS,
    "colours": COLOURS,
    "high dynamic range": HDR,
    "chroma": CHROMA,
    "interlaced": INTERLACED,
    "containers": CONTAINERS,
    "changing sizes": CHANGING,
    "other streams": STREAMS,
}
