"""Each check of an edit finds its own fault, and finds nothing in a good edit."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from anb.media.recipe import Brand
from support import pixels
from support.clips import ffmpeg
from support.corpus.brand import bumper_faults, watermark_faults
from support.corpus.colour_cases import HLG
from support.corpus.colours import ColourTags, delta_e, encoded, lab, shown_by
from support.corpus.draw import draw
from support.corpus.everything import ACCEPTED
from support.corpus.faults import SDR_MOST, colour_faults, field_faults, fill_faults, picture_faults
from support.corpus.form import faults as form_faults
from support.corpus.frame_groups import FrameGroup
from support.corpus.perception import HEIGHT, WIDTH, Frame, Sight
from support.corpus.source import SDR, ClipSource
from support.markers import PALETTE, PATCHES, Layout, band, bar, stamp

LAYOUT = Layout(WIDTH, HEIGHT)
SIGHT = Sight.of(LAYOUT, Fraction(16, 9))


def framed(picture: NDArray[np.uint8]) -> Frame:
    """Return a picture of the palette as an edit would hold it."""
    samples = encoded(np.array(PALETTE), ColourTags(), 8).astype(np.uint8)[picture]
    return Frame(samples[..., 0], samples[::2, ::2, 1], samples[::2, ::2, 2])


def enlarged(picture: NDArray[np.uint8], cropped: int) -> NDArray[np.uint8]:
    """Crop this many pixels on each side of a picture, and enlarge it to its old size."""
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
        assert list(colour_faults(SIGHT, framed(LAYOUT.drawn()), SDR, 8)) == []

    def test_the_matrix_of_another_standard_is_noticed(self) -> None:
        samples = encoded(np.array(PALETTE), ColourTags("smpte170m"), 8).astype(np.uint8)[LAYOUT.drawn()]
        frame = Frame(samples[..., 0], samples[::2, ::2, 1], samples[::2, ::2, 2])
        found = "; ".join(colour_faults(SIGHT, frame, SDR, 8))
        assert "green: " in found
        assert "grey: " not in found

    def test_a_range_taken_for_the_other_is_noticed(self) -> None:
        frame = framed(LAYOUT.drawn())
        pale = (16 + frame.luma * (219 / 255)).astype(np.uint8)
        assert "black: " in "; ".join(colour_faults(SIGHT, replace(frame, luma=pale), SDR, 8))

    @pytest.mark.parametrize("look", [SDR, HLG])
    def test_a_tint_of_grey_is_noticed(self, look: ColourTags) -> None:
        frame = framed(LAYOUT.drawn())
        warm = replace(frame, redness=frame.redness + np.uint8(2))
        assert "grey: grey with a chroma" in "; ".join(colour_faults(SIGHT, warm, look, 8))

    def test_what_is_bright_may_be_darker_in_hdr_alone(self) -> None:
        frame = framed(LAYOUT.drawn())
        rolled = replace(frame, luma=np.minimum(frame.luma, 215))
        assert "white: " in "; ".join(colour_faults(SIGHT, rolled, SDR, 8))
        assert "white: " not in "; ".join(colour_faults(SIGHT, rolled, HLG, 10))

    def of(self, name: str, colour: NDArray[np.float64], look: ColourTags) -> str:
        """Return the findings for a patch of this colour, in a frame that is correct otherwise."""
        frame, place = framed(LAYOUT.drawn()), LAYOUT.pixels(LAYOUT.patches()[name])
        samples = encoded(colour, SDR, 8)
        frame.luma[place] = samples[0]
        rows, columns = (slice(each.start // 2, each.stop // 2) for each in place)
        frame.blueness[rows, columns], frame.redness[rows, columns] = samples[1:]
        return "; ".join(colour_faults(SIGHT, frame, look, 10))

    def test_what_is_bright_keeps_its_hue_in_hdr(self) -> None:
        ball = np.array(PATCHES["ball"])
        assert self.of("ball", ball * 0.9, HLG) == ""
        assert "in hue alone" in self.of("ball", ball * [0.9, 0.98, 0.9], HLG)

    def test_a_step_of_eight_bits_turns_a_pale_colour_far_and_is_not_seen(self) -> None:
        skin = np.array(PATCHES["light skin"]) * 0.93
        assert self.of("light skin", skin + np.array([0.004, 0, -0.01]), HLG) == ""

    def test_the_reference_is_what_the_samples_of_a_file_hold(self) -> None:
        wide = ColourTags("bt2020nc", primaries="bt2020", range="pc")
        skin = np.array(PATCHES["light skin"])
        held = shown_by(encoded(skin, wide, 8), wide, 8)
        off = held + (held - skin) * 2  # as far again from them, on the side away from the scene
        assert delta_e(lab(off), lab(skin)) > SDR_MOST > delta_e(lab(off), lab(held))
        assert self.of("light skin", held, wide) == self.of("light skin", off, wide) == ""


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

    def test_a_narrow_clip_has_its_bar_beside_the_fill(self) -> None:
        layout = Layout(960, 720)
        frame = framed(np.pad(layout.drawn(), ((0, 0), (160, 160)), constant_values=0))
        rows, columns = band(layout)
        frame.luma[rows, columns.start + 160 : columns.stop + 160][:, bar(layout, 20)] = 220
        assert list(field_faults(Sight.of(layout, Fraction(4, 3)), frame, 10)) == []

    def test_fields_in_the_wrong_order_and_a_comb_are_noticed(self) -> None:
        assert "the bar stands" in "; ".join(field_faults(SIGHT, self.woven(21), 10))
        assert "rows differ" in "; ".join(field_faults(SIGHT, self.woven(20, comb=3), 10))


class TestFill:
    UPRIGHT = Sight.of(Layout(1080, 1920), Fraction(9, 16))

    def beside(self, luma: int) -> Frame:
        frame = framed(LAYOUT.drawn())
        frame.luma[:] = luma
        return frame

    def test_a_dim_blur_has_no_fault_and_a_whole_frame_needs_none(self) -> None:
        assert list(fill_faults(self.UPRIGHT, self.beside(60))) == []
        assert list(fill_faults(SIGHT, self.beside(16))) == []

    @pytest.mark.parametrize("luma", [16, 180])
    def test_bars_of_black_and_a_fill_as_bright_as_the_clip_are_noticed(self, luma: int) -> None:
        assert f"the fill is of {luma} levels" in "; ".join(fill_faults(self.UPRIGHT, self.beside(luma)))

    def test_a_sharp_fill_is_noticed(self) -> None:
        sharp = self.beside(60)
        sharp.luma[:, ::16] = 90
        assert "edge of 30 levels" in "; ".join(fill_faults(self.UPRIGHT, sharp))


class TestParts:
    def test_a_number_of_another_part_is_none(self) -> None:
        frame = framed(LAYOUT.drawn())
        stamp(frame.luma, LAYOUT, 25, 16, 235)
        before, after = ClipSource(frames=20), ClipSource(frames=20, first=20)
        assert [FrameGroup.of(source).number(frame) for source in (before, after)] == [None, 25]


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
    found = "; ".join(form_faults(Path(draw(replace(phone.source, coded=ClipSource().coded))), 25))
    for fault in ("start fast", "holds metadata", "b'+04.6'", "tells a date", "not 1/25 s", "a remark"):
        assert fault in found


def test_keyframes_more_than_two_seconds_apart_are_a_fault(tmp_path: Path) -> None:
    for length, number in ((2, 0), (3, 1)):
        made = tmp_path / f"{length}.mp4"
        ffmpeg("-f", "lavfi", "-i", f"color=s=64x64:r=25:d={length}", "-c:v", "libx264", "-g", "500", str(made))
        assert len([fault for fault in form_faults(made, 25) if fault.startswith("keyframes at")]) == number
