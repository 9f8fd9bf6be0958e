"""Terminal output while the stack starts and runs; the same lines go to a log."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape


class Show:
    """Output with a live status on a terminal, and plain lines elsewhere."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._log: Path | None = None

    def log_to(self, path: Path) -> None:
        """Write every following line to a file too."""
        self._log = path

    @contextmanager
    def step(self, title: str, done: str = "ready", begun: float | None = None) -> Iterator[None]:
        """Show one step while it runs, and then how long it took (counted from `begun`, if given)."""
        begun = time.monotonic() if begun is None else begun
        if self.console.is_terminal:
            with self.console.status(f"{escape(title)} …"):
                yield
        else:
            yield
        self.line(f"{title} … {done} in {time.monotonic() - begun:.1f} s", mark="✓", style="green")

    def line(self, text: str, *, mark: str = " ", style: str = "") -> None:
        """Show one line."""
        self.console.print(f"[{style or 'default'}]{mark}[/] {escape(text)}", soft_wrap=True, highlight=False)
        if self._log is not None:
            with self._log.open("a", encoding="utf-8") as log:
                log.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {text}\n")

    def warn(self, text: str) -> None:
        """Show a problem that a person may have to look at."""
        self.line(text, mark="!", style="yellow")
