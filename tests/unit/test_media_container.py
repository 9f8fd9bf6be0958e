"""What a container declares and libav does not pass on, read from boxes and elements written by hand."""

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from verify.kit.boxes import Box, box, large_head

from anb.adapters.media import probe_container, probe_headers
from anb.adapters.media.probe_container import UNCUT, ContainerTrack, Crop, SampleRun

VISUAL = bytes(24) + struct.pack(">HH", 1920, 1440) + bytes(50)  # a visual sample entry before its boxes
SEGMENT, TRACKS, TRACK, VIDEO = b"\x18\x53\x80\x67", b"\x16\x54\xae\x6b", b"\xae", b"\xe0"
CROP_TOP, CROP_BOTTOM, MAPPING = b"\x54\xbb", b"\x54\xaa", b"\x41\xe4"
ENDLESS = b"\x01" + b"\xff" * 7  # the size of a live recording
KINDS = [b"moov", b"trak", b"mdia", b"stsd", b"free", b"mdat", SEGMENT, TRACKS, TRACK + VIDEO + CROP_TOP, MAPPING * 2]
SIZES = st.one_of(st.integers(0, 64), st.integers(0, (1 << 64) - 1))


def aperture(wide: int, high: int, right: int = 0, down: int = 0) -> bytes:
    return struct.pack(">IIIIiIiI", wide, 1, high, 1, right, 1, down, 1)


def movie(*entry: Box, edits: bytes | None = None) -> bytes:
    described = Box(b"stsd", bytes(4) + struct.pack(">I", 1), [Box(b"avc1", VISUAL, list(entry))])
    media = Box(b"mdia", b"", [Box(b"minf", b"", [Box(b"stbl", b"", [described])])])
    track = [Box(b"tkhd", bytes(12) + struct.pack(">I", 7) + bytes(68)), media]
    if edits is not None:
        track.append(Box(b"edts", b"", [Box(b"elst", edits)]))
    return Box(b"ftyp", b"isom").written() + Box(b"moov", b"", [Box(b"trak", b"", track)]).written()


