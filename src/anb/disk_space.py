"""The space on a disk, as `df` counts it: what the file system keeps for root is neither free nor used."""

import shutil
from pathlib import Path


def free_bytes(folder: Path) -> int:
    """Return how many bytes this process may still write to the disk of a folder. Raises OSError."""
    return shutil.disk_usage(folder).free


def total_bytes(folder: Path) -> int:
    """Return the size of the disk of a folder, used or free. Raises OSError."""
    return shutil.disk_usage(folder).total


def used_percent(folder: Path) -> float:
    """Return how full the disk of a folder is. Raises OSError."""
    usage = shutil.disk_usage(folder)
    return 100 * usage.used / (usage.used + usage.free)
