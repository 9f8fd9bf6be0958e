"""The first bytes that a file needs to be probed, and who is at fault when a probe says nothing."""

import json
import os
import struct
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from verify.kit.boxes import box

from anb.adapters.media import probe_child, probe_picture
from anb.adapters.media.prober import demuxer_of, sniff, understood
from anb.errors import Outage
from anb.ports import CutShort, Encrypted, TooHeavy, Undecodable, Unreadable


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return tmp_path / "clip.mp4"


@pytest.mark.parametrize(
    "boxes",
    [
        [box(b"ftyp", b"isom"), box(b"mdat", b"pictures"), box(b"moov", b"index")],
        [box(b"ftyp", b"isom"), box(b"moov", b"index"), box(b"mdat", b"pictures", states=0)],  # to the end of the file
        [box(b"ftyp", b"isom"), box(b"mdat", struct.pack(">Q", 24) + b"pictures", states=1), box(b"moov", b"index")],
        [box(b"ftyp", b"isom"), box(b"moof", b"a fragment"), box(b"mdat", b"pictures")],
        [box(b"free")] * 100,  # whatever it is, libav decides
        [box(b"ftyp", b"isom")],
    ],
    ids=["index last", "index first", "large pictures", "fragments", "many boxes", "no pictures"],
)
def test_boxes_are_for_the_demuxer_of_mp4(clip: Path, boxes: list[bytes]) -> None:
    clip.write_bytes(b"".join(boxes))
    assert sniff(clip) == "mov"


@pytest.mark.parametrize(
    "boxes",
    [
        [box(b"ftyp", b"isom"), box(b"mdat", b"pictures")],
        [box(b"ftyp", b"isom"), box(b"mdat", b"pictures", states=4000)],
        [box(b"ftyp", b"isom"), box(b"mdat", b"pictures"), box(b"moov", b"half", states=4000)],
    ],
    ids=["no index", "half of the pictures", "half of the index"],
)
def test_pictures_without_their_index_were_cut_short(clip: Path, boxes: list[bytes]) -> None:
    clip.write_bytes(b"".join(boxes))
    with pytest.raises(CutShort):
        sniff(clip)


def test_webm_is_for_the_demuxer_of_matroska(clip: Path) -> None:
    clip.write_bytes(b"\x1a\x45\xdf\xa3 and more")
    assert sniff(clip) == "matroska"


@pytest.mark.parametrize(("body", "said"), [(b"", "empty"), (b"#EXTM3U\nfile:/etc/passwd", "neither")])
def test_anything_else_is_not_opened(clip: Path, body: bytes, said: str) -> None:
    clip.write_bytes(body)
    with pytest.raises(Unreadable, match=said):
        sniff(clip)


@pytest.mark.parametrize("kind", [b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"])
def test_whatever_legal_box_comes_first_the_head_alone_tells_the_demuxer(clip: Path, kind: bytes) -> None:
    body = box(kind, b"0123456789")
    clip.write_bytes(body)
    assert demuxer_of(body[:12]) == "mov"
    if kind != b"mdat":  # pictures with nothing after them were cut short
        assert sniff(clip) == "mov"


@pytest.mark.parametrize(
    "head", [b"", b"ftypisom0000", b"#EXTM3U\nfile", b"RIFF\0\0\0\0AVI ", b"\x1a\x45\xdf123456789"]
)
def test_of_other_heads_there_is_no_demuxer(head: bytes) -> None:
    assert demuxer_of(head) is None


def test_a_link_and_a_pipe_are_no_clips(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "other.mp4").write_bytes(box(b"ftyp", b"isom"))
    clip.symlink_to(tmp_path / "other.mp4")
    os.mkfifo(tmp_path / "pipe.mp4")
    for path in (clip, tmp_path / "pipe.mp4"):
        with pytest.raises(Unreadable, match="plain file"):
            sniff(path)


def test_a_clip_that_is_gone_is_no_fault_of_the_clip(clip: Path) -> None:
    with pytest.raises(Outage):
        sniff(clip)


@pytest.mark.parametrize(("number", "means"), [(9, TooHeavy), (24, TooHeavy), (31, Unreadable), (11, Unreadable)])
@pytest.mark.parametrize("sandboxed", [True, False])
def test_a_probe_that_was_killed_met_something_hostile_or_too_much_work(
    number: int, means: type[Unreadable], *, sandboxed: bool
) -> None:
    with pytest.raises(Unreadable, match=f"signal {number}") as unreadable:
        understood(b"", b"", 128 + number if sandboxed else -number, "mov")
    assert unreadable.type is means


def test_a_probe_that_raised_is_our_bug() -> None:
    with pytest.raises(Outage, match="KeyError"):
        understood(b"", b"Traceback: KeyError", 1, "mov")


def test_a_probe_that_says_what_it_never_says_is_not_believed() -> None:
    with pytest.raises(Unreadable, match="has a wrong form"):
        understood(b"{}", b"", 0, "mov")


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("EncryptedFrames: encrypted", Encrypted),
        ("UndecodableFrames: no picture can be decoded", Undecodable),
        ("TooManyFrames: more than 200000 frames", TooHeavy),
        ("NoFrame: no packets", Unreadable),
        ("InvalidDataError: Undecodable", Unreadable),
    ],
)
def test_a_probe_tells_what_is_locked_and_what_is_broken_from_what_is_no_video(
    said: str, means: type[Unreadable]
) -> None:
    with pytest.raises(Unreadable) as unreadable:
        understood(json.dumps({"unreadable": said}).encode(), b"", 0, "mov")
    assert unreadable.type is means


class Kinds(dict[str, bytes]):
    """Side data as PyAV 19 has it: a mapping, and a list for callers that ask by number."""

    def __getitem__(self, key: Any) -> Any:
        return [*self.values()][key] if isinstance(key, int) else super().__getitem__(key)


@pytest.mark.parametrize("sides", [[b"one", b"two"], Kinds(a=b"one", b=b"two")], ids=["PyAV 18", "PyAV 19"])
def test_all_side_data_is_seen_whichever_pyav_reads_it(sides: Any) -> None:
    assert probe_picture._sides(SimpleNamespace(side_data=sides)) == [b"one", b"two"]  # type: ignore[arg-type]


def test_text_that_is_none_can_be_written_down() -> None:
    assert probe_child._readable("\udcff\udcfeTAG é") == "\ufffd\ufffdTAG é"
