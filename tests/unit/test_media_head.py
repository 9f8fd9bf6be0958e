"""The first bytes of a file, however they arrive."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anb.adapters.media import prober
from anb.media.head import Head
from anb.media.unreadable import NotAVideo
from anb.ports import HEAD_BYTES
from support.fakes import FakeProber

CLIP = b"\0\0\0\x18ftypisom\0\0\0\0 and more"
NOISE = b"neither of these, whatever its name"


def opens(head: bytes) -> bool:
    return prober.demuxer_of(head) is not None


def head_of(*chunks: bytes) -> Head:
    head = Head(FakeProber(opens=opens))
    for chunk in chunks:
        head.add(chunk)
        head.check()
    return head


@given(st.integers(1, 40))
def test_a_clip_passes_and_noise_does_not_in_chunks_of_any_size(step: int) -> None:
    head_of(*(CLIP[place : place + step] for place in range(0, len(CLIP), step)))
    with pytest.raises(NotAVideo):
        head_of(*(NOISE[place : place + step] for place in range(0, len(NOISE), step)))


def test_fewer_bytes_than_a_head_say_nothing_and_the_twelfth_decides() -> None:
    head = head_of(*(NOISE[place : place + 1] for place in range(HEAD_BYTES - 1)))
    head.add(memoryview(NOISE)[HEAD_BYTES - 1 :])
    with pytest.raises(NotAVideo):
        head.check()


def test_what_came_in_an_earlier_request_counts(tmp_path: Path) -> None:
    part = tmp_path / "a.part"
    part.write_bytes(NOISE[:5])
    head = Head(FakeProber(opens=opens))
    head.resume(part, 5)
    head.check()
    head.add(NOISE[5:])
    with pytest.raises(NotAVideo):
        head.check()


def test_behind_its_head_a_file_is_not_looked_at_again(tmp_path: Path) -> None:
    head = Head(FakeProber(opens=opens))
    head.resume(tmp_path / "not read", HEAD_BYTES)
    head.add(NOISE)
    head.check()
