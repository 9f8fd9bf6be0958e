"""The prober against files as they arrive: from phones and browsers, broken ones, and hostile ones."""

import fcntl
import random
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import pytest

from anb.adapters.media import child_run, probe_child
from anb.adapters.media import prober as prober_module
from anb.adapters.media.prober import LibavProber
from anb.errors import Outage
from anb.media.probe import Probe, examine
from anb.ports import Unreadable
from anb.settings import MIB
from support.clips import GPS, HLG, Clip, draw, ffmpeg
from support.hostile.references import external_reference, playlist
from support.waiting import let_time_pass

SMALL = Clip(seconds=1, width=640, height=360)


@pytest.fixture
def prober(tmp_path: Path) -> LibavProber:
    return LibavProber(tmp_path / "slots", 2, 20)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "x.mp4"


class TestFacts:
    @pytest.mark.parametrize(
        ("clip", "container", "codec"),
        [
            (SMALL, "mp4", "h264"),
            (replace(SMALL, container="mov", codec="hevc"), "mov", "hevc"),
            (replace(SMALL, container="webm", codec="vp9", live=True, audio=True), "webm", "vp9"),
            (replace(SMALL, container="webm", codec="vp8"), "webm", "vp8"),
            (replace(SMALL, codec="av1"), "mp4", "av1"),
            (replace(SMALL, live=True), "mp4", "h264"),
            (replace(SMALL, container="mkv"), "mkv", "h264"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_what_phones_and_browsers_make(self, prober: LibavProber, clip: Clip, container: str, codec: str) -> None:
        facts = examine(prober, draw(clip))
        assert (facts.container, facts.codec, facts.frames) == (container, codec, 30)
        assert facts.duration == pytest.approx(1, abs=0.02)
        assert (facts.width, facts.height, facts.whole) == (640, 360, True)

    @pytest.mark.parametrize("rotation", [90, 180, 270])
    def test_a_turned_clip_is_seen_upright(self, prober: LibavProber, rotation: Literal[90, 180, 270]) -> None:
        clip = replace(SMALL, width=360, height=640) if rotation != 180 else SMALL
        facts = examine(prober, draw(replace(clip, rotation=rotation)))
        assert (facts.rotation, facts.width, facts.height) == (rotation, clip.width, clip.height)

    def test_a_mirrored_clip_is_told_from_a_turned_one(self, prober: LibavProber) -> None:
        facts = examine(prober, draw(replace(SMALL, mirrored=True)))
        assert (facts.rotation, facts.mirrored) == (0, True)

    def test_hdr_and_its_depth(self, prober: LibavProber) -> None:
        facts = examine(prober, draw(replace(HLG, seconds=1, width=640, height=360)))
        assert (facts.hdr, facts.bits, facts.primaries, facts.matrix) == ("HLG", 10, "bt2020", "bt2020nc")

    def test_the_light_of_a_master(self, prober: LibavProber, file: Path) -> None:
        x265 = "log-level=none:max-cll=1200,400"
        ffmpeg("-f", "lavfi", "-i", "color=s=320x180:d=0.2", "-c:v", "libx265", "-x265-params", x265, str(file))
        assert examine(prober, file).peak_nits == 1200

    def test_a_rate_that_varies_is_told_by_its_usual_step(self, prober: LibavProber) -> None:
        facts = examine(prober, draw(replace(SMALL, vfr=True)))
        assert facts.rate == 30
        assert facts.average_rate < 30

    def test_square_pixels_are_not_taken_for_granted(self, prober: LibavProber) -> None:
        facts = examine(prober, draw(replace(SMALL, width=480, sar="4/3")))
        assert (facts.sar, facts.coded_width, facts.width) == (Fraction(4, 3), 480, 640)

    def test_sound_place_and_moov_are_noticed(self, prober: LibavProber) -> None:
        facts = examine(prober, draw(replace(SMALL, audio=True, gps=GPS, moov_first=True)))
        assert (facts.audio_streams, facts.moov_first) == (1, True)
        assert "location" in facts.tags
        assert examine(prober, draw(SMALL)).moov_first is False

    def test_the_name_of_a_tag_need_not_be_text(self, prober: LibavProber, tmp_path: Path) -> None:
        marked = tmp_path / "marked.mkv"
        ffmpeg("-i", str(draw(replace(SMALL, container="mkv"))), "-c", "copy", "-metadata", "ANBTAG=x", str(marked))
        marked.write_bytes(marked.read_bytes().replace(b"ANBTAG", b"\xff\xfeBTAG"))
        tags = examine(prober, marked).tags
        assert "\ufffd\ufffdBTAG" in tags
        assert all(name.encode() for name in tags)  # not half a character, which no table accepts

    def test_sound_alone_has_no_picture_and_a_cover_is_none(
        self, prober: LibavProber, file: Path, tmp_path: Path
    ) -> None:
        cover = tmp_path / "cover.png"
        ffmpeg("-f", "lavfi", "-i", "color=s=64x64", "-frames:v", "1", str(cover))
        sound = ["-f", "lavfi", "-i", "sine=duration=1", "-i", str(cover)]
        ffmpeg(*sound, "-map", "0", "-map", "1", "-c:v", "png", "-disposition:v", "attached_pic", str(file))
        facts = examine(prober, file)
        assert (facts.codec, facts.audio_streams, facts.other_streams) == (None, 1, 1)

    def test_another_codec_is_named_and_not_opened(self, prober: LibavProber, tmp_path: Path) -> None:
        path = tmp_path / "x.mov"
        ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x180:d=0.2", "-c:v", "prores", str(path))
        facts = examine(prober, path)
        assert (facts.codec, facts.frames) == ("prores", 0)


class TestHostile:
    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"hello, this is a text\n" * 100,
            b"\x89PNG\r\n\x1a\n" + bytes(200),
            b"\0\0\0\x18ftypisom",
            b"\x1a\x45\xdf\xa3",
            b"RIFF\0\0\0\0AVI ",
        ],
        ids=["empty", "text", "PNG", "MP4 of a header", "WebM of four bytes", "AVI"],
    )
    def test_what_is_no_video_is_unreadable(self, prober: LibavProber, file: Path, data: bytes) -> None:
        file.write_bytes(data)
        with pytest.raises(Unreadable):
            prober.probe(file)

    def test_a_playlist_named_mp4_opens_no_other_file(self, prober: LibavProber, file: Path) -> None:
        playlist(file, draw(SMALL))
        with av.open(str(file), format="hls", container_options={"allowed_extensions": "ALL"}) as opened:
            assert opened.streams.video, "the playlist is one that works, where it is let"
        with pytest.raises(Unreadable):
            prober.probe(file)
        for demuxer in ("mov", "matroska"):
            with pytest.raises(av.FFmpegError):
                probe_child.look(file, demuxer)

    def test_a_movie_whose_media_lies_in_another_file_opens_no_other_file(
        self, prober: LibavProber, file: Path, tmp_path: Path
    ) -> None:
        external_reference(file, draw(SMALL), tmp_path / "victim.mp4")
        let = {"enable_drefs": "1", "use_absolute_path": "1"}
        with av.open(str(file), format="mov", container_options=let) as opened:
            assert next(opened.decode(video=0)).width == 640, "the reference is one that works, where it is let"
        with pytest.raises(Unreadable):
            prober.probe(file)

    def test_a_file_cut_off_before_its_index(self, prober: LibavProber, file: Path) -> None:
        data = draw(SMALL).read_bytes()
        file.write_bytes(data[: len(data) // 2])
        with pytest.raises(Unreadable):
            prober.probe(file)

    def test_a_file_cut_off_after_its_index_is_not_whole(self, prober: LibavProber, file: Path) -> None:
        data = draw(replace(SMALL, moov_first=True)).read_bytes()
        file.write_bytes(data[: len(data) * 3 // 4])
        assert not examine(prober, file).whole

    def test_the_name_and_the_ending_do_not_matter(self, prober: LibavProber, tmp_path: Path) -> None:
        path = tmp_path / "-i concat:clip's %d.txt"
        path.write_bytes(draw(SMALL).read_bytes())
        assert examine(prober, path).frames == 30

    @pytest.mark.parametrize("seed", range(6))
    def test_a_damaged_index_is_refused_or_read_and_never_our_failure(
        self, prober: LibavProber, file: Path, seed: int
    ) -> None:
        chance = random.Random(seed)
        data = bytearray(draw(replace(SMALL, moov_first=True)).read_bytes())
        for _ in range(20):
            data[chance.randrange(40, 1200)] = chance.randrange(256)
        file.write_bytes(data)
        try:
            assert prober.probe(file)["container"] == "mp4"
        except Unreadable as refused:
            assert str(refused)  # noqa: PT017 - either is right; an Outage is not


class TestLimits:
    def test_a_probe_that_takes_too_long_is_the_files_fault(self, tmp_path: Path) -> None:
        with pytest.raises(Unreadable, match="longer than"):
            LibavProber(tmp_path, 1, 0.01).probe(draw(SMALL))

    def test_a_probe_that_waits_for_a_processor_goes_on(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(child_run, "waited", lambda _pid: time.monotonic())
        assert examine(LibavProber(tmp_path, 1, 0.01), draw(SMALL)).frames == 30

    @pytest.mark.parametrize(("wait", "blocked"), [(time.monotonic, False), (lambda: 0.0, True)])
    def test_a_machine_that_keeps_a_probe_waiting_is_an_outage(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait: Callable[[], float], blocked: bool
    ) -> None:
        monkeypatch.setattr(child_run, "waited", lambda _pid: wait())
        monkeypatch.setattr(child_run, "is_blocked", lambda _pid: blocked)
        monkeypatch.setattr(child_run, "PATIENCE", 0.02)
        with pytest.raises(Outage, match="for a processor"):
            LibavProber(tmp_path, 1, 0.01).probe(draw(SMALL))

    def test_a_probe_without_memory_is_the_files_fault(
        self, prober: LibavProber, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(prober_module, "MEMORY_BYTES", 40 * MIB)
        with pytest.raises(Unreadable):
            prober.probe(draw(Clip(seconds=1, width=3840, height=2160)))

    def test_a_probe_that_cannot_be_started_is_ours(self, prober: LibavProber, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "executable", "/nowhere/python")
        with pytest.raises(Outage, match="cannot be started"):
            prober.probe(draw(SMALL))

    def test_a_missing_file_is_ours(self, prober: LibavProber, file: Path) -> None:
        with pytest.raises(Outage, match="No such file"):
            prober.probe(file)

    def test_nobody_probes_while_all_slots_are_taken_by_whatever_process(self, tmp_path: Path) -> None:
        prober = LibavProber(tmp_path, 1, 20)
        with (tmp_path / "0.lock").open("w") as other, ThreadPoolExecutor(1) as pool:
            fcntl.flock(other, fcntl.LOCK_EX)
            probing = pool.submit(examine, prober, draw(SMALL))
            let_time_pass(0.5, "a probe that does not wait for a slot would be done")
            assert not probing.done()
            fcntl.flock(other, fcntl.LOCK_UN)
            facts: Probe = probing.result(20)
        assert facts.frames == 30

    def test_a_slot_that_never_gets_free_is_an_outage(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(child_run, "PATIENCE", 0.1)
        with (tmp_path / "0.lock").open("w") as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            with pytest.raises(Outage, match="no probe got free"):
                LibavProber(tmp_path, 1, 20).probe(draw(SMALL))
