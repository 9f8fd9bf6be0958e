"""The file server loses its power during an upload, edits and a download. All of them must finish once it is back."""

import hashlib
import threading
import time
from collections.abc import Iterator

from anb.settings import MIB
from verify.kit import numbered_clips, upload_forms
from verify.lab.crowd import crowd
from verify.lab.player import LabPlayer, taken
from verify.lab.proof_run import ProofRun, ProofVerdict, all_whole, check, wait_until

PROMISE = "file server rebooted during upload, edit and download"
GOAL = "all finish, nothing lost, ≤ 60 s after it is back"
MOST_SECONDS = 60
BYTES = 16 * MIB
CHUNK = 256 << 10
PAUSE = 0.25  # seconds after a chunk, as with a phone's connection
SECONDS = 300


class SlowUpload:
    """A slow transfer in a thread: its answer, or its error."""

    def __init__(self, player: LabPlayer) -> None:
        self.player, self.ended, self.failed = player, 0.0, ""

    def start(self, work: threading.Thread) -> None:
        """Start it."""
        self.thread = work
        work.start()


def prove(lab: ProofRun) -> ProofVerdict:
    """Cut the power during everything, restore it, and wait."""
    player, line = lab.player(), lab.site.line("file")
    big = upload_forms.pad(numbered_clips.draw(next(lab.codes)), BYTES)
    kept = player.upload(big, "To be downloaded")
    player.wait_done([kept], SECONDS)
    lab.site.line("web").run("echo 3 > /proc/sys/vm/drop_caches")  # so that the share is really read
    with crowd(lab) as people:
        people.wait_for(1, SECONDS)
        down, up = _downloading(player, kept.video, hashlib.sha256(big).hexdigest()), _uploading(lab, player)
        wait_until("an edit under way", lambda: bool(_running(lab)), SECONDS)
        caught, sent = len(_running(lab)), list(people.taken)
        check(down.ended == 0 and up.ended == 0, "the slow ones were over before the power was cut")
        cut = time.monotonic()
        line.cut_power()
        line.give_power()
        back = _back(lab)
        down.thread.join(SECONDS)
        up.thread.join(SECONDS)
        check(not down.failed and not up.failed, f"download: {down.failed or 'whole'}; upload: {up.failed or 'taken'}")
        people.player.wait_done(sent, SECONDS)
        finished = time.monotonic()
    people.player.wait_done(people.taken, SECONDS)
    skipped = line.run("journalctl -b -u valkey-server | grep -c NOPERM || true").strip()
    check(skipped == "0", f"the queue skipped {skipped} transactions of its own file")
    wrong = all_whole(lab, people.player, people.taken)
    took = max(down.ended, up.ended, finished) - back
    slow = f"upload {up.ended - back:+.0f} s, download {down.ended - back:+.0f} s of its return"
    notes = (f"away for {back - cut:.0f} s, {caught} edits under way; {slow}", *wrong)
    return ProofVerdict(f"{took:.0f} s after it was back, {len(wrong)} lost", not wrong and took <= MOST_SECONDS, notes)


def _back(lab: ProofRun) -> float:
    """Return when share and queue were available again."""
    line = lab.site.line("file")
    line.wait()
    up = "systemctl is-active --quiet nfs-server && systemctl is-active --quiet valkey-server"
    wait_until("share and queue", lambda: line.try_run(up).code == 0, 180)
    return time.monotonic()


def _running(lab: ProofRun) -> list[object]:
    return list(lab.rows("select id from jobs where state = 'running'"))


def _downloading(player: LabPlayer, video: str, sha256: str) -> SlowUpload:
    slow = SlowUpload(player)
    details = player.sure("GET", f"/api/videos/{video}").json()

    def work() -> None:
        digest = hashlib.sha256()
        try:
            for chunk in player.slowly(details["original_url"], PAUSE / 4):
                digest.update(chunk)
        except Exception as error:  # noqa: BLE001 - any error is the proof's verdict
            slow.failed = repr(error)
        if digest.hexdigest() != sha256:
            slow.failed = slow.failed or "not what was uploaded"
        slow.ended = time.monotonic()

    slow.start(threading.Thread(target=work, daemon=True))
    return slow


def _uploading(lab: ProofRun, player: LabPlayer) -> SlowUpload:
    slow = SlowUpload(player)
    clip = upload_forms.pad(numbered_clips.draw(next(lab.codes)), BYTES)

    def body() -> Iterator[bytes]:
        whole = upload_forms.form(clip, "Slow")
        for place in range(0, len(whole), CHUNK):
            yield whole[place : place + CHUNK]
            time.sleep(PAUSE)

    def work() -> None:
        length = str(len(upload_forms.form(clip, "Slow")))
        headers = {"Content-Type": upload_forms.CONTENT_TYPE, "Content-Length": length}
        answer = player.ask("POST", "/api/videos/upload", content=body(), headers=headers, timeout=SECONDS)
        if answer is None or answer.status_code != 201:
            slow.failed = f"{player.heard[-1]}"
        else:
            player.wait_done([taken(answer.json(), clip)], SECONDS)
        slow.ended = time.monotonic()

    slow.start(threading.Thread(target=work, daemon=True))
    return slow
