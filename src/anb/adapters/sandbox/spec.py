"""The cell of one sandboxed program: everything it may use, declared before it starts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ADDRESS = "file:"


@dataclass(frozen=True)
class Cell:
    """The files that a program can see. Files and folders are absolute paths."""

    runs: frozenset[Path]  # programs, libraries and other files it is made of: read only
    reads: tuple[Path, ...] = ()  # files
    writes: Path | None = None  # the folder of its results
    environment: dict[str, str] = field(default_factory=dict)  # the complete environment
    lists: tuple[Path, ...] = ()  # folders whose names it may list, without reading their files

    def holds(self, path: Path) -> bool:
        """Say whether a path was declared for reading, or is in the results folder."""
        return path in self.reads or (self.writes is not None and path.parent == self.writes and path.name != "..")

    def readdressed(self, command: Sequence[str], inside: Callable[[Path], Path]) -> list[str]:
        """Return a command with each `file:` address as the program finds it. Raises ValueError for an undeclared one.

        Every path in a command is written as an address, so a command can only name declared files.
        """
        return [self._readdressed(word, inside) for word in command]

    def _readdressed(self, word: str, inside: Callable[[Path], Path]) -> str:
        if not word.startswith(ADDRESS):
            return word
        path = Path(word.removeprefix(ADDRESS))
        if not self.holds(path):
            raise ValueError(f"{path} was not declared")
        return f"{ADDRESS}{inside(path)}"
