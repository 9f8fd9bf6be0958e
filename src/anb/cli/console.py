"""The console of the commands: as wide as a terminal, or wide enough for tables when the output is piped."""

import sys

from rich.console import Console

PIPE_COLUMNS = 160

console = Console(width=None if sys.stdout.isatty() else PIPE_COLUMNS)
