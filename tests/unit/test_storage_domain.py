"""What a check of the share reports."""

import pytest

from anb.ports import Found
from anb.storage.domain import KnownFile, StorageFinding, Wrong, compare


def found(size: int) -> Found:
    return Found("originals/ab/x.mp4", size, age=0)


@pytest.mark.parametrize(
    ("sha256", "size", "wrong"),
    [
        ("ab", 10, None),
        ("ab", 9, Wrong.SIZE),
        ("ab", 11, Wrong.SIZE),
        (None, 10, None),
        (None, 11, None),  # it is arriving: its row is a second behind
        (None, 9, Wrong.SIZE),  # its row says that more was durable
    ],
)
def test_a_file_is_as_its_row_says(sha256: str | None, size: int, wrong: Wrong | None) -> None:
    finding = compare(KnownFile("originals/ab/x.mp4", 10, sha256), found(size))
    assert (finding and finding.wrong) == wrong


def test_a_file_that_is_gone_is_missing() -> None:
    finding = compare(KnownFile("originals/ab/x.mp4", 10, "ab"), None)
    assert finding == StorageFinding(Wrong.MISSING, "originals/ab/x.mp4")
