"""A rotation that the stream declares at a keyframe holds for later pictures, also where a clip begins with them."""

from pathlib import Path

import pytest
from verify.clips import drawing
from verify.clips.properties import ClipRecipe

from anb.adapters.media.prober import LibavProber
from anb.media.probe import examine


@pytest.mark.parametrize(("told_by", "times"), [("stream", 1), ("twice", 2)])
def test_an_edit_list_that_begins_after_the_keyframe_leaves_the_turn(told_by: str, times: int, tmp_path: Path) -> None:
    clip = drawing.draw(ClipRecipe.parse(f"turn=90 turn_by={told_by} edit_list=later"), tmp_path)
    facts = examine(LibavProber(tmp_path / "slots", 2, 30), clip)
    assert (facts.rotation, facts.turns_told) == (90, times)
