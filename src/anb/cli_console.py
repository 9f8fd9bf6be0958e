"""Where the commands write: as wide as a terminal is, and as a table needs where somebody else reads on."""

import sys

from rich.console import Console

PIPE_COLUMNS = 160

console = Console(width=None if sys.stdout.isatty() else PIPE_COLUMNS)
