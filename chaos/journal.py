"""What the clients were told, safe on disk before they go on: the other half of every promise."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

# sending: about to upload a clip · accepted: 201 · refused: 4xx for it · voting: about to vote · voted: 200
# broken: a 5xx · cut: no answer at all
Say = Literal["ready", "sending", "accepted", "refused", "voting", "voted", "broken", "cut"]


@dataclass(frozen=True)
class Entry:
    """One line of a journal."""

    at: float  # seconds since 1970
    say: str
    facts: dict[str, Any] = field(default_factory=dict)


class Journal:
    """A file that is only appended to."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")

    def write(self, say: Say, **facts: object) -> None:
        """Append an entry; it is on disk when this returns."""
        self._file.write(json.dumps({"at": time.time(), "say": say, **facts}) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read(folder: Path) -> list[Entry]:
    """Return the entries of all journals of a folder, oldest first."""
    return sorted((entry for path in folder.glob("*.jsonl") for entry in _entries(path)), key=lambda entry: entry.at)


def _entries(path: Path) -> Iterator[Entry]:
    for line in path.read_text(encoding="utf-8").splitlines():
        facts = json.loads(line)
        yield Entry(facts.pop("at"), facts.pop("say"), facts)
