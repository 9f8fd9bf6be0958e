"""The journal of the answers that a client got, written to disk before it continues."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

# sending: about to upload a clip · accepted: 201 · refused: 4xx for it · voting: about to vote · voted: 200
# acting, acted: an organizer asks for an act on a clip, and was answered 200 · reviewed: doubtful votes
# joined: 201 to a sign-up, so a mail must arrive
# broken: a 5xx · cut: no answer · followed: a live stream reported the end · unheard: it did not, although it should
Say = Literal[
    "ready",
    "sending",
    "accepted",
    "refused",
    "voting",
    "voted",
    "joined",
    "broken",
    "cut",
    "followed",
    "unheard",
    "acting",
    "acted",
    "reviewed",
]


@dataclass(frozen=True)
class JournalEntry:
    """One line of a journal."""

    at: float  # seconds since 1970
    say: str
    facts: dict[str, Any] = field(default_factory=dict)


class Journal:
    """An append-only file."""

    def __init__(self, path: Path) -> None:
        self.folder = path.parent
        self._file = path.open("a", encoding="utf-8")

    def write(self, say: Say, **facts: object) -> None:
        """Append an entry. It is on disk when this returns."""
        self._file.write(json.dumps({"at": time.time(), "say": say, **facts}) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read(folder: Path) -> list[JournalEntry]:
    """Return the entries of all journals of a folder, oldest first."""
    return sorted((entry for path in folder.glob("*.jsonl") for entry in _entries(path)), key=lambda entry: entry.at)


def _entries(path: Path) -> Iterator[JournalEntry]:
    for line in path.read_text(encoding="utf-8").splitlines():
        facts = json.loads(line)
        yield JournalEntry(facts.pop("at"), facts.pop("say"), facts)
