"""Generates the tables of docs/corpus.md from the corpus."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from anb.media.rules import REFUSALS
from support.corpus import faults
from support.corpus.cases import Accepted, RefusedClip
from support.corpus.everything import ACCEPTED
from support.corpus.refusals import REFUSED
from support.corpus.source import ClipSource

Case = TypeVar("Case", Accepted, RefusedClip)

_CODECS = {
    "libx264": "H.264",
    "paff": "H.264 of fields",
    "libx265": "HEVC",
    "libvpx": "VP8",
    "libvpx-vp9": "VP9",
    "libsvtav1": "AV1",
    "mpeg4": "MPEG-4 Part 2",
    "mjpeg": "JPEG",
    "prores_ks": "ProRes",
}


def counted() -> str:
    """Return the sentence that counts the clips."""
    passed, broken = (sum(len(cases) for cases in groups.values()) for groups in (ACCEPTED, REFUSED))
    daily = sum(case.daily for cases in ACCEPTED.values() for case in cases)
    return f"{passed + broken} clips: {passed} accepted, of which `make test` edits {daily}, and {broken} refused."


def accepted() -> str:
    """Return the table of accepted clips."""
    rows = [(group, f"`{case.name}`", _made(case.source), _edit(case)) for group, case in _named(ACCEPTED)]
    return _table(("", "clip", "file", "edit"), rows)


def refused() -> str:
    """Return the table of refused clips."""
    rows = [(group, f"`{case.name}`", _made(case.source), case.es, case.en) for group, case in _named(REFUSED)]
    return _table(("", "clip", "file", "español", "English"), rows)


def refusals() -> str:
    """Return the table of refusals, each with the clips that cause it."""
    shown = {kind: [f"`{case.name}`" for _, case in _named(REFUSED) if case.because is kind] for kind in REFUSALS}
    rows = [
        (
            f"`{kind.code}`",
            str(kind.status),
            *map(kind.pattern, ("es", "en")),
            "; ".join(shown[kind]) or "**none**",
        )
        for kind in REFUSALS
    ]
    return _table(("code", "status", "español", "English", "clips that show it"), rows)


def tolerances() -> str:
    """Return the table of tolerances."""
    bright = f"ΔE ≤ {faults.HDR_BRIGHT_MOST:g}, of which hue ≤ {faults.HDR_HUE_MOST:g}"
    rows = [
        ("colours of standard range", f"ΔE ≤ {faults.SDR_MOST:g} (CIEDE2000)"),
        ("HDR, up to half of paper white", f"ΔE ≤ {faults.HDR_MOST:g}"),
        ("HDR, brighter: rolled off", bright),
        ("greys, everywhere", f"chroma ≤ {faults.GREY_MOST:g}"),
        ("light edge around the picture, each side", f"within {faults.EDGE_PIXELS:g} px of its width"),
        ("moment of each picture", "within half a frame of the edit"),
        ("number of frames, first and last picture", "exact"),
    ]
    return _table(("what", "how exact"), rows)


def _named(groups: Mapping[str, Sequence[Case]]) -> Iterator[tuple[str, Case]]:
    """Yield the clips with the group's name, which is empty after the first one."""
    for group, cases in groups.items():
        for place, case in enumerate(cases):
            yield "" if place else group, case


def _made(source: ClipSource) -> str:
    """Describe the contents of a clip's file."""
    codec = _CODECS[source.coded[1]] if source.coded else "sound alone"
    size = "x".join(map(str, source.stored))
    parts = [f"{codec} in {source.container}", size, source.pixels if source.pixels != "yuv420p" else ""]
    turned = f"turned {source.turned.clockwise}°" if source.turned.clockwise else ""
    parts += [turned, "mirrored" if source.turned.mirrored else ""]
    parts += [f"{source.frames} pictures", *(f"then {_made(part)}" for part in source.parts[1:2])]
    return ", ".join(part for part in parts if part)


def _edit(case: Accepted) -> str:
    return f"{case.frames} frames at {case.rate}{', daily' if case.daily else ''}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
