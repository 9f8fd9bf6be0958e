"""A client that follows its own jobs with the live stream, and reconnects after each cut."""

import json
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx2 as httpx

if TYPE_CHECKING:
    from verify.chaos.clients import ChaosClient

BACK = 1.0  # seconds until a follower reconnects after a cut
# A stream that does not report a job's end within this time has failed: hubs read every second, and a follower
# reconnects sooner.
LATE_SECONDS = 30.0
LOOK_SECONDS = 5.0


def listen(player: "ChaosClient", task: str, stopping: threading.Event) -> None:
    """Follow a job until its stream ends, and write to the journal how; or that the stream never reported the end."""
    since: float | None = None  # when the job is known to have ended
    while not stopping.is_set():
        for state in _states(player, task, stopping):
            if state:
                player.journal.write("followed", task=task, state=state)
                return
            if since is None and player.is_over(task):
                since = time.monotonic()
            if since is not None and time.monotonic() - since > LATE_SECONDS:
                player.journal.write("unheard", task=task)
                return
        stopping.wait(BACK)


def _states(player: "ChaosClient", task: str, stopping: threading.Event) -> Iterator[str]:
    """Open the stream. Yield the state it ends with, and "" every few seconds and after a cut."""
    path, sent, said, looked = f"/api/jobs/{task}/events", time.time(), "", time.monotonic()
    try:
        with player.http.stream("GET", path) as answer:
            if answer.status_code >= 500:
                detail = answer.read().decode(errors="replace")[:300]
                player.journal.write("broken", path=path, sent=sent, status=answer.status_code, detail=detail)
                answer.close()
            for line in answer.iter_lines() if answer.status_code == 200 else ():
                if stopping.is_set():
                    return
                if line.startswith("data: ") and "state" in (event := json.loads(line[6:])):
                    said = event["state"]
                if line == "event: end":
                    yield said
                    return
                if time.monotonic() - looked > LOOK_SECONDS:
                    looked = time.monotonic()
                    yield ""
    except httpx.TransportError as error:
        player.journal.write("cut", path=path, sent=sent, why=repr(error), network="")
    yield ""
