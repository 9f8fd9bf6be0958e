"""The cell of one program in the sandbox: all that it may touch, declared before it starts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ADDRESS = "file:"


@dataclass(frozen=True)
class Cell:
    """What exists for a program. Files and the folder by their absolute paths."""

    runs: frozenset[Path]  # programs, libraries and what else it is made of: read only
    reads: tuple[Path, ...] = ()  # files
    writes: Path | None = None  # the folder of its results
    environment: dict[str, str] = field(default_factory=dict)  # all of it

    def holds(self, path: Path) -> bool:
        """Say whether a path was declared as read, or lies in the folder of results."""
        return path in self.reads or (self.writes is not None and path.parent == self.writes and path.name != "..")

    def readdressed(self, command: Sequence[str], inside: Callable[[Path], Path]) -> list[str]:
        """Return a command with each `file:` address as the program finds it. Raises ValueError for an undeclared one.

        Every path of a file is written as an address; so a command can name nothing that was not declared.
        """
        return [self._readdressed(word, inside) for word in command]

    def _readdressed(self, word: str, inside: Callable[[Path], Path]) -> str:
        if not word.startswith(ADDRESS):
            return word
        path = Path(word.removeprefix(ADDRESS))
        if not self.holds(path):
            raise ValueError(f"{path} was not declared")
        return f"{ADDRESS}{inside(path)}"
