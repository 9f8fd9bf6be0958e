"""The file server loses its power during an upload, edits and a download: all of them finish once it is back."""

import hashlib
import threading
import time
from collections.abc import Iterator

from chaos import clips

from deploy.lab import padding
from deploy.lab.crowd import crowd
from deploy.lab.player import Player, taken
from deploy.lab.stage import Stage, Verdict, all_whole, check, wait_until

PROMISE = "file server rebooted during upload, edit and download"
GOAL = "all finish, nothing lost, ≤ 60 s after it is back"
MOST_SECONDS = 60
BYTES = 16 << 20
PIECE = 256 << 10
PAUSE = 0.25  # seconds after a piece: a phone's connection
SECONDS = 300


class Slow:
    """Something slow in a thread of its own: its answer, or what went wrong."""

    def __init__(self, player: Player) -> None:
        self.player, self.ended, self.failed = player, 0.0, ""

    def start(self, work: threading.Thread) -> None:
        """Begin."""
        self.thread = work
        work.start()


def prove(stage: Stage) -> Verdict:
    """Cut the power in the middle of everything, give it back, and wait."""
    player, line = stage.player(), stage.site.line("file")
    big = padding.pad(clips.draw(next(stage.codes)), BYTES)
    kept = player.upload(big, "To be downloaded")
    player.wait_done([kept], SECONDS)
    stage.site.line("web").run("echo 3 > /proc/sys/vm/drop_caches")  # so that the share is really read
    with crowd(stage) as people:
        people.wait_for(1, SECONDS)
        down, up = _downloading(player, kept.video, hashlib.sha256(big).hexdigest()), _uploading(stage, player)
        wait_until("an edit under way", lambda: bool(_running(stage)), SECONDS)
        caught, sent = len(_running(stage)), list(people.taken)
        check(down.ended == 0 and up.ended == 0, "the slow ones were over before the power was cut")
        cut = time.monotonic()
        line.cut_power()
        line.give_power()
        back = _back(stage)
        down.thread.join(SECONDS)
        up.thread.join(SECONDS)
        check(not down.failed and not up.failed, f"download: {down.failed or 'whole'}; upload: {up.failed or 'taken'}")
        people.player.wait_done(sent, SECONDS)
        finished = time.monotonic()
    people.player.wait_done(people.taken, SECONDS)
    skipped = line.run("journalctl -b -u valkey-server | grep -c NOPERM || true").strip()
    check(skipped == "0", f"the queue skipped {skipped} transactions of its own file")
    wrong = all_whole(stage, people.player, people.taken)
    took = max(down.ended, up.ended, finished) - back
    slow = f"upload {up.ended - back:+.0f} s, download {down.ended - back:+.0f} s of its return"
    notes = (f"away for {back - cut:.0f} s, {caught} edits under way; {slow}", *wrong)
    return Verdict(f"{took:.0f} s after it was back, {len(wrong)} lost", not wrong and took <= MOST_SECONDS, notes)


def _back(stage: Stage) -> float:
    """Return when share and queue were served again."""
    line = stage.site.line("file")
    line.wait()
    up = "systemctl is-active --quiet nfs-server && systemctl is-active --quiet valkey-server"
    wait_until("share and queue", lambda: line.try_run(up).code == 0, 180)
    return time.monotonic()


def _running(stage: Stage) -> list[object]:
    return list(stage.rows("select id from jobs where state = 'running'"))


def _downloading(player: Player, video: str, sha256: str) -> Slow:
    slow = Slow(player)
    seen = player.sure("GET", f"/api/videos/{video}").json()

    def work() -> None:
        digest = hashlib.sha256()
        try:
            for piece in player.slowly(seen["original_url"], PAUSE / 4):
                digest.update(piece)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the proof's verdict
            slow.failed = repr(error)
        if digest.hexdigest() != sha256:
            slow.failed = slow.failed or "not what was uploaded"
        slow.ended = time.monotonic()

    slow.start(threading.Thread(target=work, daemon=True))
    return slow


def _uploading(stage: Stage, player: Player) -> Slow:
    slow = Slow(player)
    clip = padding.pad(clips.draw(next(stage.codes)), BYTES)

    def body() -> Iterator[bytes]:
        whole = padding.multipart(clip, "Slow")
        for place in range(0, len(whole), PIECE):
            yield whole[place : place + PIECE]
            time.sleep(PAUSE)

    def work() -> None:
        length = str(len(padding.multipart(clip, "Slow")))
        headers = {"Content-Type": padding.CONTENT_TYPE, "Content-Length": length}
        answer = player.ask("POST", "/api/videos/upload", content=body(), headers=headers, timeout=SECONDS)
        if answer is None or answer.status_code != 201:
            slow.failed = f"{player.heard[-1]}"
        else:
            player.wait_done([taken(answer.json(), clip)], SECONDS)
        slow.ended = time.monotonic()

    slow.start(threading.Thread(target=work, daemon=True))
    return slow
