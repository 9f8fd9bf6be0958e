"""The other renditions that the real FFmpeg makes, checked pixel by pixel: light edit, poster, sprite."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from anb.media.recipe import Brand
from anb.media.renditions import POSTERS, Rendition
from support import pixels
from support.clips import HLG, Clip, ffmpeg, kept_file
from support.real_edit import BUMPER, RATE, RealEdit, edit_below

SMALL = Clip(seconds=1, width=640, height=360)
FIRST = round(BUMPER * RATE)  # of the clip's frames in the edit
COLOURS = ["red", "lime", "blue", "yellow", "gray"]
SEEN = {"gray": (128, 128, 128)} | pixels.COLOURS


@pytest.fixture
def real_edit(tmp_path: Path) -> RealEdit:
    return edit_below(tmp_path)


def still(real_edit: RealEdit, rendition: Rendition) -> pixels.Picture:
    (shown,) = pixels.pictures(real_edit.path(rendition))
    return shown


def smaller(shown: pixels.Picture, by: int) -> pixels.Picture:
    """A picture in which each pixel is the mean of a square."""
    height, width = shown.shape[0] // by, shown.shape[1] // by
    small: pixels.Picture = shown.reshape(height, by, width, by, 3).mean(axis=(1, 3)).astype(np.uint8)
    return small


def seconds(name: str, look: str, count: int = 5) -> Path:
    """A clip of `count` seconds; `look` says what each second shows."""

    def make(path: Path) -> None:
        source = f"testsrc2=s=640x360:r={RATE}:d={count},{look}"
        coded = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "16", "-pix_fmt", "yuv420p"]
        ffmpeg("-f", "lavfi", "-i", source, *coded, "-colorspace", "bt709", str(path))

    return kept_file(f"{name} {look} {count}", "mp4", make)


def colourful() -> Path:
    """A clip with another colour in each second."""
    fills = (
        f"drawbox=c={colour}:t=fill:enable='gte(t,{second})*lt(t,{second + 1})'"
        for second, colour in enumerate(COLOURS)
    )
    return seconds("colourful", f"format=gbrp,{','.join(fills)},scale=out_color_matrix=bt709:out_range=tv")


class TestRanges:
    """Outputs that are JPEGs must not affect the other outputs, nor be affected by them."""

    @pytest.mark.parametrize("clip", [SMALL, replace(HLG, seconds=1, width=640, height=360)], ids=["SDR", "HLG"])
    def test_corners_and_middle_have_their_colours_in_every_rendition(self, real_edit: RealEdit, clip: Clip) -> None:
        edit = real_edit.make(replace(clip, picture="grey"))
        tolerance = 14 if clip == SMALL else 76
        first = pixels.pictures(edit)[FIRST]
        poster, sprite = still(real_edit, Rendition.POSTER), still(real_edit, Rendition.SPRITE)
        light = pixels.pictures(real_edit.path(Rendition.LIGHT))[FIRST]
        for shown, by in ((first, 1), (light, 2), (poster, 1), (sprite[:90, 160:320], 8)):
            height, width = shown.shape[:2]
            assert (width, height) == (1280 // by, 720 // by)
            side = 64 // by
            assert pixels.is_like(pixels.colour(shown, width // 2, height // 2, side, side), (112, 112, 112), 6)
            corners = [(0, 0), (width - side, 0), (0, height - side)]
            for place, colour in zip(corners, ("red", "lime", "blue"), strict=True):
                assert pixels.is_like(pixels.colour(shown, *place, side, side), colour, tolerance), (by, colour)

    def test_each_says_what_it_is(self, real_edit: RealEdit) -> None:
        real_edit.make(SMALL)
        for rendition in (Rendition.PROCESSED, Rendition.LIGHT):
            with av.open(str(real_edit.path(rendition))) as container:
                frame = next(container.decode(video=0))
                assert (frame.format.name, int(frame.color_range), int(frame.colorspace)) == ("yuv420p", 1, 1)
        for rendition in (Rendition.POSTER, Rendition.SPRITE):
            with av.open(str(real_edit.path(rendition))) as container:
                frame = next(container.decode(video=0))
                assert (frame.format.name, int(frame.color_range)) == ("yuvj420p", 2)

    def test_nothing_says_where_it_came_from(self, real_edit: RealEdit) -> None:
        real_edit.make(replace(SMALL, audio=True, gps="+04.6097-074.0817/", container="mov"))
        for rendition in (Rendition.LIGHT, Rendition.POSTER, Rendition.SPRITE):
            data = real_edit.path(rendition).read_bytes()
            assert not [trace for trace in (b"+04.6", b"x264", b"Lav", b"Exif") if trace in data]


class TestSmallerPosters:
    def test_each_is_the_poster_in_another_size(self, real_edit: RealEdit) -> None:
        real_edit.make(SMALL)
        poster = still(real_edit, Rendition.POSTER)
        for rendition, by in ((Rendition.POSTER_640, 2), (Rendition.POSTER_320, 4), (Rendition.POSTER_640_JPEG, 2)):
            assert pixels.difference(still(real_edit, rendition), smaller(poster, by)) < 4, rendition
        assert still(real_edit, Rendition.POSTER_960).shape == (540, 960, 3)
        jpeg, *others = (real_edit.path(each).stat().st_size for each in (Rendition.POSTER, *POSTERS))
        assert all(size < jpeg for size in others)

    def test_they_say_their_colours_and_nothing_of_where_they_came_from(self, real_edit: RealEdit) -> None:
        real_edit.make(replace(SMALL, audio=True, gps="+04.6097-074.0817/", container="mov"))
        for rendition in POSTERS:
            data = real_edit.path(rendition).read_bytes()
            assert not [trace for trace in (b"+04.6", b"Lav", b"Exif", b"aom") if trace in data]
            with av.open(str(real_edit.path(rendition))) as container:
                frame = next(container.decode(video=0))
                assert (int(frame.color_range), int(frame.colorspace)) in {(2, 5), (2, 6)}  # full, BT.601


class TestLight:
    @pytest.mark.slow
    def test_it_is_the_edit_frame_by_frame(self, real_edit: RealEdit) -> None:
        edit, light = real_edit.make(SMALL), real_edit.path(Rendition.LIGHT)
        assert pixels.times(light) == pixels.times(edit)
        whole = [smaller(shown, 2) for shown in pixels.pictures(edit)]
        small = pixels.pictures(light)
        assert all(pixels.difference(one, other) < 4 for one, other in zip(small, whole, strict=True))
        for number in range(FIRST + 1, 2 * FIRST - 1):
            own, before, after = (pixels.difference(small[number], whole[number + by]) for by in (0, -1, 1))
            assert own < min(before, after), number

    def test_old_phones_play_it(self, real_edit: RealEdit) -> None:
        real_edit.make(SMALL)
        with av.open(str(real_edit.path(Rendition.LIGHT))) as container:
            profile, _, level = (container.streams.video[0].codec_context.extradata or b"")[1:4]
        assert (profile, level) == (77, 30)  # Main 3.0

    @pytest.mark.slow
    def test_noise_stays_within_its_cap(self, real_edit: RealEdit) -> None:
        real_edit.change(edit_clip_seconds=5.0)
        real_edit.make(seconds("noise", "noise=alls=100:allf=t"))
        for rendition, most in ((Rendition.PROCESSED, 6000), (Rendition.LIGHT, 800)):
            kbits = real_edit.path(rendition).stat().st_size * 8 / 1000
            assert most / 2 < kbits / 5 < most * 1.4  # at its cap, plus what the buffer of two seconds lends


class TestPoster:
    BLURRED = "gblur=sigma=12:enable='lt(t,3)+gte(t,4)'"

    @pytest.mark.slow
    def test_it_is_the_sharp_picture_in_the_light(self, real_edit: RealEdit) -> None:
        """A clip of five seconds: black, blurred, white, sharp, blurred."""
        real_edit.change(edit_clip_seconds=5.0)
        black, white = "drawbox=c=black:t=fill:enable='lt(t,1)'", "drawbox=c=white:t=fill:enable='gte(t,2)*lt(t,3)'"
        edit = pixels.pictures(real_edit.make(seconds("poster", f"{self.BLURRED},{black},{white}")))
        poster = still(real_edit, Rendition.POSTER)
        stills = [edit[FIRST + second * RATE] for second in range(5)]
        differences = [pixels.difference(poster, shown) for shown in stills]
        assert differences.index(min(differences)) == 3
        assert min(differences) < 3
        assert pixels.difference(poster, pixels.pictures(Brand.ours().bumper)[0]) > 30

    def test_it_bears_the_watermark(self, real_edit: RealEdit) -> None:
        real_edit.make(replace(SMALL, picture="grey"))
        shown = still(real_edit, Rendition.POSTER)
        assert pixels.is_like(pixels.colour(shown, 1280 - 200 + 45, 720 - 96 + 13, 5, 5), "orange", 40)


@pytest.mark.slow
class TestSprite:
    def test_each_tile_shows_what_its_cue_says(self, real_edit: RealEdit) -> None:
        """The clip has another colour in each second; a tile one frame off would have that of the previous second."""
        real_edit.change(edit_clip_seconds=5.0)
        edit = real_edit.make(colourful())
        sprite, cues = still(real_edit, Rendition.SPRITE), real_edit.path(Rendition.THUMBNAILS).read_text()
        shown = []
        for cue in cues.strip().split("\n\n")[1:]:
            time, place = cue.split("\n")
            left, top, width, height = map(int, place.removeprefix("sprite#xywh=").split(","))
            tile = sprite[top : top + height, left : left + width]
            shown.append(tile)
            hours, minutes, rest = time.split(" --> ")[0].split(":")
            start = (int(hours) * 60 + int(minutes)) * 60 + float(rest)
            if 0 < start < 5.4:
                assert pixels.difference(tile, smaller(pixels.picture(edit, start), 8)) < 6
        for tile, colour in zip(shown[1:-1], COLOURS, strict=True):
            assert pixels.is_like(pixels.colour(tile, 10, 10, 60, 40), SEEN[colour], 14), colour
        bumper = smaller(pixels.pictures(Brand.ours().bumper)[0], 8)
        assert pixels.difference(shown[0], bumper) < 4
        assert np.array_equal(shown[0], shown[-1])

    def test_there_is_progress_while_it_grows(self, real_edit: RealEdit) -> None:
        """FFmpeg reports nothing until each output has begun: it would seem to hang, and be ended."""
        real_edit.change(edit_clip_seconds=8.0)
        real_edit.make(Clip(seconds=9))
        assert len([percent for percent in real_edit.percents if 1 < percent < 90]) >= 3
