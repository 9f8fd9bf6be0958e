"""What `anb doctor` concludes from the queue of jobs."""

from anb.local.doctor.engines import jobs

LINE = {"due": 3, "running": 1, "dead": 0, "drained": False}


def test_a_line_that_moves_is_well() -> None:
    found = jobs(LINE)
    assert (found.state, found.found) == ("ok", "3 wait, 1 under way, 0 dead letters")


def test_a_dead_letter_is_a_warning_that_says_who_lists_it() -> None:
    found = jobs(LINE | {"dead": 2})
    assert (found.state, found.found) == ("warn", "3 wait, 1 under way, 2 dead letters")
    assert "anb jobs dead" in found.advice


def test_a_drain_is_a_warning_that_says_how_it_ends_though_letters_are_dead_too() -> None:
    found = jobs(LINE | {"dead": 2, "drained": True})
    assert found.state == "warn"
    assert found.found.startswith("drained")
    assert "--off" in found.advice
