"""The formulas by which the corpus judges colours give the numbers that their standards publish."""

import numpy as np
import pytest

from support.corpus.colours import ColourTags, decoded, delta_e, encoded, hue_apart, lab, shown_by

PQ = ColourTags("bt2020nc", "smpte2084", "bt2020")
HLG = ColourTags("bt2020nc", "arib-std-b67", "bt2020")
GREY, RED = np.array([0.5, 0.5, 0.5]), np.array([1.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, 2.4900, -0.0010), (50, -2.4900, 0.0009), 7.1792),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((50, 2.5, 0), (58, 24, 15), 19.4535),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_colours_are_as_far_apart_as_sharma_wu_and_dalal_say(
    one: tuple[float, ...], other: tuple[float, ...], apart: float
) -> None:
    assert delta_e(np.array(one), np.array(other)) == pytest.approx(apart, abs=1e-4)
    assert delta_e(np.array(other), np.array(one)) == pytest.approx(apart, abs=1e-4)


@pytest.mark.parametrize(
    ("srgb", "wanted"),
    [
        ((1, 1, 1), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((1, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 0, 1), (32.30, 79.20, -107.86)),
    ],
)
def test_srgb_has_its_lab(srgb: tuple[float, ...], wanted: tuple[float, ...]) -> None:
    assert lab(np.array(srgb, dtype=float)) == pytest.approx(np.array(wanted), abs=0.05)


@pytest.mark.parametrize(
    ("look", "bits", "colour", "samples"),
    [
        (ColourTags(), 8, (1, 1, 1), (235, 128, 128)),
        (ColourTags(), 8, (1, 0, 0), (63, 102, 240)),  # BT.709's red
        (ColourTags("smpte170m"), 8, (1, 0, 0), (81, 90, 240)),  # BT.601's
        (ColourTags(range="pc"), 8, (1, 1, 1), (255, 128, 128)),
        (ColourTags(), 10, (0, 0, 0), (64, 512, 512)),
        (ColourTags("gbr", range="pc"), 8, (1, 0.5, 0), (128, 0, 255)),
        (PQ, 10, (1, 1, 1), (573, 512, 512)),  # 203 cd/m² is 58 % of PQ (BT.2408)
        (HLG, 10, (1, 1, 1), (721, 512, 512)),  # and 75 % of HLG
    ],
)
def test_a_file_holds_the_samples_of_its_standard(
    look: ColourTags, bits: int, colour: tuple[float, ...], samples: tuple[int, ...]
) -> None:
    assert encoded(np.array(colour, dtype=float), look, bits).tolist() == pytest.approx(samples, abs=1)


def test_a_colour_survives_its_own_coding() -> None:
    for colour in (GREY, RED, np.array([0.2, 0.6, 0.9])):
        assert decoded(encoded(colour, ColourTags(), 8).astype(float)) == pytest.approx(colour, abs=0.006)


def test_wide_primaries_hold_a_colour_in_other_numbers() -> None:
    wide = encoded(RED, ColourTags(primaries="smpte432"), 8)
    assert wide.tolist() != encoded(RED, ColourTags(), 8).tolist()
    grey = encoded(GREY, ColourTags(primaries="smpte432"), 8)
    assert grey.tolist() == pytest.approx(encoded(GREY, ColourTags(), 8).tolist(), abs=1)


@pytest.mark.parametrize(("chroma", "apart"), [(7, 0.8), (70, 4.1)])
def test_the_same_angle_of_hue_is_little_of_a_pale_colour_and_much_of_a_strong_one(chroma: float, apart: float) -> None:
    one, turned = (np.array([70, chroma * np.cos(hue), chroma * np.sin(hue)]) for hue in (0.8, 0.9))
    assert hue_apart(one, turned) == pytest.approx(apart, abs=0.2)
    assert hue_apart(one, turned) == pytest.approx(delta_e(one, turned), abs=0.1)
    assert hue_apart(one, one * np.array([0.9, 0.8, 0.8])) == pytest.approx(0, abs=0.1)


class TestWhatAFileShows:
    CYAN, SKIN = np.array([0.1, 0.6, 0.65]), np.array([0.76, 0.59, 0.51])

    @pytest.mark.parametrize(
        "look",
        [
            ColourTags(),
            ColourTags("smpte170m", "smpte170m", "smpte170m"),
            ColourTags("bt470bg", range="pc"),
            ColourTags("bt2020nc", "bt2020-10", "bt2020"),
            ColourTags(primaries="smpte432", range="pc"),
            ColourTags("gbr", range="pc"),
        ],
    )
    def test_a_colour_comes_back_from_samples_fine_enough(self, look: ColourTags) -> None:
        for colour in (GREY, self.SKIN):
            assert shown_by(encoded(colour, look, 16), look, 16) == pytest.approx(colour, abs=1e-4)

    def test_eight_bits_of_wide_primaries_hold_a_colour_by_half_of_what_people_see(self) -> None:
        wide = ColourTags("bt2020nc", primaries="bt2020", range="pc")
        held = shown_by(encoded(self.SKIN, wide, 8), wide, 8)
        assert 0.5 < delta_e(lab(held), lab(self.SKIN)) < 0.7
        assert encoded(held, wide, 8).tolist() == encoded(self.SKIN, wide, 8).tolist()

    def test_a_colour_that_primaries_do_not_reach_lies_at_their_edge(self) -> None:
        narrow = ColourTags(primaries="smpte170m")
        held = shown_by(encoded(self.CYAN, narrow, 16), narrow, 16)
        assert encoded(held, narrow, 10).tolist() == encoded(self.CYAN, narrow, 10).tolist()
        assert 1.0 < delta_e(lab(held), lab(self.CYAN)) < 1.5
