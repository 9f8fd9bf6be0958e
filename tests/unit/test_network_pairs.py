"""The sample of the network matrix: each pair of values in at least one cell, the same for the same seed."""

from verify.network.cells import LANES, STALLS, whole
from verify.network.pairs import covering, missing, pairs

ALL = whole()
SAMPLE = covering(ALL, 12)


def test_the_whole_has_every_door_with_every_event() -> None:
    assert {cell.lane for cell in ALL} == set(LANES)
    assert {cell.event.seconds for cell in ALL if cell.event.kind == "stall"} == set(STALLS)
    assert len({cell.name for cell in ALL}) == len(ALL)


def test_every_pair_of_values_meets_in_the_sample() -> None:
    assert missing(SAMPLE, ALL) == set()
    assert len(SAMPLE) < len(ALL) / 6


def test_a_sample_without_a_cell_that_alone_has_a_pair_is_found_out() -> None:
    assert missing(SAMPLE[1:], ALL) <= pairs(SAMPLE[0])
    assert missing(SAMPLE[:40], ALL)


def test_the_same_seed_chooses_the_same_cells() -> None:
    assert covering(ALL, 12) == SAMPLE
    assert covering(ALL, 8) != SAMPLE
