"""A process of the crowd: `python -m verify.votes.voters PLAN RESULT` casts its votes over a few connections.

A vote that got no answer, or an outage, is sent again until there is one, as a browser would.
"""

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

CONNECTIONS = 6
PAUSE = 0.3  # seconds before a vote is sent again
PATIENCE = 30
ALREADY = "already-voted"
KEPT_PROMISES = 40  # of one process; each is checked in the end


@dataclass
class Ballots:
    """The votes of one process, and what their answers said."""

    port: int
    votes: list[tuple[str, str]]  # token and clip
    answers: Counter[str] = field(default_factory=Counter)
    accepted: list[int] = field(default_factory=list)  # places of the votes that were answered 200
    promises: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)

    def cast(self) -> None:
        """Cast all votes over several connections."""
        numbers, lock = iter(range(len(self.votes))), threading.Lock()
        threads = [threading.Thread(target=self._work, args=(numbers, lock)) for _ in range(CONNECTIONS)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

    def _work(self, numbers: Iterator[int], lock: threading.Lock) -> None:
        wire = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                break
            while (answer := self._ask(wire, number)) is None:
                time.sleep(PAUSE)
            with lock:
                self._note(number, *answer)
        wire.close()

    def _ask(self, wire: HTTPConnection, number: int) -> tuple[int, bytes] | None:
        token, clip = self.votes[number]
        try:
            wire.request("POST", f"/api/public/videos/{clip}/vote", headers={"Authorization": f"Bearer {token}"})
            answer = wire.getresponse()
            body = answer.read()
        except (OSError, HTTPException):
            wire.close()
            self.answers["cut"] += 1
            return None
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self.answers[str(answer.status)] += 1
            return None
        return answer.status, body

    def _note(self, number: int, status: int, body: bytes) -> None:
        said: dict[str, Any] = json.loads(body)
        if status == HTTPStatus.OK:
            self.answers["200"] += 1
            self.accepted.append(number)
            if len(self.promises) < KEPT_PROMISES:
                self.promises.append(said["promise"])
        elif ALREADY in str(said):
            self.answers[ALREADY] += 1
        else:
            self.strange.append(f"{status}: {body.decode(errors='replace')[:300]}")


def main(plan: str, result: str) -> None:
    """Cast the votes of a plan, and write what was answered."""
    known = json.loads(Path(plan).read_text("utf-8"))
    ballots = Ballots(known["port"], [(token, clip) for token, clip in known["votes"]])
    ballots.cast()
    told = {name: getattr(ballots, name) for name in ("answers", "accepted", "promises", "strange")}
    Path(result).write_text(json.dumps(told), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
