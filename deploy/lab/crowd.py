"""People who go on uploading while something is done to the hosts; what they were promised is judged afterwards."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from chaos import clips

from deploy.lab.player import Taken
from deploy.lab.stage import Stage, wait_until

OUTSTANDING = 2  # clips of one that have no edit yet
MOST = 400  # seconds for one upload to be taken


class Crowd:
    """One player, who uploads clip after clip in a thread of its own, a few outstanding at a time."""

    def __init__(self, stage: Stage) -> None:
        self.player, self.taken = stage.player(), list[Taken]()
        self.failed: BaseException | None = None
        self._stage, self._over = stage, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wait_for(self, uploads: int, seconds: float) -> None:
        """Wait until so many were taken. Raises Broken."""
        wait_until(f"upload number {uploads}", lambda: len(self.taken) >= uploads or self.failed is not None, seconds)

    def end(self) -> None:
        """Stop after the upload under way."""
        self._over.set()
        self._thread.join(MOST)
        if self.failed:
            raise self.failed

    def _run(self) -> None:
        try:
            waiting: list[Taken] = []
            while not self._over.is_set():
                waiting = [clip for clip in waiting if self.player.job(clip)["finished_at"] is None]
                if len(waiting) < OUTSTANDING:
                    number = next(self._stage.codes)
                    waiting.append(self.player.upload(clips.draw(number), f"Clip {number}", MOST))
                    self.taken.append(waiting[-1])
                self._over.wait(0.5)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the proof's verdict
            self.failed = error


@contextmanager
def crowd(stage: Stage) -> Iterator[Crowd]:
    """Have somebody upload all the while."""
    people = Crowd(stage)
    people.start()
    try:
        yield people
    finally:
        people.end()
