"""What people wait for: votes accepted through nginx, pages of the ranking, and lists, while votes are cast."""

from collections.abc import Mapping
from urllib.parse import quote

from verify.bench.contest import before
from verify.bench.contest.ballots import SqlVotes, beside
from verify.bench.contest.stage import VOTERS, Stage
from verify.bench.load import Load, VoteLoad, drive
from verify.kit.figures import Figure, Goal, Limit, percentile

SUITE = "contest"
SECONDS = 4.0
CLIPS = 20  # that everyone votes for in one turn: more than the time suffices for
READS, VOTES = 200, 100  # a second
PAGE = 20
TWICE, FAST = Goal("at least", 2, "ratio"), Goal("at most", 25, "value")
SEARCH = f"/api/public/videos?q={quote('Lucía 77')}"


def accepted(large: Stage, small: Stage, repeats: int) -> list[Figure]:
    """Let 64 connections vote as fast as they can, and again at the earlier commit."""
    del small
    ours, earlier, waits = [], [], []
    tokens = large.tokens
    with before.platform(VOTERS, CLIPS * (repeats + 1)) as other:
        for turn in range(repeats + 1):  # the first is for warming up
            tally = drive(_votes(large, tokens))
            ours.append(tally.rate)
            waits += tally.waits
            if other is not None:
                clips = other.videos[turn * CLIPS :][:CLIPS]
                earlier.append(drive(VoteLoad(other.port, "", seconds=SECONDS, tokens=other.tokens, videos=clips)).rate)
    limit = Limit(f"the same endpoint at commit {before.COMMIT}", tuple(earlier[1:])) if earlier else None
    note = f"p95 {percentile(waits, 95) * 1000:.0f} ms at 64 connections; tokens checked, log and tallies on"
    note += "" if limit else f"; commit {before.COMMIT} could not be run here"
    return [Figure(SUITE, "votes accepted through nginx", "votes/s", tuple(ours[1:]), limit, TWICE, note=note)]


def best_rate(stage: Stage) -> float:
    """Return how many votes a second are accepted, by one turn."""
    return drive(_votes(stage, stage.tokens)).rate


def _votes(stage: Stage, tokens: tuple[str, ...]) -> VoteLoad:
    clips = stage.fresh_clips(CLIPS)
    return VoteLoad(stage.rig.port, "", seconds=SECONDS, tokens=tokens, videos=clips)


def ranked(large: Stage, small: Stage, repeats: int) -> list[Figure]:
    """Request pages of the ranking at a steady rate, unshared, while votes are cast, at both sizes in turns."""
    return [
        figure
        for name, path in {
            "ranking, the country": "/api/public/rankings?page={first}",
            "ranking, a city": "/api/public/rankings?city=cali&page={first}",
            "ranking, the 50,000th place": "/api/public/rankings?page={middle}",
        }.items()
        for figure in _compared(name, path, (large, small), repeats, Goal("at most", 1.5, "ratio"), value=FAST)
    ]


def listed(large: Stage, small: Stage, repeats: int) -> list[Figure]:
    """Request lists in the same way."""
    paths: Mapping[str, str] = {
        "list, newest": "/api/public/videos",
        "list, most voted": "/api/public/videos?order=votes",
        "list, search": SEARCH,
    }
    goal = Goal("at most", 2, "ratio")
    return [figure for name, path in paths.items() for figure in _compared(name, path, (large, small), repeats, goal)]


def _compared(
    name: str, path: str, both: tuple[Stage, Stage], repeats: int, goal: Goal, value: Goal | None = None
) -> list[Figure]:
    seen: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats):
        for stage, p95s in zip(both, seen, strict=True):
            p95s.append(_p95(stage, path.format(first=1, middle=stage.size.players // 2 // PAGE)))
    large, small = both
    limit = Limit(f"the same at {small.size.clips:,} clips and {small.size.votes:,} votes", tuple(seen[1]))
    note = f"{READS} requests and {VOTES} votes a second; {large.size.clips:,} clips, {large.size.votes:,} votes"
    title = f"{name}, p95"
    figures = [Figure(SUITE, title, "ms", tuple(seen[0]), limit, goal, note=note)]
    return [*figures, Figure(SUITE, f"{title}, by itself", "ms", tuple(seen[0]), None, value)] if value else figures


def _p95(stage: Stage, path: str) -> float:
    with beside(SqlVotes(stage, VOTES)):
        tally = drive(Load(stage.port, path, rate=READS, seconds=SECONDS))
    return 1000 * percentile(tally.waits, 95)
