"""The markers drawn on the corpus's clips can be read, and nothing else is read as one."""

import numpy as np
import pytest
from numpy.typing import NDArray

from support.corpus.draw import stored
from support.corpus.moov_edits import Turned
from support.corpus.source import ClipSource
from support.markers import BLACK, CORNERS, DATA_BITS, PALETTE, PATCHES, WHITE, Layout, bits, read, stamp

FULL = Layout(1920, 1080)


def blocks(number: int) -> NDArray[np.float64]:
    return np.array([235.0 if light else 16.0 for light in bits(number)])


@pytest.mark.parametrize("number", [0, 1, 59, 1799, 2**DATA_BITS - 1])
def test_a_number_is_read_as_it_was_drawn_whatever_the_contrast(number: int) -> None:
    assert read(blocks(number)) == number
    assert read(80 + blocks(number) / 5) == number


@pytest.mark.parametrize("place", range(16))
def test_a_wrong_block_is_noticed(place: int) -> None:
    wrong = blocks(1234)
    wrong[place] = 251 - wrong[place]
    assert read(wrong) is None


def test_a_mixture_of_two_pictures_is_no_number() -> None:
    assert read((blocks(7) + blocks(8)) / 2) is None


def test_an_even_grey_is_no_number() -> None:
    assert read(np.full(16, 128.0)) is None


@pytest.mark.parametrize("layout", [FULL, Layout(1080, 1920), Layout(1919, 1081), Layout(3240, 1080)])
def test_nothing_drawn_hides_something_else(layout: Layout) -> None:
    drawn = layout.drawn()
    stamp(drawn, layout, 0, 2, 3)
    found = {int(number): int((drawn == number).sum()) for number in np.unique(drawn)}
    assert set(found) == set(range(len(PALETTE)))
    for number, place in enumerate([*layout.corners().values(), *layout.patches().values()], start=4):
        assert (drawn[layout.pixels(place)] == number).all()
    assert found[0] > drawn.size / 3


def test_corners_and_patches_are_told_apart() -> None:
    colours = np.array([*CORNERS.values(), *PATCHES.values()])
    apart = np.abs(colours[:, None] - colours[None]).max(axis=-1) + np.eye(len(colours))
    assert apart.min() > 0.05
    assert WHITE - BLACK > 0.5


@pytest.mark.parametrize(("clockwise", "corner"), [(0, (0, 0)), (90, (-1, 0)), (180, (-1, -1)), (270, (0, -1))])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_turned_clip_is_stored_the_other_way_round(clockwise: int, corner: tuple[int, int], mirrored: bool) -> None:
    source = ClipSource(turned=Turned(clockwise, mirrored=mirrored))
    picture = stored(source)
    assert picture.shape == (1080, 1920)
    edge = source.layout.edge + 4
    y, x = (edge if end == 0 else end - edge for end in corner)
    seen = PALETTE[int(picture[y, x])]
    assert seen == CORNERS["top right" if mirrored else "top left"]
