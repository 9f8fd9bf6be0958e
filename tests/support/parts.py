"""Parts of the slow tests: CI runs one at a time, which the commit chooses; `make test-slow` by hand runs all."""

import os
from zlib import crc32


def chosen(variable: str, number: int) -> bool:
    """Tell whether a numbered test belongs to the part that a variable names: the second of four is 1/4."""
    part, parts = map(int, os.environ.get(variable, "0/1").split("/"))
    return number % parts == part


def chosen_file(variable: str, path: str) -> bool:
    """Tell the same of all tests of a file: what a file starts for its tests is started once."""
    return chosen(variable, crc32(path.encode()))
