"""Which faults strike, and what counts as recovered: the same for the same seed, each kind in each round."""

import random
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

import pytest
from verify.chaos import faults, journal
from verify.chaos.conductor import order
from verify.chaos.faults.fault import Fault
from verify.kit import numbered_clips

KINDS = [Fault(str(number), lambda _: nullcontext(), alone=number == 0) for number in range(10)]


def names(seed: int, number: int) -> list[tuple[str, ...]]:
    chosen = order(KINDS, random.Random(seed))
    return [tuple(fault.name for fault in next(chosen)) for _ in range(number)]


def test_the_same_seed_chooses_the_same_faults() -> None:
    assert names(3, 40) == names(3, 40)
    assert names(3, 40) != names(4, 40)


@pytest.mark.parametrize("seed", range(20))
def test_every_kind_strikes_in_each_round(seed: int) -> None:
    flat = [name for some in names(seed, 30) for name in some]
    assert set(Counter(flat[:30]).values()) == {3}
    assert len(set(flat)) == 10


def test_some_strike_together_but_never_one_that_must_be_alone() -> None:
    together = [some for seed in range(20) for some in names(seed, 30) if len(some) > 1]
    assert together
    assert not any("0" in some for some in together)


def test_no_two_faults_have_one_name() -> None:
    known = [fault.name for fault in (*faults.EVERY, *faults.ONCE)]
    assert len(known) == len(set(known)) >= 20


@pytest.mark.parametrize("code", [0, 1, 0b1010101010101010, 0xFFFF])
def test_a_clip_carries_its_number(code: int, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(numbered_clips.draw(code))
    assert numbered_clips.read(path) == code


def test_a_file_without_a_number_is_told(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"not a video")
    with pytest.raises(numbered_clips.NumberUnreadable):
        numbered_clips.read(path)
    with pytest.raises(ValueError, match="65536"):
        numbered_clips.draw(1 << 16)


def test_journals_are_read_as_one_in_the_order_of_time(tmp_path: Path) -> None:
    books = [journal.Journal(tmp_path / f"{name}.jsonl") for name in ("one", "two")]
    books[0].write("ready")
    books[1].write("sending", code=1)
    books[0].write("accepted", task="t")
    for book in books:
        book.close()
    assert [(entry.say, entry.facts) for entry in journal.read(tmp_path)] == [
        ("ready", {}),
        ("sending", {"code": 1}),
        ("accepted", {"task": "t"}),
    ]
