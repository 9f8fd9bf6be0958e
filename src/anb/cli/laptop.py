"""Commands that need what only a machine that runs everything has installed."""

from collections.abc import Iterator
from contextlib import contextmanager

from anb.errors import AnbError


class NotALaptop(AnbError):
    """A command of the stack on one machine was run where only a server's packages are installed."""


@contextmanager
def laptop() -> Iterator[None]:
    """Import what is installed only on a machine that runs everything. Raises NotALaptop."""
    try:
        yield
    except ModuleNotFoundError as error:
        brings = f"{error.name} is not installed; pip install 'anb-rising-stars[embedded]' brings it"
        raise NotALaptop(f"{brings}. On a server, `sudo anb-host status` examines what runs there") from error
