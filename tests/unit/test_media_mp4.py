"""What decides whether one decoder plays two files one after the other."""

from pathlib import Path

import pytest
from verify.kit.boxes import box

from anb.media.mp4 import NotOurs, description
from support.shells import mp4


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.mp4"


def described(path: Path, content: bytes) -> bytes:
    path.write_bytes(content)
    return description(path)


def test_files_coded_alike_are_described_alike_whatever_lies_before(path: Path) -> None:
    assert described(path, mp4(b"one")) == described(path, box(b"free", bytes(100)) + mp4(b"one"))


def test_another_coding_or_another_clock_tells_them_apart(path: Path) -> None:
    assert len({described(path, content) for content in (mp4(b"one"), mp4(b"two"), mp4(b"one", clock=12800))}) == 3


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"an edit",
        box(b"mdat", bytes(10)),
        bytes(64),  # boxes of no size
        box(b"moov", b""),
        box(b"moov", box(b"trak", box(b"mdia", b""))),
        box(b"moov", box(b"trak", box(b"mdia", box(b"mdhd", bytes(24))))),
        mp4(b"one")[:-20],
    ],
)
def test_what_is_none_of_ours_is_said_to_be(path: Path, content: bytes) -> None:
    with pytest.raises(NotOurs):
        described(path, content)
