"""The invariants that must hold after any fault: each check yields a sentence for every violation.

Judged only from the clients' journals, PostgreSQL and the disk, without the product's code.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from verify.chaos.evidence import ChaosEvidence
from verify.chaos.journal import JournalEntry

INTERNAL = 500
TAKEN_DOWN = "taken down"
OUTCOMES = {"approve": "public", "hide": "hidden", "refuse": "refused", "take-down": TAKEN_DOWN}
Check = Callable[[ChaosEvidence], Iterator[str]]


def unended(evidence: ChaosEvidence) -> Iterator[str]:
    """Every upload that was answered 201 ends with an edit, or fails with a reason."""
    for entry in _said(evidence, "accepted"):
        task, video = entry.facts["task"], evidence.videos.get(entry.facts["video"])
        job = evidence.jobs.get(task)
        if video is None or job is None:
            yield f"task {task} was accepted and its rows are gone"
        elif not job.over:
            yield f"task {task} never ended: {job.state}, {job.spent} attempts, video {video.status}"
        elif not (video.status == "processed" or (video.status == "failed" and video.reason)):
            yield f"task {task} has ended, and its video is {video.status} without an edit or a reason"


def doubled(evidence: ChaosEvidence) -> Iterator[str]:
    """A video has one complete set of renditions, made by one job."""
    kinds = {one.kind for one in evidence.renditions}
    by_video: dict[str, Counter[str]] = {}
    for one in evidence.renditions:
        by_video.setdefault(one.video_id, Counter())[one.kind] += 1
    done = Counter(job.video_id for job in evidence.jobs.values() if job.state == "done")
    for video in evidence.videos.values():
        found = by_video.get(video.id, Counter())
        if video.state == TAKEN_DOWN:  # its files are gone, its job is detached
            if found:
                yield f"video {video.id} is taken down and has renditions {dict(found)}"
            continue
        if video.status == "processed" and found != Counter(kinds):
            yield f"video {video.id} has renditions {dict(found)} of {sorted(kinds)}"
        if video.status != "processed" and found:
            yield f"video {video.id} is {video.status} and has renditions {dict(found)}"
        if done[video.id] != (video.status == "processed"):
            yield f"video {video.id} is {video.status} and {done[video.id]} of its jobs are done"


def wrong(evidence: ChaosEvidence) -> Iterator[str]:
    """An edit is made from the clip that its player sent, and the original is stored unchanged."""
    sent = {entry.facts["sha256"]: entry.facts["code"] for entry in _said(evidence, "sending")}
    edits = {one.video_id: one.key for one in evidence.renditions if one.kind == "processed"}
    for video in evidence.videos.values():
        code = sent.get(video.original_sha256)
        if code is None:
            yield f"video {video.id} has an original that no client sent"
        elif video.id in edits and (found := evidence.codes.get(edits[video.id], "no file")) != code:
            yield f"video {video.id} came from clip {code}, and its edit shows {found}"
    for entry in _said(evidence, "accepted"):
        of = evidence.videos.get(entry.facts["video"])
        if of and of.original_sha256 != entry.facts["sha256"]:
            yield f"video {of.id} is not the clip its player sent"


def damaged(evidence: ChaosEvidence) -> Iterator[str]:
    """Every row has its file, and the file matches the row."""
    kept = [video for video in evidence.videos.values() if video.state != TAKEN_DOWN]
    rows = [(video.original_key, video.original_sha256) for video in kept]
    rows += [(one.key, one.sha256) for one in evidence.renditions]
    for key, sha256 in rows:
        if evidence.files.get(key) != sha256:
            yield f"{key} is {'damaged' if key in evidence.files else 'missing'}"


def orphaned(evidence: ChaosEvidence) -> Iterator[str]:
    """Every file on the share has its row; a partial file has one as long as its upload is open."""
    kept = {video.original_key for video in evidence.videos.values() if video.state != TAKEN_DOWN}
    known = kept | {one.key for one in evidence.renditions}
    known.update(evidence.open_parts)
    yield from (f"{key} has no row" for key in sorted(set(evidence.files) - known))


def miscounted(evidence: ChaosEvidence) -> Iterator[str]:
    """A vote answered 200 is kept exactly once, every vote was requested, and public lists show those that count."""
    rows = Counter(vote[:2] for vote in evidence.votes)
    confirmed = {(entry.facts["email"], entry.facts["video"]) for entry in _said(evidence, "voted")}
    requested = {(entry.facts["email"], entry.facts["video"]) for entry in _said(evidence, "voting")}
    yield from (f"the vote {pair} was answered 200 and is lost" for pair in sorted(confirmed - set(rows)))
    yield from (f"no client asked for the vote {pair}" for pair in sorted(set(rows) - requested))
    yield from (f"the vote {pair} is counted {times} times" for pair, times in rows.items() if times > 1)
    counted = Counter(vote.video_id for vote in evidence.votes if vote.counts)
    for video, shown in evidence.shown_votes.items():
        if shown != counted[video]:
            yield f"video {video} has {counted[video]} votes and shows {shown}"


def differing(evidence: ChaosEvidence) -> Iterator[str]:
    """Rows, tallies, log and results agree, and the log continues each checkpoint that was seen along the way."""
    yield from evidence.count_differs


def undone(evidence: ChaosEvidence) -> Iterator[str]:
    """An act of an organizer that was answered 200 holds, until the next one on the same clip."""
    acted: dict[str, str] = {}
    for entry in evidence.journal:
        if entry.say in {"acting", "acted"}:  # an act without an answer may have been done
            acted[entry.facts["video"]] = entry.facts["act"] if entry.say == "acted" else ""
    for id_, act in acted.items():
        video = evidence.videos.get(id_)
        state = "gone" if video is None else "public" if video.public else video.state
        if act and state != OUTCOMES[act]:
            yield f"video {id_} is {state or 'waiting'} after {act}"


def misled(evidence: ChaosEvidence) -> Iterator[str]:
    """A client that follows a job live is told how it ended, and soon."""
    for entry in _said(evidence, "unheard"):
        yield f"task {entry.facts['task']} was over, and its stream did not say so"
    for entry in _said(evidence, "followed"):
        job = evidence.jobs.get(entry.facts["task"])
        ended = job and {"dead": "failed"}.get(job.state, job.state)
        if entry.facts["state"] != ended:
            yield f"task {entry.facts['task']} is {ended}, and its stream ended with {entry.facts['state']}"


def unmailed(evidence: ChaosEvidence) -> Iterator[str]:
    """A person whose sign-up was answered 201 got the mail, and every row of a mail ended by being sent."""
    arrived = {mail.address for mail in evidence.delivered}
    for entry in _said(evidence, "joined"):
        if entry.facts["email"] not in arrived:
            yield f"{entry.facts['email']} signed up and got no mail"
    taken = {mail.message_id.strip("<>").partition("@")[0] for mail in evidence.delivered}
    for row in evidence.mails:
        if row.state != "sent":
            yield f"mail {row.id} is {row.state}: {row.failure}"
        elif row.id not in taken:
            yield f"mail {row.id} is sent, and no server took it"


def contradictory(evidence: ChaosEvidence) -> Iterator[str]:
    """A mail that arrives twice is the same: one Message-ID for one person, with one link."""
    known: dict[str, tuple[str, tuple[str, ...]]] = {}
    by_person: dict[str, set[str]] = {}
    for mail in evidence.delivered:
        first = known.setdefault(mail.message_id, (mail.address, mail.links))
        if first != (mail.address, mail.links):
            yield f"mail {mail.message_id} arrived twice and differs"
        by_person.setdefault(mail.address, set()).add(mail.message_id)
    for entry in _said(evidence, "joined"):
        found = by_person.get(entry.facts["email"], set())
        if len(found) > 1:
            yield f"{entry.facts['email']} signed up once and got {len(found)} different mails"


def arrived_twice(evidence: ChaosEvidence) -> int:
    """Count second arrivals of a mail, which SMTP cannot exclude."""
    return len(evidence.delivered) - len({mail.message_id for mail in evidence.delivered})


def too_often(evidence: ChaosEvidence) -> Iterator[str]:
    """No job has more attempts than allowed."""
    yield from (
        f"job {job.id}: {job.spent} attempts" for job in evidence.jobs.values() if job.spent > evidence.attempts
    )


def broken_at_rest(evidence: ChaosEvidence) -> Iterator[str]:
    """No answer is a 5xx while every part is up."""
    for entry in _said(evidence, "broken"):
        if _at_rest(evidence, entry):
            yield f"{entry.facts['path']} answered {entry.facts['status']} while all was up: {entry.facts['detail']}"


def crashed(evidence: ChaosEvidence) -> Iterator[str]:
    """No answer is a 500, whichever part is broken: the failure of a part is an outage (503)."""
    for entry in _said(evidence, "broken"):
        if entry.facts["status"] == INTERNAL:
            yield f"{entry.facts['path']} answered 500: {entry.facts['detail']}"


def refused(evidence: ChaosEvidence) -> Iterator[str]:
    """A good clip is never refused, whichever part is broken: a refusal would tell the player not to try again."""
    for entry in _said(evidence, "refused"):
        yield f"clip {entry.facts['code']} was refused with {entry.facts['status']}: {entry.facts['detail']}"


def cut_at_rest(evidence: ChaosEvidence) -> int:
    """Count requests without an answer while every part was up and their own network worked."""
    return sum(_at_rest(evidence, entry) for entry in _said(evidence, "cut") if not entry.facts.get("network"))


def over_bad_networks(evidence: ChaosEvidence) -> int:
    """Count uploads that were accepted over a bad network."""
    return sum(bool(entry.facts.get("network")) for entry in _said(evidence, "accepted"))


def repeated(evidence: ChaosEvidence) -> int:
    """Count second videos that a client made of one clip by repeating its upload after a lost answer."""
    clips = Counter(video.original_sha256 for video in evidence.videos.values())
    return sum(times - 1 for times in clips.values())


CHECKS: Mapping[str, Check] = {
    "accepted uploads that never end": unended,
    "edits visible twice": doubled,
    "edits of the wrong original": wrong,
    "files missing or damaged": damaged,
    "files that no row knows, after the sweep": orphaned,
    "votes lost or doubled after a 200": miscounted,
    "rows, tallies, log or results that differ": differing,
    "acts of organizers that do not hold": undone,
    "live streams that told no end, or another": misled,
    "mails lost": unmailed,
    "mails that arrived twice and differ": contradictory,
    "jobs tried too often": too_often,
    "good clips refused": refused,
    "500 answers, whatever is broken": crashed,
    "5xx answers while every part is up": broken_at_rest,
}


def _said(evidence: ChaosEvidence, what: str) -> Iterator[JournalEntry]:
    return (entry for entry in evidence.journal if entry.say == what)


def _at_rest(evidence: ChaosEvidence, entry: JournalEntry) -> bool:
    """Return whether no fault was active between a request and its end."""
    sent = entry.facts["sent"]
    return not any(begun <= entry.at and sent <= ended for begun, ended in evidence.faults)
