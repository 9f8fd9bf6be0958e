"""Players who keep uploading while the hosts are disturbed. Their uploads are judged afterwards."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from verify.kit import numbered_clips
from verify.lab.player import AcceptedUpload
from verify.lab.proof_run import ProofRun, wait_until

OUTSTANDING = 2  # clips of one player without an edit
MOST = 400  # seconds until one upload must be accepted


class Crowd:
    """One player that uploads clip after clip in a thread, a few outstanding at a time."""

    def __init__(self, lab: ProofRun) -> None:
        self.player, self.taken = lab.player(), list[AcceptedUpload]()
        self.failed: BaseException | None = None
        self._lab, self._over = lab, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Start uploading."""
        self._thread.start()

    def wait_for(self, uploads: int, seconds: float) -> None:
        """Wait until `uploads` were accepted. Raises Broken."""
        wait_until(f"upload number {uploads}", lambda: len(self.taken) >= uploads or self.failed is not None, seconds)

    def end(self) -> None:
        """Stop after the current upload."""
        self._over.set()
        self._thread.join(MOST)
        if self.failed:
            raise self.failed

    def _run(self) -> None:
        try:
            waiting: list[AcceptedUpload] = []
            while not self._over.is_set():
                waiting = [clip for clip in waiting if self.player.job(clip)["finished_at"] is None]
                if len(waiting) < OUTSTANDING:
                    number = next(self._lab.codes)
                    waiting.append(self.player.upload(numbered_clips.draw(number), f"Clip {number}", MOST))
                    self.taken.append(waiting[-1])
                self._over.wait(0.5)
        except Exception as error:  # noqa: BLE001 - any error is the proof's verdict
            self.failed = error


@contextmanager
def crowd(lab: ProofRun) -> Iterator[Crowd]:
    """Let a player upload while the block runs."""
    people = Crowd(lab)
    people.start()
    try:
        yield people
    finally:
        people.end()
