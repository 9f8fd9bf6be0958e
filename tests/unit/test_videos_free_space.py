"""Free space on the share: bytes or a fraction of it, whichever is more."""

from types import SimpleNamespace
from typing import cast

import pytest

from anb.ports import Ports
from anb.settings import Settings
from anb.videos.domain import NoRoom
from anb.videos.free_space import MOST_KEPT, check_room

GIB = 1024**3


def look(free: int, total: int, *, more: int = 0, floor: int = GIB // 2, share: float = 0.1) -> None:
    ports = SimpleNamespace(
        media=SimpleNamespace(free_bytes=lambda: free), inventory=SimpleNamespace(total_bytes=lambda: total)
    )
    settings = SimpleNamespace(free_bytes_floor=floor, free_share_floor=share)
    check_room(cast("Ports", ports), cast("Settings", settings), more)


def test_the_last_tenth_is_not_for_uploads() -> None:
    look(5 * GIB, 50 * GIB)
    with pytest.raises(NoRoom):
        look(5 * GIB - 1, 50 * GIB)
    with pytest.raises(NoRoom):
        look(5 * GIB, 50 * GIB, more=1)


def test_of_a_large_share_ten_gib_are_kept() -> None:
    look(MOST_KEPT, 2000 * GIB)
    with pytest.raises(NoRoom):
        look(MOST_KEPT - 1, 2000 * GIB)


def test_of_a_small_one_the_bytes_decide() -> None:
    with pytest.raises(NoRoom):
        look(GIB // 2 - 1, GIB)


def test_a_part_of_nothing_leaves_the_bytes_alone() -> None:
    look(GIB // 2, 50 * GIB, share=0)
