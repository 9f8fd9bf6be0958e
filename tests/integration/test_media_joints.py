"""Edits to which opening and closing are joined look as if made in one pass."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest
from verify.kit.boxes import walk

from anb.media.recipe import Recipe
from anb.media.renditions import Rendition
from support import pixels
from support.clips import Clip, draw, ffmpeg
from support.real_edit import RealEdit, edit_below

SMALL = Clip(seconds=1, width=640, height=360)


@pytest.fixture
def real_edit(tmp_path: Path) -> RealEdit:
    return edit_below(tmp_path)


@pytest.mark.slow
class TestJoints:
    def test_joined_is_as_made_in_one_pass_but_for_coding(
        self, real_edit: RealEdit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        joined = [Path(shutil.copy(real_edit.make(SMALL), tmp_path / "joined.mp4"))]
        joined.append(Path(shutil.copy(real_edit.path(Rendition.LIGHT), tmp_path / "joined-light.mp4")))
        monkeypatch.setattr(Recipe, "joinable", property(lambda _: False))
        whole = [real_edit.make(SMALL), real_edit.path(Rendition.LIGHT)]
        for one, other in zip(joined, whole, strict=True):
            assert pixels.times(one) == pixels.times(other)
            pairs = list(zip(pixels.pictures(one), pixels.pictures(other), strict=True))
            assert max(pixels.difference(*pair) for pair in pairs) < 2.5
            assert coding(one) == coding(other)
        assert len(pixels.keyframes(joined[0])) == 3
        assert len(pixels.keyframes(whole[0])) == 1

    def test_parts_are_copied_bit_for_bit_behind_one_description(self, real_edit: RealEdit) -> None:
        edit = real_edit.make(SMALL)
        bumper = packets(next(path for path in real_edit.shelf() if "processed" in path.name))
        found = packets(edit)
        assert found[: len(bumper)] == found[-len(bumper) :] == bumper
        kinds = [kind for kind, _ in walk(edit.read_bytes())]
        assert kinds.index(b"moov") < kinds.index(b"mdat")

    def test_times_never_go_back_nor_stand_still(self, real_edit: RealEdit) -> None:
        real_edit.make(replace(SMALL, fps="24"))
        for rendition in (Rendition.PROCESSED, Rendition.LIGHT):
            with av.open(str(real_edit.path(rendition))) as container:
                order = [packet.dts for packet in container.demux(video=0) if packet.size and packet.dts is not None]
            assert {later - earlier for earlier, later in pairwise(order)} == {512}
            steps = {later - earlier for earlier, later in pairwise(pixels.times(real_edit.path(rendition)))}
            assert steps == {Fraction(1, 24)}

    @pytest.mark.parametrize("change", [["-x264-params", "ref=5"], ["-profile:v", "main"], ["-preset", "slow"]])
    def test_a_bumper_coded_otherwise_gives_way_to_one_pass_and_is_made_anew(
        self, real_edit: RealEdit, change: list[str], tmp_path: Path
    ) -> None:
        real_edit.make(SMALL)
        kept = next(path for path in real_edit.shelf() if "processed" in path.name)
        ffmpeg("-i", str(kept), "-c:v", "libx264", *change, "-video_track_timescale", "15360", str(tmp_path / "o.mp4"))
        (tmp_path / "o.mp4").replace(kept)
        edit = real_edit.make(SMALL)
        assert pixels.keyframes(edit) == [0]
        assert len(pixels.pictures(edit)) == 45
        assert real_edit.shelf() == []
        assert len(pixels.keyframes(real_edit.make(SMALL))) == 3

    def test_two_workers_that_begin_at_once_both_end_well(self, real_edit: RealEdit, tmp_path: Path) -> None:
        original = draw(SMALL)
        real_edits = [real_edit, replace(real_edit, folder=tmp_path / "other")]
        real_edits[1].folder.mkdir()
        with ThreadPoolExecutor(2) as pool:
            one, other = pool.map(lambda threads: threads.make(original), real_edits)
        assert packets(one) == packets(other)
        assert len(real_edit.shelf()) == 2

    def test_a_kept_bumper_that_broke_is_noticed(self, real_edit: RealEdit) -> None:
        real_edit.make(SMALL)
        for path in real_edit.shelf():
            path.write_bytes(path.read_bytes()[:-200])
        edit = real_edit.make(SMALL)
        assert len(pixels.pictures(edit)) == 45
        assert pixels.keyframes(edit) == [0]
        assert real_edit.shelf() == []


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def coding(path: Path) -> bytes:
    with av.open(str(path)) as container:
        return bytes(container.streams.video[0].codec_context.extradata or b"")
