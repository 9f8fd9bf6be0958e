"""A hash that waits for the next chunk continues exactly where it stopped, or is not used."""

import hashlib

from anb.adapters.storage.running_hash import MOST_KEPT, KeptHashes, RunningHash


def hash_of(data: bytes) -> RunningHash:
    made = RunningHash()
    made.update(data)
    return made


def test_a_kept_hash_goes_on_where_it_was_put_down() -> None:
    kept = KeptHashes()
    kept.keep("a", hash_of(b"one "))
    again = kept.take("a", 4)
    again.update(b"two")
    assert (again.size, again.hexdigest()) == (7, hashlib.sha256(b"one two").hexdigest())


def test_what_goes_on_from_it_does_not_change_what_is_kept() -> None:
    kept = KeptHashes()
    kept.keep("a", hash_of(b"one "))
    kept.take("a", 4).update(b"a chunk that came altered and was dropped")
    assert kept.take("a", 4).hexdigest() == hashlib.sha256(b"one ").hexdigest()


def test_one_that_lags_behind_what_is_stored_is_still_good() -> None:
    kept = KeptHashes()
    kept.keep("a", hash_of(b"one "))
    assert kept.take("a", 7).size == 4  # another server appended three bytes meanwhile


def test_one_of_more_bytes_than_are_safe_is_not_used() -> None:
    kept = KeptHashes()
    kept.keep("a", hash_of(b"one two"))
    assert kept.take("a", 4).size == 0
    assert kept.take("b", 9).size == 0


def test_the_oldest_is_forgotten() -> None:
    kept = KeptHashes()
    for number in range(MOST_KEPT + 1):
        kept.keep(str(number), hash_of(b"x"))
    assert [kept.take(str(number), 1).size for number in (0, 1, MOST_KEPT)] == [0, 1, 1]
