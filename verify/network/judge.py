"""The invariants of each cell, whatever the network did: each check yields a sentence for every violation.

A clip arrives complete, or continues from the acknowledged offset until it does, or its sender is told why. Judged from
outside, by client, nginx, PostgreSQL and the disk, without the product's code.
"""

from collections.abc import Callable, Iterator, Mapping

from verify.network.evidence import CellEvidence, Remains

SERVER_FAULT, REFUSED, BUSY = 500, 400, 503
PROBLEM = "application/problem+json"
# The cost of a break for a tus client: bytes held by nginx, not yet acknowledged as safe (each second), or on the way;
# the same again if the server had not noticed yet that its client was gone.
LOST_BYTES, LOST_SECONDS = 700_000, 3.0
HEAD_BYTES = 12_000  # of each connection: TLS, heads, framing
FRAMING = 1.02
BREAKING = frozenset({"reset", "finish", "blackhole", "lost-reply", "half-close"})
Check = Callable[[CellEvidence], Iterator[str]]


def hung(evidence: CellEvidence) -> Iterator[str]:
    """It ends in some way within its time limit."""
    if evidence.outcome == "hung":
        yield f"no end after {evidence.seconds:.0f} s"


def untouched(evidence: CellEvidence) -> Iterator[str]:
    """The network fault happened. Otherwise the cell proves nothing."""
    if evidence.cell.event.has_place and not evidence.struck:
        yield f"{evidence.cell.event} never happened"


def crashed(evidence: CellEvidence) -> Iterator[str]:
    """No answer is a 5xx except 503, received or not."""
    for status in [*evidence.logged, *(answer.status for answer in evidence.answers)]:
        if status >= SERVER_FAULT and status != BUSY:
            yield f"answered {status}"


def unexplained(evidence: CellEvidence) -> Iterator[str]:
    """A client that fails is told why."""
    if evidence.outcome == "gave up":
        yield f"its client gave up without a reason: {' | '.join(evidence.failures[-2:])[:300]}"
    if evidence.outcome == "told":
        last = evidence.answers[-1] if evidence.answers else None
        if last is None or last.status < REFUSED:
            yield "its client was told nothing"
        elif evidence.cell.door == "tus" and last.method != "HEAD" and not last.kind.startswith(PROBLEM):
            yield f"{last.status} came without a problem document: {last.kind}"


def refused(evidence: CellEvidence) -> Iterator[str]:
    """A good clip is not refused for good because of a bad network."""
    if evidence.outcome == "told" and evidence.answers and evidence.answers[-1].status != BUSY:
        yield f"a good clip was refused: {evidence.answers[-1].status} {evidence.answers[-1].detail[:200]}"


def damaged(evidence: CellEvidence) -> Iterator[str]:
    """A complete file equals the sent one, and an incomplete file does not exist."""
    if not evidence.cell.is_upload:
        if evidence.outcome == "whole" and evidence.fetched != evidence.sha256:
            yield "what came down is not the file"
        return
    for video in evidence.videos:
        if video.sha256 != evidence.sha256:
            yield f"video {video.id} has {'no file' if video.sha256 is None else 'other bytes than were sent'}"
    if evidence.outcome == "whole" and not evidence.videos:
        yield "its client was told that it is whole, and there is no video"


def doubled(evidence: CellEvidence) -> Iterator[str]:
    """A clip becomes one video, however often its client had to try."""
    if len(evidence.videos) > 1:
        yield f"{len(evidence.videos)} videos of one clip"


def unheard(evidence: CellEvidence) -> Iterator[str]:
    """A clip that became a video is not reported as lost."""
    if evidence.videos and evidence.outcome in {"told", "gave up"}:
        yield "the video is there, and its client was never told"


def forgotten(evidence: CellEvidence) -> Iterator[str]:
    """Acknowledged bytes stay acknowledged."""
    most = 0
    for answer in evidence.answers:
        if answer.offset is None or answer.status >= REFUSED:
            continue
        if answer.offset < most:
            yield f"{answer.method} said {answer.offset} after {most} had been acknowledged"
        most = max(most, answer.offset)


def started_over(evidence: CellEvidence) -> Iterator[str]:
    """A client begins a resumable upload only once, unless it never received the first answer."""
    allowed = 2 if evidence.cell.event.kind in BREAKING else 1
    if len(evidence.uploads) > allowed:
        yield f"{len(evidence.uploads)} resumable uploads of one clip"


def wasted(evidence: CellEvidence) -> Iterator[str]:
    """The bytes sent again are bounded."""
    if evidence.cell.door != "tus":
        return
    breaks = (
        len(evidence.failures)
        + (evidence.cell.event.kind in BREAKING)
        + sum(one.status == 409 for one in evidence.answers)
    )
    per_break = min(evidence.size, LOST_BYTES + LOST_SECONDS * (evidence.cell.rate or evidence.size))
    most = FRAMING * (evidence.size + breaks * per_break) + HEAD_BYTES * (evidence.connections + len(evidence.answers))
    if evidence.passed > most:
        yield f"{evidence.passed} bytes were sent for {evidence.size}, {breaks} breaks explain {most:.0f}"


CHECKS: Mapping[str, Check] = {
    "cells that hang": hung,
    "cells in which nothing went wrong": untouched,
    "5xx answers other than 503": crashed,
    "clients that were told nothing": unexplained,
    "good clips refused": refused,
    "files damaged or missing": damaged,
    "videos doubled": doubled,
    "videos whose clients were never told": unheard,
    "acknowledged bytes forgotten": forgotten,
    "uploads begun anew": started_over,
    "bytes sent again beyond the bound": wasted,
}


def findings(evidence: CellEvidence) -> list[str]:
    """Return every violation in a cell."""
    return [f"{name}: {case}" for name, check in CHECKS.items() for case in check(evidence)]


def left_over(evidence: Remains) -> list[str]:
    """Return everything that the cells left behind and should not have."""
    return [
        *(f"a file that no row knows: {key}" for key in evidence.unknown_files),
        *(f"an exception in the application's log: {line[:300]}" for line in evidence.crashes),
    ]


def verdict(evidence: CellEvidence) -> str:
    """Return in a word how a cell ended."""
    if findings(evidence):
        return "failed"
    again = evidence.failures or any(one.method == "HEAD" or one.status == 409 for one in evidence.answers)
    if evidence.outcome == "whole" and again:
        return "resumed" if evidence.cell.door in {"tus", "original", "processed"} else "repeated"
    return evidence.outcome
