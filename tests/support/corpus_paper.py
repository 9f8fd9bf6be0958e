"""The tables of docs/corpus.md, told by the corpus itself."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from support import corpus_faults
from support.corpus import Accepted, Refused
from support.corpus_all import ACCEPTED
from support.corpus_refusals import REFUSED
from support.corpus_source import Source

Case = TypeVar("Case", Accepted, Refused)

_CODECS = {
    "libx264": "H.264",
    "libx265": "HEVC",
    "libvpx": "VP8",
    "libvpx-vp9": "VP9",
    "libsvtav1": "AV1",
    "mpeg4": "MPEG-4 Part 2",
    "mjpeg": "JPEG",
    "prores_ks": "ProRes",
}


def counted() -> str:
    """Say how many clips there are."""
    passed, broken = (sum(len(cases) for cases in groups.values()) for groups in (ACCEPTED, REFUSED))
    daily = sum(case.daily for cases in ACCEPTED.values() for case in cases)
    return f"{passed + broken} clips: {passed} accepted, of which `make test` edits {daily}, and {broken} refused."


def accepted() -> str:
    """Return the table of the clips that are accepted."""
    rows = [(group, case.name, _made(case.source), _edit(case)) for group, case in _named(ACCEPTED)]
    return _table(("", "clip", "file", "edit"), rows)


def refused() -> str:
    """Return the table of the clips that are refused."""
    rows = [(group, case.name, _made(case.source), case.es, case.en) for group, case in _named(REFUSED)]
    return _table(("", "clip", "file", "español", "English"), rows)


def tolerances() -> str:
    """Return the table of how exact an edit must be."""
    rows = [
        ("colours of standard range", f"ΔE ≤ {corpus_faults.SDR_MOST:g} (CIEDE2000)"),
        ("HDR, up to half of paper white", f"ΔE ≤ {corpus_faults.HDR_MOST:g}"),
        (
            "HDR, brighter: rolled off",
            f"ΔE ≤ {corpus_faults.HDR_BRIGHT_MOST:g}, hue within {corpus_faults.HDR_HUE_MOST:g}°",
        ),
        ("greys, everywhere", f"chroma ≤ {corpus_faults.GREY_MOST:g}"),
        ("light edge around the picture, each side", f"within {corpus_faults.EDGE_PIXELS:g} px of its width"),
        ("moment of each picture", "within half a frame of the edit"),
        ("number of frames, first and last picture", "exact"),
    ]
    return _table(("what", "how exact"), rows)


def _named(groups: Mapping[str, Sequence[Case]]) -> Iterator[tuple[str, Case]]:
    """Walk through the clips, each group's name beside its first one."""
    for group, cases in groups.items():
        for place, case in enumerate(cases):
            yield "" if place else group, case


def _made(source: Source) -> str:
    """Say what is in the file."""
    codec = _CODECS[source.coded[1]] if source.coded else "sound alone"
    size = f"{source.width}x{source.height + source.spare}"
    parts = [f"{codec} in {source.container}", size, source.pixels if source.pixels != "yuv420p" else ""]
    turned = f"turned {source.turned.clockwise}°" if source.turned.clockwise else ""
    parts += [turned, "mirrored" if source.turned.mirrored else ""]
    parts += [f"{source.frames} pictures"]
    return ", ".join(part for part in parts if part)


def _edit(case: Accepted) -> str:
    return f"{case.frames} frames at {case.rate}{', daily' if case.daily else ''}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
