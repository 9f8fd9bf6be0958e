"""The edit of real clips by the real FFmpeg, checked frame by frame and pixel by pixel."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from verify.kit.boxes import walk

from anb.media.edit import EditRejected
from anb.media.picture import Fit, fit
from anb.media.probe import examine
from anb.media.recipe import Brand
from support import pixels
from support.clips import BT601, BT601_FULL, CORNERS, GPS, HLG, PQ, UNTAGGED, Clip, draw, samples, to_the_rules
from support.real_edit import BUMPER, CLIP, RATE, RealEdit, edit_below

# Small and short: the tests depend on neither.
SMALL = Clip(seconds=1, width=640, height=360)
TALL = replace(SMALL, width=360, height=640)
MIDDLE = BUMPER + CLIP / 2


@pytest.fixture
def real_edit(tmp_path: Path) -> RealEdit:
    return edit_below(tmp_path)


def corners_are_kept(shown: pixels.Picture, size: Fit, tolerance: float = 12) -> bool:
    """Say whether the four corners of a clip are where the fit puts them, each with its own colour."""
    left, top = (1280 - size.width) // 2, (720 - size.height) // 2
    across = {"left": left + 6, "right": left + size.width - 14}
    down = {"top": top + 6, "bottom": top + size.height - 14}
    found = {name: pixels.colour(shown, across[name.split("_")[1]], down[name.split("_")[0]], 8, 8) for name in CORNERS}
    return all(pixels.is_like(found[name], colour, tolerance) for name, colour in CORNERS.items())


class TestForm:
    def test_a_clip_with_sound_and_place_loses_both_and_starts_fast(self, real_edit: RealEdit) -> None:
        clip = replace(SMALL, audio=True, gps=GPS, container="mov")
        assert GPS.encode() in draw(clip).read_bytes()
        made = real_edit.make(clip)
        facts = examine(real_edit.prober, made)
        assert (facts.audio_streams, facts.other_streams) == (0, 0)
        data = made.read_bytes()
        for trace in (GPS.encode(), b"\xa9xyz", b"loci", b"x264", b"Lavf", b"Lavc"):
            assert trace not in data
        kinds = [kind for kind, _ in walk(data)]
        assert kinds.index(b"moov") < kinds.index(b"mdat")
        assert (facts.primaries, facts.transfer, facts.matrix, facts.range) == ("bt709", "bt709", "bt709", "tv")

    @pytest.mark.slow  # the corpus has these, too, and some run daily
    @pytest.mark.parametrize(
        ("clip", "rate", "frames"),
        [
            (SMALL, 30, 45),
            (replace(SMALL, vfr=True), 30, 45),
            (replace(SMALL, fps="25"), 25, 36),
            (replace(SMALL, fps="60000/1001", codec="hevc", picture="grey"), 30, 45),
            (replace(SMALL, codec="vp9", container="webm", live=True, audio=True), 30, 45),
            (replace(SMALL, live=True), 30, 45),
        ],
        ids=["30", "variable", "25", "59.94", "browser's WebM", "browser's MP4"],
    )
    def test_the_rate_is_constant_and_every_frame_is_there(
        self, real_edit: RealEdit, clip: Clip, rate: int, frames: int
    ) -> None:
        made = real_edit.make(clip)
        times = pixels.times(made)
        assert len(times) == frames
        assert {later - earlier for earlier, later in pairwise(times)} == {Fraction(1, rate)}
        bumper = rate // 2
        assert pixels.keyframes(made) == [Fraction(frame, rate) for frame in (0, bumper, frames - bumper)]

    def test_sixty_frames_a_second_become_thirty_different_ones(self, real_edit: RealEdit) -> None:
        shown = pixels.pictures(real_edit.make(replace(SMALL, fps="60")))[RATE // 2 : RATE]
        assert min(pixels.difference(one, other) for one, other in pairwise(shown)) > 0.1

    def test_pictures_that_begin_after_the_sound_are_kept_whole(self, real_edit: RealEdit) -> None:
        late = replace(SMALL, audio=True, late=1.5)
        assert len(pixels.times(real_edit.make(late))) == 45


class TestPicture:
    @pytest.mark.slow  # the corpus has these, too, and some run daily
    @pytest.mark.parametrize(
        "clip",
        [
            SMALL,
            replace(TALL, rotation=90),
            replace(TALL, rotation=270),
            replace(SMALL, rotation=180),
            replace(SMALL, mirrored=True),
            replace(SMALL, width=480),
            replace(SMALL, width=480, sar="4/3"),
            replace(SMALL, width=852),
            replace(SMALL, codec="av1", width=360),
            replace(SMALL, codec="vp8", container="webm", grade=BT601),  # VP8 has no other
        ],
        ids=["16:9", "turned 90", "turned 270", "upside down", "mirrored", "4:3", "anamorphic", "21:9", "AV1", "VP8"],
    )
    def test_the_whole_picture_is_kept_upright(self, real_edit: RealEdit, clip: Clip) -> None:
        assert corners_are_kept(pixels.picture(real_edit.make(clip), MIDDLE), real_edit.fit(clip))

    def test_a_portrait_lies_over_a_darker_blur_of_itself(self, real_edit: RealEdit) -> None:
        clip = replace(TALL, rotation=90)
        shown, size = pixels.picture(real_edit.make(clip), MIDDLE), real_edit.fit(clip)
        edge = (1280 - size.width) // 2
        fill, middle = shown[:, : edge - 4], shown[:, edge + 4 : edge + size.width - 4]
        assert 10 < fill.mean() < middle.mean() * 0.8
        steps = [np.abs(np.diff(part.astype(int), axis=1)).mean() for part in (fill, middle)]
        assert steps[0] * 4 < steps[1]

    @pytest.mark.parametrize("hdr", [HLG, PQ], ids=["HLG", "PQ"])
    def test_hdr_looks_as_the_scene_did(self, real_edit: RealEdit, hdr: Clip) -> None:
        clip = replace(hdr, seconds=1, width=640, height=360, picture="grey")
        assert examine(real_edit.prober, draw(clip)).hdr
        shown = pixels.picture(real_edit.make(clip), MIDDLE)
        assert pixels.is_like(pixels.colour(shown, 500, 300, 100, 100), (112, 112, 112), 6)
        assert corners_are_kept(shown, real_edit.fit(clip), 72)

    @pytest.mark.slow  # the corpus has these, too, and some run daily
    @pytest.mark.parametrize(
        ("grade", "form", "side", "tags"),
        [
            (BT601, "yuv420p", 360, ("bt470bg", "tv")),
            (BT601_FULL, "yuvj420p", 360, ("bt470bg", "pc")),
            (UNTAGGED, "yuv420p", 720, (None, None)),
        ],
        ids=["BT.601", "full range", "untagged"],
    )
    def test_other_colours_come_out_right(
        self, real_edit: RealEdit, grade: str, form: str, side: int, tags: tuple[str | None, str | None]
    ) -> None:
        clip = replace(SMALL, width=side * 16 // 9, height=side, pixels=form, picture="grey", grade=grade)
        facts = examine(real_edit.prober, draw(clip))
        assert (facts.matrix, facts.range) == tags
        shown = pixels.picture(real_edit.make(clip), MIDDLE)
        assert pixels.is_like(pixels.colour(shown, 500, 300, 100, 100), (112, 112, 112), 6)
        assert corners_are_kept(shown, real_edit.fit(clip), 12)


class TestBrand:
    def test_bumpers_open_and_close_and_fade_from_and_to_ink(self, real_edit: RealEdit) -> None:
        shown = pixels.pictures(real_edit.make(SMALL))
        bumper = pixels.pictures(Brand.ours().bumper)[0]
        for full in (shown[RATE // 4], shown[-(RATE // 4) - 1]):
            assert pixels.difference(full, bumper) < 3
        for faded in (shown[0], shown[-1]):
            assert pixels.is_like(pixels.colour(faded, 0, 0, 1280, 720), "ink", 8)
        assert pixels.difference(shown[RATE // 2], bumper) > 30  # no frame of the clip is lost to it
        assert pixels.difference(shown[RATE - 1], bumper) > 30

    def test_the_watermark_lies_on_every_frame_of_the_clip_and_nowhere_else(self, real_edit: RealEdit) -> None:
        shown = pixels.pictures(real_edit.make(replace(SMALL, picture="grey")))
        left, top, width, height = 1280 - 168 - 32, 720 - 68 - 28, 168, 68
        for frame in (shown[RATE // 2], shown[RATE - 1]):
            assert pixels.is_like(pixels.colour(frame, left + 10, top + 50, 4, 6), "paper", 40)  # the foot of the arc
            assert pixels.is_like(pixels.colour(frame, left + 45, top + 13, 5, 5), "orange", 40)  # the dot
        bumper = pixels.pictures(Brand.ours().bumper)[0]
        place = (slice(top, top + height), slice(left, left + width))
        assert pixels.difference(shown[RATE // 4][place], bumper[place]) < 3
        assert pixels.is_like(pixels.colour(shown[22], 120, 120, width, height), (112, 112, 112), 4)


class TestDamage:
    def test_a_clip_damaged_in_the_middle_is_refused_with_a_reason(self, real_edit: RealEdit, tmp_path: Path) -> None:
        data = bytearray(draw(replace(SMALL, seconds=2, moov_first=True)).read_bytes())
        start = data.index(b"mdat") + len(data) // 8
        data[start:] = bytes(len(data) - start)
        damaged = tmp_path / "damaged.mp4"
        damaged.write_bytes(data)
        real_edit.change(edit_clip_seconds=2.0)
        with pytest.raises(EditRejected, match="frames of 90") as refused:
            real_edit.make(damaged)
        assert "dañado" in refused.value.reason.text("es")
        assert [path.name for path in real_edit.settings.work_dir.iterdir()] == [real_edit.shelf()[0].parent.name]


@pytest.mark.slow
@pytest.mark.skipif(not samples(), reason="there are no real clips beside the repository")
@pytest.mark.parametrize("sample", samples(), ids=lambda path: path.stem)
def test_a_real_clip_keeps_its_look(real_edit: RealEdit, sample: Path) -> None:
    original = to_the_rules(sample, seconds=2, side=360)
    size = fit(examine(real_edit.prober, original))
    shown = pixels.picture(real_edit.make(original), BUMPER)
    left, top = (1280 - size.width) // 2, (720 - size.height) // 2
    inside = shown[top : top + size.height, left : left + size.width]
    first = pixels.pictures(original)[0]
    assert np.abs(inside.mean(axis=(0, 1)) - first.mean(axis=(0, 1))).max() < 6
