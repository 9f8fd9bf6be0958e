"""Colours are the stream's own, or else the container's: also where the stream can declare only some of them."""

from pathlib import Path

import pytest
from verify.clips import drawing
from verify.clips.properties import ClipRecipe

from anb.adapters.media.prober import LibavProber
from anb.media.probe import examine

TOLD = "matrix=smpte170m range=pc"


@pytest.mark.parametrize(
    "line",
    [
        # VP9 declares neither primaries nor transfer: those in its frames come from the container.
        f"container=webm codec=vp9 told=container {TOLD}",
        f"container=mkv codec=h264 told=container {TOLD}",
        f"container=webm codec=vp9 told=differently {TOLD}",
    ],
)
def test_a_silent_stream_leaves_the_range_to_the_container(line: str, tmp_path: Path) -> None:
    clip = drawing.draw(ClipRecipe.parse(line), tmp_path)
    facts = examine(LibavProber(tmp_path / "slots", 2, 30), clip)
    assert (facts.matrix, facts.range) == ("smpte170m", "pc")
