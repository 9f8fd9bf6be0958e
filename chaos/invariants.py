"""What must hold whatever died: each check returns a sentence for every case in which it does not.

Judged from the clients' journals, PostgreSQL and the disk alone; nothing of the product is imported here.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from chaos.evidence import Evidence
from chaos.journal import Entry

INTERNAL = 500
Check = Callable[[Evidence], Iterator[str]]


def unended(seen: Evidence) -> Iterator[str]:
    """Every upload that was answered 201 ends as an edit, or failed with a reason."""
    for entry in _said(seen, "accepted"):
        task, video = entry.facts["task"], seen.videos.get(entry.facts["video"])
        job = seen.jobs.get(task)
        if video is None or job is None:
            yield f"task {task} was accepted and its rows are gone"
        elif not job.over:
            yield f"task {task} never ended: {job.state}, {job.spent} tries spent, video {video.status}"
        elif not (video.status == "processed" or (video.status == "failed" and video.reason)):
            yield f"task {task} is over, and its video is {video.status} without an edit or a reason"


def doubled(seen: Evidence) -> Iterator[str]:
    """A video has one whole set of renditions, by one job."""
    kinds = {one.kind for one in seen.renditions}
    by_video: dict[str, Counter[str]] = {}
    for one in seen.renditions:
        by_video.setdefault(one.video_id, Counter())[one.kind] += 1
    done = Counter(job.video_id for job in seen.jobs.values() if job.state == "done")
    for video in seen.videos.values():
        found = by_video.get(video.id, Counter())
        if video.status == "processed" and found != Counter(kinds):
            yield f"video {video.id} has renditions {dict(found)} of {sorted(kinds)}"
        if video.status != "processed" and found:
            yield f"video {video.id} is {video.status} and has renditions {dict(found)}"
        if done[video.id] != (video.status == "processed"):
            yield f"video {video.id} is {video.status} and {done[video.id]} of its jobs are done"


def wrong(seen: Evidence) -> Iterator[str]:
    """An edit is made of the very clip its player sent, and the original is kept as it came."""
    sent = {entry.facts["sha256"]: entry.facts["code"] for entry in _said(seen, "sending")}
    edits = {one.video_id: one.key for one in seen.renditions if one.kind == "processed"}
    for video in seen.videos.values():
        code = sent.get(video.original_sha256)
        if code is None:
            yield f"video {video.id} has an original that nobody sent"
        elif video.id in edits and (found := seen.codes.get(edits[video.id], "no file")) != code:
            yield f"video {video.id} came from clip {code}, and its edit shows {found}"
    for entry in _said(seen, "accepted"):
        of = seen.videos.get(entry.facts["video"])
        if of and of.original_sha256 != entry.facts["sha256"]:
            yield f"video {of.id} is not the clip its player sent"


def damaged(seen: Evidence) -> Iterator[str]:
    """Every row has its file, and the file is what the row says."""
    rows = [(video.original_key, video.original_sha256) for video in seen.videos.values()]
    rows += [(one.key, one.sha256) for one in seen.renditions]
    for key, sha256 in rows:
        if seen.files.get(key) != sha256:
            yield f"{key} is {'damaged' if key in seen.files else 'missing'}"


def orphaned(seen: Evidence) -> Iterator[str]:
    """Every file on the share has its row."""
    known = {video.original_key for video in seen.videos.values()} | {one.key for one in seen.renditions}
    yield from (f"{key} is known to no row" for key in sorted(set(seen.files) - known))


def miscounted(seen: Evidence) -> Iterator[str]:
    """A vote answered 200 stands exactly once, nobody votes unasked, and the public list says the same."""
    rows = Counter((vote.email, vote.video_id) for vote in seen.votes)
    told = {(entry.facts["email"], entry.facts["video"]) for entry in _said(seen, "voted")}
    asked = {(entry.facts["email"], entry.facts["video"]) for entry in _said(seen, "voting")}
    yield from (f"the vote {pair} was answered 200 and is lost" for pair in sorted(told - set(rows)))
    yield from (f"nobody asked for the vote {pair}" for pair in sorted(set(rows) - asked))
    yield from (f"the vote {pair} stands {times} times" for pair, times in rows.items() if times > 1)
    counted = Counter(vote.video_id for vote in seen.votes)
    for video, shown in seen.shown_votes.items():
        if shown != counted[video]:
            yield f"video {video} has {counted[video]} votes and shows {shown}"


def too_often(seen: Evidence) -> Iterator[str]:
    """No job is tried more often than allowed."""
    yield from (f"job {job.id}: {job.spent} tries" for job in seen.jobs.values() if job.spent > seen.attempts)


def broken_at_rest(seen: Evidence) -> Iterator[str]:
    """No answer is a 5xx while every part is up."""
    for entry in _said(seen, "broken"):
        if _at_rest(seen, entry):
            yield f"{entry.facts['path']} answered {entry.facts['status']} while all was up: {entry.facts['detail']}"


def crashed(seen: Evidence) -> Iterator[str]:
    """No answer is a 500, whatever is broken: a part that fails is an outage (503), not a surprise."""
    for entry in _said(seen, "broken"):
        if entry.facts["status"] == INTERNAL:
            yield f"{entry.facts['path']} answered 500: {entry.facts['detail']}"


def refused(seen: Evidence) -> Iterator[str]:
    """A good clip is never refused as a bad one, whatever is broken: that would tell a player not to try again."""
    for entry in _said(seen, "refused"):
        yield f"clip {entry.facts['code']} was refused with {entry.facts['status']}: {entry.facts['detail']}"


def cut_at_rest(seen: Evidence) -> int:
    """Count requests that got no answer while every part was up."""
    return sum(_at_rest(seen, entry) for entry in _said(seen, "cut"))


def repeated(seen: Evidence) -> int:
    """Count clips that a client's second try, after an answer was lost, made a second video of."""
    clips = Counter(video.original_sha256 for video in seen.videos.values())
    return sum(times - 1 for times in clips.values())


CHECKS: Mapping[str, Check] = {
    "accepted uploads that never end": unended,
    "edits visible twice": doubled,
    "edits of the wrong original": wrong,
    "files missing or damaged": damaged,
    "files that no row knows, after the sweep": orphaned,
    "votes lost or doubled after a 200": miscounted,
    "jobs tried too often": too_often,
    "good clips refused": refused,
    "500 answers, whatever is broken": crashed,
    "5xx answers while every part is up": broken_at_rest,
}


def _said(seen: Evidence, what: str) -> Iterator[Entry]:
    return (entry for entry in seen.journal if entry.say == what)


def _at_rest(seen: Evidence, entry: Entry) -> bool:
    """Say whether no fault stood between a request and its end."""
    sent = entry.facts["sent"]
    return not any(begun <= entry.at and sent <= ended for begun, ended in seen.faults)
