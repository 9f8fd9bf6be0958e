"""The record of writes: it finds what a power cut could lose, and leaves out what is safe."""

from verify.chaos import writes

WRITE = '9 write(5</share/incoming/a.part>, "x", 1) = 1'
SYNC = "9 fsync(5</share/incoming/a.part>) = 0"
NAME = '9 rename("/share/incoming/a.part", "/share/originals/ab/a.mp4") = 0'
ON = "9 fsync(3</elsewhere>) = 0"
FOLDER = "9 fsync(6</share/originals/ab>) = 0"


def findings(*lines: str) -> list[str]:
    return writes.WriteOrder("/share").take(lines).findings


def test_written_synced_named_and_its_folder_synced_is_safe() -> None:
    assert findings(WRITE, SYNC, NAME, FOLDER) == []


def test_a_name_before_the_bytes_are_safe_is_told() -> None:
    assert findings(WRITE, NAME, FOLDER) == ["/share/originals/ab/a.mp4 was named before its bytes were fsynced"]
    assert findings(WRITE, SYNC, WRITE, NAME, FOLDER) != [], "written once more after the fsync"


def test_a_name_whose_folder_is_not_synced_is_told() -> None:
    assert findings(WRITE, SYNC, NAME, ON) == ["/share/originals/ab/a.mp4 was named and its folder never fsynced"]
    assert findings(WRITE, SYNC, FOLDER, NAME, ON) != [], "synced before, not after"


def test_a_name_that_the_record_ends_with_is_not_judged() -> None:
    assert findings(WRITE, SYNC, NAME) == []
    assert findings(WRITE, SYNC, NAME, ON.replace("9 ", "8 ", 1)) == [], "another thread went on"


def test_a_new_folder_is_a_name_too() -> None:
    made = '9 mkdir("/share/originals/ab", 0777) = 0'
    assert findings(made, ON) == ["/share/originals/ab was named and its folder never fsynced"]
    assert findings(made, "9 fsync(6</share/originals>) = 0") == []


def test_what_failed_did_not_happen() -> None:
    assert findings(WRITE, "9 fsync(5</share/incoming/a.part>) = -1 EIO (Input/output error)", NAME, FOLDER) != []
    assert findings('9 mkdir("/share/x", 0777) = -1 EEXIST (File exists)') == []


def test_a_call_that_another_interrupts_counts_when_it_ends() -> None:
    begun, ended = "9 fsync(5</share/incoming/a.part> <unfinished ...>", "9 <... fsync resumed>) = 0"
    assert findings(WRITE, begun, ended, NAME, FOLDER) == []
    assert findings(WRITE, begun, NAME, ended, FOLDER) != []


def test_files_elsewhere_are_none_of_its_business() -> None:
    assert findings('9 write(5</tmp/a>, "x", 1) = 1', '9 rename("/tmp/a", "/tmp/b") = 0') == []
