"""The eleven steps of the deployment document with a real clip, each observed on its host."""

import hashlib
import json
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from deploy.hosts.definitions import MEDIA
from deploy.hosts.metrics import ACCESS_LOG

from verify.kit import numbered_clips
from verify.lab.player import AcceptedUpload, LabPlayer
from verify.lab.proof_run import QUEUE, ProofRun, ProofVerdict, check
from verify.lab.workspace import ROOT

PROMISE = "the eleven steps, with a clip uploaded from outside"
GOAL = "each seen on its host"
SAMPLE = ROOT.parent / "shared" / "samples" / "bigbuckbunny.mp4"
SECONDS = 240
# The bytes that the file server's nfsd has sent.
SENT = "awk '/^io/ {print $2}' /proc/net/rpc/nfsd"


def prove(lab: ProofRun) -> ProofVerdict:
    """Upload, follow and download a clip, then find the evidence of each step on its host."""
    line = lab.site.line
    player, clip = lab.player(), real_clip()
    line("file").run(f"nohup sh -c '{QUEUE} monitor > /run/lab-queue.log' >/dev/null 2>&1 & sleep 1")
    read_before = int(line("file").run(SENT))
    sent = time.time()
    taken = player.upload(clip, "Lab")
    player.wait_done([taken], SECONDS)
    done = player.job(taken)
    check(done["state"] == "done", f"the edit ended as {done['state']}: {done.get('reason')}")
    read_by_worker = int(line("file").run(SENT)) - read_before
    edit = player.processed(taken)
    downloaded = time.time()
    steps = _seen(lab, player, taken, (sent, downloaded), read_by_worker, edit)
    lines = [f"{number:>2}. +{at - sent:6.2f} s  {host:<8} {what}" for number, (host, at, what) in enumerate(steps, 1)]
    return ProofVerdict(f"{len(steps)} of 11 seen, {downloaded - sent:.0f} s", len(steps) == 11, tuple(lines))


def real_clip() -> bytes:
    """Return a clip with real pictures if there is one, otherwise a drawn one."""
    return SAMPLE.read_bytes() if SAMPLE.exists() else numbered_clips.draw(1)


def _seen(
    lab: ProofRun, player: LabPlayer, taken: AcceptedUpload, spent: tuple[float, float], read: int, edit: bytes
) -> list[tuple[str, float, str]]:
    """Return host, time and evidence of each step. Raises Broken or LookupError if evidence is missing."""
    line, (sent, downloaded) = lab.site.line, spent
    video = lab.rows(f"select *, extract(epoch from uploaded_at) as at from videos where id = '{taken.video}'")[0]
    events = lab.rows(
        f"select what, worker, extract(epoch from at) as at from job_events where job_id = '{taken.task}' order by id"
    )
    begun, ended = (next(one for one in events if one["what"] == what) for what in ("begun", "done"))
    worker = str(begun["worker"]).partition(":")[0]
    kept = line("file").run(f"sha256sum {MEDIA}/{video['original_key']}; stat -c %.Y {MEDIA}/{video['original_key']}")
    check(kept.split()[0] == taken.sha256, "the original on the file server is not what was sent")
    queued = _queued(line("file").run("cat /run/lab-queue.log"), taken.task)
    stored_edit = lab.rows(
        f"select key, sha256 from renditions where video_id = '{taken.video}' and kind = 'processed'"
    )[0]
    check(read >= len(real_clip()), f"the worker read {read} bytes from the share; the clip has more")
    check(hashlib.sha256(edit).hexdigest() == stored_edit["sha256"], "the edit that was downloaded is not the one made")
    stored = float(line("file").run(f"stat -c %.Y {MEDIA}/{stored_edit['key']}"))
    logged = _logged(line("web").run(f"sleep 2; cat {ACCESS_LOG}"))
    upload, answered = logged["/api/videos/upload"], logged[f"/api/jobs/{taken.task}"]
    check(answered["status"] == 200, f"the state is answered with {answered['status']}")
    timings = lab.rows(f"select timings from jobs where id = '{taken.task}'")[0]["timings"]
    check(worker == "worker", f"the edit was made on {worker}")
    return [
        ("web", sent, f"nginx took {upload['bytes_in']} bytes from {player.email[:8]}…'s address"),
        ("file", float(kept.split()[2]), f"the original is on the share: {Path(video['original_key']).name}"),
        ("file", queued, "the task is in the queue"),
        ("database", float(video["at"]), "the video is registered (before the task: decision 0001)"),
        (worker, float(begun["at"]), f"the worker takes it as {begun['worker']}"),
        (worker, float(begun["at"]), f"it reads {read} bytes over NFS"),
        (worker, float(begun["at"]), f"it edits: {json.dumps(timings)}"),
        ("file", stored, f"the edit is on the share: {Path(stored_edit['key']).name}"),
        ("database", float(ended["at"]), "the job is done"),
        ("web", datetime.fromisoformat(answered["time"]).timestamp(), f"the state is answered: {video['status']}"),
        ("web", downloaded, f"{len(edit)} bytes downloaded, whole, from the share"),
    ]


def _queued(monitored: str, task: str) -> float:
    """Return when the task entered the queue, according to Valkey."""
    for entry in monitored.splitlines():
        if task in entry and "PUSH" in entry.upper():
            return float(entry.split()[0])
    raise AssertionError(f"no task {task} was seen in the queue")


def _logged(log: str) -> dict[str, dict[str, Any]]:
    """Return the last request of each path in nginx's log."""
    entries = [json.loads(entry) for entry in log.splitlines() if entry.startswith("{")]
    return {entry["path"]: entry for entry in entries}