def element(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack(">Q", len(body) | 1 << 56) + body


def read(path: Path, data: bytes, demuxer: str = "mov") -> dict[int, ContainerTrack]:
    path.write_bytes(data)
    return probe_container.read(path, demuxer)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "clip"


class TestAperture:
    @pytest.mark.parametrize(
        ("box", "crop"),
        [
            (aperture(1920, 1080), (0, 180, 0, 180)),
            (aperture(1280, 720, down=100), (320, 460, 320, 260)),
            (aperture(1, 1), (960, 720, 959, 719)),
            (aperture(4000, 1080), UNCUT),  # beyond the picture
            (struct.pack(">IIIIiIiI", 1, 0, 1, 1, 0, 1, 0, 1), UNCUT),  # an invalid ratio
        ],
    )
    def test_it_is_what_is_left_and_right_above_and_below(self, file: Path, box: bytes, crop: Crop) -> None:
        assert read(file, movie(Box(b"clap", box)))[7].described(b"").crop == crop

    def test_matroska_tells_pixels_off_each_side(self, file: Path) -> None:
        video = element(VIDEO, element(CROP_TOP, b"\xb4") + element(CROP_BOTTOM, b"\xb4"))
        tracks = element(TRACKS, element(TRACK, b"") + element(TRACK, video))
        found = read(file, SEGMENT + ENDLESS + tracks, "matroska")
        assert [track.described(b"").crop for track in found.values()] == [UNCUT, (0, 180, 0, 180)]


class TestDolbyVision:
    def test_its_profile_and_what_else_can_show_it(self, file: Path) -> None:
        record = bytes([1, 0]) + struct.pack(">H", 5 << 9 | 6 << 3) + b"\x00" * 20
        assert read(file, movie(Box(b"dvcC", record)))[7].described(b"").dolby_vision == (5, 0)

    def test_in_matroska_too(self, file: Path) -> None:
        record = bytes([1, 0]) + struct.pack(">H", 8 << 9) + b"\x40" + bytes(19)
        mapping = element(MAPPING, element(b"\x41\xe7", b"dvvC") + element(b"\x41\xed", record))
        found = read(file, element(SEGMENT, element(TRACKS, element(TRACK, mapping))), "matroska")
        assert found[0].described(b"").dolby_vision == (8, 4)


class TestEditList:
    @pytest.mark.parametrize(
        ("edits", "everything"),
        [
            (struct.pack(">IIIiI", 0, 1, 0, 0, 1 << 16), True),
            (struct.pack(">IIIiI", 0, 1, 60, 0, 1 << 16), False),
            (struct.pack(">IIIiI", 0, 1, 0, -1, 1 << 16), False),  # a duration of zero
            (struct.pack(">BxxxIQqI", 1, 1, 0, 0, 1 << 16), True),
        ],
    )
    def test_one_entry_of_no_duration_means_everything(self, file: Path, edits: bytes, everything: bool) -> None:
        assert read(file, movie(edits=edits))[7].shows_all is everything


class TestDescriptions:
    def test_each_is_found_by_its_headers_and_the_first_stands_in(self) -> None:
        track = ContainerTrack([SampleRun(b"one"), SampleRun(b"two", (1, 1, 1, 1))])
        assert track.described(b"two").crop == (1, 1, 1, 1)
        assert track.described(b"three").configuration == b"one"
        assert ContainerTrack([]).described(b"") == SampleRun()

    def test_the_headers_of_a_description_are_kept(self, file: Path) -> None:
        assert read(file, movie(Box(b"avcC", b"\x01headers")))[7].entries[0].configuration == b"\x01headers"


class TestNonsense:
    @pytest.mark.parametrize(
        ("data", "demuxer"),
        [
            (b"", "mov"),
            (b"", "matroska"),
            (box(b"free", bytes(4), states=1), "mov"),
            (box(b"moov", bytes(4)), "mov"),
            (large_head(b"moov", 17) + b"x", "mov"),
            (SEGMENT + ENDLESS + b"\x1f\x43\xb6\x75" + ENDLESS, "matroska"),
            (SEGMENT, "matroska"),
            (b"\x00" * 40, "matroska"),
            (movie()[:-30], "mov"),
            (movie(Box(b"clap", b"short")), "mov"),
        ],
    )
    def test_what_makes_no_sense_tells_nothing(self, file: Path, data: bytes, demuxer: str) -> None:
        found = read(file, data, demuxer)
        assert all(entry.crop == UNCUT for track in found.values() for entry in track.entries)

    @pytest.mark.parametrize(
        ("data", "demuxer"),
        [
            (large_head(b"free", 1 << 63), "mov"),
            (large_head(b"free", (1 << 64) - 1) + bytes(20), "mov"),
            (b"\xec" + ENDLESS + bytes(20), "matroska"),
            (b"\xec\x01" + b"\xff" * 7 + b"\xec" + ENDLESS, "matroska"),
        ],
    )
    def test_a_size_beyond_every_file_ends_the_walk(self, file: Path, data: bytes, demuxer: str) -> None:
        assert read(file, data, demuxer) == {}
        assert not probe_container.moov_first(file)

    def test_holders_within_holders_end_somewhere(self, file: Path) -> None:
        data = b""
        for _ in range(5000):
            data = box(b"mdia", data)
        assert read(file, Box(b"moov", b"", [Box(b"trak", data)]).written()) == {0: ContainerTrack([])}

    @settings(max_examples=500, deadline=None)
    @given(data=st.binary(max_size=64), boxes=st.lists(st.tuples(st.sampled_from(KINDS), SIZES), max_size=8))
    def test_no_file_makes_the_reader_fail(
        self, tmp_path_factory: pytest.TempPathFactory, data: bytes, boxes: list[tuple[bytes, int]]
    ) -> None:
        file = tmp_path_factory.getbasetemp() / "arbitrary"
        mov = b"".join(large_head(kind, size) for kind, size in boxes) + data
        ebml = b"".join(kind[:1] + struct.pack(">Q", size | 1 << 56)[-8:] for kind, size in boxes) + data
        for demuxer, content in (("mov", mov), ("matroska", ebml), ("matroska", data)):
            read(file, content, demuxer)
            probe_container.moov_first(file)


class TestHeaders:
    AVC = bytes([1, 66, 0, 30, 0xFF])
    HEVC = bytes([1]) + bytes(20) + bytes([0xFF])

    @pytest.mark.parametrize(
        ("codec", "configuration", "size"), [("h264", AVC, 4), ("hevc", HEVC, 4), ("h264", b"", 0), ("vp8", AVC, 0)]
    )
    def test_how_long_the_length_of_a_unit_is(self, codec: str, configuration: bytes, size: int) -> None:
        assert probe_headers.lengths(codec, configuration) == size

    def test_a_parameter_set_is_found_by_lengths_and_by_start_codes(self) -> None:
        parameters, picture = b"\x67abc", b"\x65picture"
        counted = b"".join(struct.pack(">I", len(unit)) + unit for unit in (parameters, b"", picture))
        coded = b"\x00\x00\x00\x01" + parameters + b"\x00\x00\x01" + picture
        assert probe_headers.signature("h264", counted, 4) == parameters
        assert probe_headers.signature("h264", coded, 0).rstrip(b"\x00") == parameters

    def test_of_hevc_vp8_and_vp9_the_bytes_that_tell_size_and_colours(self) -> None:
        assert probe_headers.signature("hevc", b"\x00\x00\x00\x03\x42\x01x", 4) == b"\x42\x01x"
        assert probe_headers.signature("vp8", bytes(range(20)), 0) == bytes(range(3, 10))
        assert probe_headers.signature("vp9", bytes(range(20)), 0) == bytes(range(1, 10))

    def test_of_av1_the_sequence_header_behind_a_delimiter(self) -> None:
        assert probe_headers.signature("av1", b"\x12\x00\x0a\x03abc\x32\x01x", 0) == b"abc"
        assert probe_headers.signature("av1", b"\x12\x00\x32\x01x", 0) == b""
        assert probe_headers.signature("av1", b"\x36\x00\x80\x81", 0) == b""

    @pytest.mark.parametrize(
        ("codec", "unit", "holds"),
        [("h264", b"\x09\xf0", False), ("h264", b"\x41x", True), ("hevc", b"\x46\x01", False), ("vp9", b"", True)],
    )
    def test_a_sample_may_hold_no_picture(self, codec: str, unit: bytes, holds: bool) -> None:
        assert probe_headers.holds_picture(codec, struct.pack(">I", len(unit)) + unit, 4) is holds


class TestBounds:
    """Where a walk ends although the file continues, and what it skips."""

    CROPPED = element(TRACK, element(VIDEO, element(b"\xb0", b"\x05") + element(CROP_TOP, b"\x07")))

    def tracks(self, *before: bytes) -> bytes:
        return element(SEGMENT, b"".join(before) + element(TRACKS, self.CROPPED))

    def test_a_crop_is_found_among_what_else_is_told_of_a_picture(self, file: Path) -> None:
        assert read(file, self.tracks(), "matroska")[0].entries == [SampleRun(crop=(0, 7, 0, 0))]

    def test_tracks_behind_the_first_pictures_are_not_looked_for(self, file: Path) -> None:
        cluster = element(b"\x1f\x43\xb6\x75", b"pictures")
        assert read(file, self.tracks(cluster), "matroska") == {}

    @pytest.mark.parametrize("demuxer", ["matroska", "mov"])
    def test_a_walk_over_more_parts_than_any_file_has_ends(
        self, file: Path, monkeypatch: pytest.MonkeyPatch, demuxer: str
    ) -> None:
        many = (
            self.tracks(*[element(b"\xec", b"")] * 5)
            if demuxer == "matroska"
            else Box(b"free", b"").written() * 5 + movie()
        )
        assert read(file, many, demuxer)
        monkeypatch.setattr(probe_container, "MOST_BOXES", 3)
        assert read(file, many, demuxer) == {}

    def test_who_has_no_index_knows_nothing_before_the_pictures(self, file: Path) -> None:
        file.write_bytes(Box(b"ftyp", b"isom").written() + bytes(12))
        assert not probe_container.moov_first(file)
        file.write_bytes(box(b"wide", states=1))  # a size that should follow does not
        assert not probe_container.moov_first(file)
