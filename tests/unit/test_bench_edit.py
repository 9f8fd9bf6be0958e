"""The bench computes its figures of the edit correctly; nothing here takes time."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from verify.bench import rate_curves
from verify.bench.edits import Alone
from verify.bench.vmaf import reference

from anb.media import ffmpeg_commands, recipe
from anb.media.probe import read
from anb.media.recipe import Brand
from anb.media.renditions import Rendition
from anb.settings import Limits
from support.fakes import GOOD_CLIP

SPOTS = [("slow & small", 1.0, 90.0), ("slow & small", 2.0, 94.0), ("ours", 1.5, 92.0)]


def written(**changes: Any) -> recipe.Recipe:
    return recipe.plan_edit(replace(read(GOOD_CLIP), **changes), Limits(), Brand.ours())


class TestAlone:
    def test_the_edit_alone_is_coded_as_in_the_job_and_joined_by_itself(self, tmp_path: Path) -> None:
        made = written()
        only = Alone(**{field.name: getattr(made, field.name) for field in fields(made)})
        whole, alone = (ffmpeg_commands.clip(one, tmp_path / "clip.mp4", tmp_path).arguments for one in (made, only))
        assert list(only.encodings) == [Rendition.PROCESSED]
        assert (whole.count("libx264"), alone.count("libx264")) == (2, 1)
        assert alone[alone.index("-preset") :][:12] == whole[whole.index("-preset") :][:12]
        assert ffmpeg_commands.join(only, tmp_path).arguments.count("-map") == 1


class TestReference:
    def test_the_original_is_scaled_by_the_best_scaler_whatever_the_edit_uses(self) -> None:
        for made in (written(), written(matrix="smpte170m")):
            assert "bicubic" in made.chains[0]
            assert "lanczos" in reference(made)[0]
            assert "bicubic" not in reference(made)[0]


class TestCurves:
    def test_each_way_has_a_line_a_name_and_a_spot_for_each_measurement(self) -> None:
        drawn = ET.fromstring(rate_curves.drawn(SPOTS))  # noqa: S314 - our own
        said = [word.text for word in drawn.iter("{http://www.w3.org/2000/svg}text")]
        assert {"slow & small", "ours", "Mbit/s", "VMAF"} <= set(said)
        assert len(list(drawn.iter("{http://www.w3.org/2000/svg}polyline"))) == 2
        assert len(list(drawn.iter("{http://www.w3.org/2000/svg}circle"))) == 3

    def test_more_quality_lies_higher_and_more_rate_further_right(self) -> None:
        drawn = ET.fromstring(rate_curves.drawn(SPOTS))  # noqa: S314 - our own
        spots = [(float(spot.attrib["cx"]), float(spot.attrib["cy"])) for spot in drawn.iter() if "cx" in spot.attrib]
        assert spots[0][0] < spots[2][0] < spots[1][0]
        assert spots[0][1] > spots[2][1] > spots[1][1]
