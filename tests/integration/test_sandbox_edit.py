"""The edit is the same to the byte behind all walls; what no recipe asks for does not work behind any."""

from dataclasses import replace
from pathlib import Path

import pytest

from anb.adapters.media.encoder import FfmpegEncoder
from anb.adapters.media.prober import LibavProber
from anb.adapters.sandbox.runner import Sandbox
from anb.adapters.sandbox.walls import Bubblewrap, Walls
from anb.media import ffmpeg_commands, hlg, probe, recipe
from anb.ports import EncodingFailed
from anb.settings import Limits
from support.cells import EACH, WALLS
from support.clips import HLG, Clip, draw

LIMITS = Limits(edit_clip_seconds=0.5, edit_bumper_seconds=0.2)
SMALL = Clip(seconds=1, width=320, height=180)


def edited(sandbox: Sandbox, clip: Path, folder: Path) -> bytes:
    """Make an edit in a folder of its own."""
    folder.mkdir()
    facts = probe.examine(LibavProber(folder / "slots", 1, 10, sandbox), clip)
    order = ffmpeg_commands.whole(recipe.plan_edit(facts, LIMITS, recipe.Brand.ours()), clip, folder)
    encoder = FfmpegEncoder(30, sandbox=sandbox)
    encoder.run(order.arguments, reads=order.reads, writes=order.writes, watch=lambda _: True, limit=order.budget)
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())


# HLG: its graph reads a file of its own.
@pytest.mark.parametrize(
    "clip",
    [
        pytest.param(SMALL, marks=pytest.mark.slow, id="SDR"),
        pytest.param(replace(HLG, seconds=1, width=320, height=180), id="HLG"),
    ],
)
def test_an_edit_is_the_same_with_walls_and_without(clip: Clip, tmp_path: Path) -> None:
    bare = edited(Sandbox("off"), draw(clip), tmp_path / "bare")
    for number, walls in enumerate(WALLS):
        assert edited(Sandbox(walls=walls), draw(clip), tmp_path / str(number)) == bare, walls.name


# By the command, and by a filter that reads a file of its own.
LOCAL = [
    ["-i", "{clip}"],
    ["-f", "lavfi", "-i", "movie={clip}"],
    ["-f", "lavfi", "-i", "testsrc2=d=0.1,lut3d=file={clip}.cube"],
]
REMOTE = [["-i", "/etc/passwd"], ["-i", "http://127.0.0.1:9/x.mp4"], ["-i", "unix:/run/x.sock"]]


def attempt(sandbox: Sandbox, source: list[str], folder: Path) -> None:
    clip = folder / "clip.mp4"
    clip.write_bytes(draw(SMALL).read_bytes())
    clip.with_suffix(".mp4.cube").write_bytes(hlg.TABLE.read_bytes())
    asked = [*(word.format(clip=clip) for word in source), "-map", "0", "-f", "null", "-"]
    FfmpegEncoder(30, sandbox=sandbox).run(asked, watch=lambda _: True, limit=30)


@EACH
@pytest.mark.parametrize("source", [*LOCAL, *REMOTE], ids=lambda source: source[-1])
def test_ffmpeg_itself_cannot_get_at_what_was_not_declared(walls: Walls, source: list[str], tmp_path: Path) -> None:
    with pytest.raises(EncodingFailed, match=r"No such file|Permission denied|not permitted|Invalid argument"):
        attempt(Sandbox(walls=walls), source, tmp_path)


@pytest.mark.parametrize("source", LOCAL, ids=lambda source: source[-1])
def test_it_could_without_walls(source: list[str], tmp_path: Path) -> None:
    attempt(Sandbox("off"), source, tmp_path)


@EACH
def test_nor_write_elsewhere(walls: Walls, tmp_path: Path) -> None:
    asked = ["-f", "lavfi", "-i", "testsrc2=d=0.1", "-f", "mp4", str(tmp_path / "stray.mp4")]
    with pytest.raises(EncodingFailed):
        FfmpegEncoder(30, sandbox=Sandbox(walls=walls)).run(asked, watch=lambda _: True, limit=30)
    assert list(tmp_path.iterdir()) == []


@EACH
def test_its_complaints_do_not_tell_where_things_lie(walls: Walls, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(bytes(100))
    with pytest.raises(EncodingFailed) as failed:
        FfmpegEncoder(30, sandbox=Sandbox(walls=walls)).run(
            ["-f", "mov", "-i", f"file:{clip}", "-f", "null", "-"], reads=[clip], watch=lambda _: True, limit=30
        )
    assert (str(tmp_path) in str(failed.value)) is not isinstance(walls, Bubblewrap)
