"""Each look at an edit finds what it is for, and finds nothing where nothing is wrong."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from anb.media.recipe import Brand
from support import pixels
from support.clips import ffmpeg
from support.corpus import Accepted
from support.corpus_all import ACCEPTED
from support.corpus_brand import bumper_faults, watermark_faults
from support.corpus_colours import Look, encoded
from support.corpus_draw import draw
from support.corpus_faults import colour_faults, field_faults, order_faults, picture_faults
from support.corpus_form import faults as form_faults
from support.corpus_sight import HEIGHT, WIDTH, Frame, Sight
from support.corpus_source import Source
from support.markers import PALETTE, Layout, band, bar

LAYOUT = Layout(WIDTH, HEIGHT)
SIGHT = Sight.of(LAYOUT, Fraction(16, 9))


def framed(picture: NDArray[np.uint8]) -> Frame:
    """Return a picture of the palette as an edit would hold it."""
    samples = encoded(np.array(PALETTE), Look(), 8).astype(np.uint8)[picture]
    return Frame(samples[..., 0], samples[::2, ::2, 1], samples[::2, ::2, 2])


def enlarged(picture: NDArray[np.uint8], cropped: int) -> NDArray[np.uint8]:
    """Return what is left when so many pixels are cropped on each side, as large as before."""
    rows = np.linspace(cropped, HEIGHT - 1 - cropped, HEIGHT).round().astype(int)
    columns = np.linspace(cropped, WIDTH - 1 - cropped, WIDTH).round().astype(int)
    return np.asarray(picture[rows][:, columns])


class TestPicture:
    def test_a_whole_upright_picture_has_no_fault(self) -> None:
        assert list(picture_faults(SIGHT, framed(LAYOUT.drawn()))) == []

    @pytest.mark.parametrize("turn", [np.fliplr, np.flipud, lambda picture: picture[::-1, ::-1]])
    def test_a_mirrored_or_turned_one_has(self, turn: object) -> None:
        assert callable(turn)
        assert any("looks like" in fault for fault in picture_faults(SIGHT, framed(turn(LAYOUT.drawn()))))

    def test_three_pixels_cropped_are_noticed_on_every_side(self) -> None:
        found = list(picture_faults(SIGHT, framed(enlarged(LAYOUT.drawn(), 3))))
        assert [fault.partition(":")[0] for fault in found] == ["left", "right", "top", "bottom"]

    def test_a_picture_in_another_place_is_noticed(self) -> None:
        assert list(picture_faults(SIGHT, framed(np.roll(LAYOUT.drawn(), 4, axis=1))))


class TestColours:
    def test_the_right_colours_have_no_fault(self) -> None:
        assert list(colour_faults(SIGHT, framed(LAYOUT.drawn()), hdr=False)) == []

    def test_the_matrix_of_another_standard_is_noticed(self) -> None:
        samples = encoded(np.array(PALETTE), Look("smpte170m"), 8).astype(np.uint8)[LAYOUT.drawn()]
        frame = Frame(samples[..., 0], samples[::2, ::2, 1], samples[::2, ::2, 2])
        found = "; ".join(colour_faults(SIGHT, frame, hdr=False))
        assert "green: " in found
        assert "grey: " not in found

    def test_a_range_taken_for_the_other_is_noticed(self) -> None:
        frame = framed(LAYOUT.drawn())
        pale = (16 + frame.luma * (219 / 255)).astype(np.uint8)
        assert "black: " in "; ".join(colour_faults(SIGHT, replace(frame, luma=pale), hdr=False))

    @pytest.mark.parametrize("hdr", [False, True])
    def test_a_tint_of_grey_is_noticed(self, hdr: bool) -> None:
        frame = framed(LAYOUT.drawn())
        warm = replace(frame, redness=frame.redness + np.uint8(2))
        assert "grey: grey with a chroma" in "; ".join(colour_faults(SIGHT, warm, hdr=hdr))

    def test_what_is_bright_may_be_darker_in_hdr_alone(self) -> None:
        frame = framed(LAYOUT.drawn())
        rolled = replace(frame, luma=np.minimum(frame.luma, 215))
        assert "white: " in "; ".join(colour_faults(SIGHT, rolled, hdr=False))
        assert "white: " not in "; ".join(colour_faults(SIGHT, rolled, hdr=True))


class TestOrder:
    SHOWN = Accepted(name="30").shown()
    FAST = Accepted(name="60", source=Source(grid=Fraction(60), frames=120)).shown()

    def found(self, numbers: list[int | None], shown: object = None, *, steady: bool = False) -> str:
        return "; ".join(order_faults(shown or self.SHOWN, numbers, 30, steady=steady))  # type: ignore[arg-type]

    def test_pictures_in_their_order_have_no_fault(self) -> None:
        assert self.found([*range(45)]) == ""
        assert self.found([*range(0, 90, 2)], self.FAST) == ""

    @pytest.mark.parametrize(
        "numbers",
        [[*range(1, 46)], [0, *range(44)], [*range(10), 9, *range(11, 45)], [*range(20), None, *range(21, 45)]],
        ids=["begins late", "one twice", "one goes back", "a mixture"],
    )
    def test_pictures_out_of_their_order_are_noticed(self, numbers: list[int | None]) -> None:
        assert "the counter says" in self.found(numbers)

    def test_stutter_within_half_a_frame_is_noticed_too(self) -> None:
        stutter: list[int | None] = [0, 2, 5, 6, 8, 11]
        assert self.found(stutter, self.FAST) == "pictures advance by [1, 2, 3], not 2.00"

    def test_a_thousandth_of_drift_needs_one_picture_twice_in_a_thousand_but_not_two(self) -> None:
        shown = Accepted(name="29.97", source=Source(grid=Fraction(30000, 1001), frames=900)).shown()
        once: list[int | None] = [*range(500), *range(499, 898)]
        assert self.found(once, shown) == ""
        twice: list[int | None] = [*range(490), *range(489, 510), *range(509, 896)]
        assert "pictures advance" in self.found(twice, shown)

    def test_a_gap_is_filled_by_the_picture_before_it(self) -> None:
        gap = Accepted(name="gap", source=Source(ticks=(*range(20), *range(38, 78)))).shown()
        assert self.found([*range(20), *[19] * 18, *range(20, 27)], gap) == ""
        assert "not one of [19]" in self.found([*range(20), *[20] * 18, *range(20, 27)], gap)


class TestFields:
    def woven(self, moment: int, comb: int = 0) -> Frame:
        frame = framed(LAYOUT.drawn())
        rows, columns = band(LAYOUT)
        part = frame.luma[rows, columns]
        part[:, bar(LAYOUT, moment)] = 220
        part[1::2] = np.roll(part[1::2], comb, axis=1)
        return frame

    def test_the_bar_in_its_place_has_no_fault(self) -> None:
        assert list(field_faults(SIGHT, self.woven(20), 10)) == []

    def test_fields_in_the_wrong_order_and_a_comb_are_noticed(self) -> None:
        assert "the bar stands" in "; ".join(field_faults(SIGHT, self.woven(21), 10))
        assert "rows differ" in "; ".join(field_faults(SIGHT, self.woven(20, comb=3), 10))


class TestBrand:
    def test_a_frame_without_the_watermark_is_noticed(self) -> None:
        assert list(watermark_faults(framed(LAYOUT.drawn()), "frame 15"))

    def test_a_frame_of_a_clip_is_not_the_bumper(self) -> None:
        found = list(bumper_faults(framed(LAYOUT.drawn()), 7, 15, "frame 7", edge=0))
        assert [fault for fault in found if "is not the bumper" in fault]

    def test_a_bumper_that_begins_at_once_is_noticed(self) -> None:
        picture = pixels.pictures(Brand.ours().bumper)[0]
        luma = (16 + picture @ np.array([0.2126, 0.7152, 0.0722]) * 219 / 255).astype(np.uint8)
        bright = np.clip(luma.astype(int) + 40, 0, 255).astype(np.uint8)
        grey = np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)
        assert list(bumper_faults(Frame(luma, grey, grey), 7, 15, "frame 7", edge=0)) == []
        assert "ink" in "; ".join(bumper_faults(Frame(bright, grey, grey), 0, 15, "frame 0", edge=0))


def test_an_original_has_every_fault_of_form() -> None:
    phone = next(case for case in ACCEPTED["other streams"] if "iPhones" in case.name)
    found = "; ".join(form_faults(Path(draw(replace(phone.source, coded=Source().coded))), 25))
    for fault in ("start fast", "holds metadata", "b'+04.6'", "tells a date", "not 1/25 s", "a remark"):
        assert fault in found


def test_keyframes_more_than_two_seconds_apart_are_a_fault(tmp_path: Path) -> None:
    for length, number in ((2, 0), (3, 1)):
        made = tmp_path / f"{length}.mp4"
        ffmpeg("-f", "lavfi", "-i", f"color=s=64x64:r=25:d={length}", "-c:v", "libx264", "-g", "500", str(made))
        assert len([fault for fault in form_faults(made, 25) if fault.startswith("keyframes at")]) == number
