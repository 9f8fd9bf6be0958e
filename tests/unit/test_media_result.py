"""What a result must be before it is published."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from anb.media import recipe, result
from anb.media.probe import Probe, read
from anb.media.renditions import Rendition
from anb.settings import Limits
from support.fakes import EDIT, GOOD_CLIP, LIGHT

FRAMES = 660 + 2 * 75


class TestFaults:
    made = read(EDIT)
    recipe = recipe.plan_edit(read(GOOD_CLIP), Limits(), recipe.Brand.ours())

    def faults(self, made: Probe, rendition: Rendition = Rendition.PROCESSED) -> list[str]:
        return [fault.partition(":")[0] for fault in result.faults(self.recipe, made, Limits(), rendition)]

    def test_a_good_result_has_none(self) -> None:
        assert self.faults(self.made) == []
        assert self.faults(read(LIGHT), Rendition.LIGHT) == []

    def test_each_rendition_has_its_own_size(self) -> None:
        assert self.faults(self.made, Rendition.LIGHT) == self.faults(read(LIGHT)) == ["size"]

    @pytest.mark.parametrize(
        ("changes", "named"),
        [
            ({"codec": "hevc"}, "codec"),
            ({"coded_width": 1278}, "size"),
            ({"sar": Fraction(1281, 1280)}, "sar"),
            ({"rotation": 180}, "turn"),
            ({"pixels": "yuv420p10le"}, "pixels"),
            ({"matrix": None}, "colours"),
            ({"frames": FRAMES + 1}, "frames"),
            ({"average_rate": Fraction(2997, 100)}, "rate"),
            ({"other_streams": 1}, "other streams"),
            ({"tags": ("location",)}, "metadata"),
            ({"moov_first": False}, "moov first"),
            ({"whole": False}, "whole"),
            ({"duration": 35.001}, "length"),
        ],
    )
    def test_each_broken_promise_is_named(self, changes: dict[str, Any], named: str) -> None:
        assert self.faults(replace(self.made, **changes)) == [named]
