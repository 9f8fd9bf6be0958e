"""Server-sent events as bytes, for a job's stream and the public lists."""

import json
import random
from dataclasses import dataclass

from anb.jobs.domain import LIVE, JobState, JobStatus

HEARTBEAT = b": still here\n\n"
# Milliseconds after which a disconnected client reconnects: not all clients at the same moment.
RETRY_LEAST, RETRY_MOST = 2000, 6000


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event; `is_last` ends the stream."""

    id: str
    data: str
    name: str
    is_last: bool = False

    def encode(self) -> bytes:
        """Return the event as sent; the last one is followed by `end`."""
        text = f"id: {self.id}\nevent: {self.name}\ndata: {self.data}\n\n"
        return (text + f"id: {self.id}\nevent: end\ndata: {{}}\n\n" if self.is_last else text).encode()


def opening() -> bytes:
    """Return the beginning of a stream."""
    return f"retry: {random.randint(RETRY_LEAST, RETRY_MOST)}\n\n".encode()  # noqa: S311 - spreads clients, guards nothing


def of_job(status: JobStatus) -> StreamEvent:
    """Return the event for the state of a job. Its id tells whether a client that reconnects has missed anything."""
    said = {
        "task_id": str(status.id),
        # A player sees a dead letter as failed, as in the answer of /api/jobs/{task_id}.
        "state": "failed" if status.state is JobState.DEAD else status.state.value,
        "progress": status.progress,
        "attempt": status.tries,
        "next_try_at": status.next_try_at.isoformat().replace("+00:00", "Z") if status.next_try_at else None,
    }
    known = f"{said['state']}.{status.progress}.{status.tries}"
    return StreamEvent(known, json.dumps(said, separators=(",", ":")), "job", is_last=status.state not in LIVE)


def of_lists(version: str) -> StreamEvent:
    """Return the event for the version of the public lists: a client that shows an older one may load it again."""
    return StreamEvent(version, json.dumps({"version": version}), "lists")
