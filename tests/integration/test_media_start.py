"""An edit with a later start begins with the picture that people see then, in each container and codec."""

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import imageio_ffmpeg
import numpy as np
import pytest

from anb.adapters.media.encoder import FfmpegEncoder
from anb.adapters.media.prober import LibavProber
from anb.media import ffmpeg_commands
from anb.media.edit import EditRejected
from anb.media.recipe import Brand, Recipe, plan_edit
from anb.media.renditions import Rendition
from anb.ports import EncodingStalled, MachineFailed
from anb.settings import Limits, Settings
from support.clips import ffmpeg, kept_file
from support.corpus.draw import draw
from support.corpus.editor import CorpusEditor
from support.corpus.faults import faults
from support.corpus.perception import Frame, Sight, frames
from support.corpus.source import H264, ClipSource
from support.corpus.starts import LATE, SHORT, STARTS, Started

PLAIN = STARTS[0]
LONG = ClipSource(width=640, height=360, frames=600, coded=H264)
ONE_KEYFRAME = replace(LONG, coded=(*H264[:-1], "600"))


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=case.clip.name, marks=() if case.daily else pytest.mark.slow) for case in STARTS],
)
def test_an_edit_begins_with_the_picture_that_is_shown_at_its_start(case: Started, tmp_path: Path) -> None:
    clip, start = draw(case.clip.source), float(case.start)
    real_edit = CorpusEditor(tmp_path)
    with real_edit.edited(clip, case.clip.limits, start) as edit:
        assert faults(case.expected, edit) == []
    found = real_edit.judge(clip, case.clip.limits, start).start
    assert found is not None
    assert (found.seek is not None) == case.sought


class Impatient:
    """An FFmpeg that must not be silent for a moment while it reads an original."""

    def __init__(self, original: Path) -> None:
        self._original = original
        self._patient, self._hasty = FfmpegEncoder(stall=120), FfmpegEncoder(stall=0.05)

    def run(self, arguments: Sequence[str], *, reads: Sequence[Path] = (), **rest: Any) -> None:
        encoder = self._hasty if self._original in reads else self._patient
        try:
            encoder.run(arguments, reads=reads, **rest)
        except MachineFailed as busy:  # in a time this short, the machine's load decides whether it computed
            raise EncodingStalled(str(busy), 0) from busy


def test_a_start_that_comes_after_too_much_to_decode_is_refused_for_that_and_not_as_our_fault(tmp_path: Path) -> None:
    original, real_edit = draw(ONE_KEYFRAME), CorpusEditor(tmp_path)
    with real_edit.edited(original, SHORT | {"clip_max_seconds": 60}, 17):
        pass  # makes the bumpers, which each worker has after its first edit
    encoder = Impatient(original)
    real_edit.ports = SimpleNamespace(prober=real_edit.ports.prober, encoder=encoder)  # type: ignore[assignment]
    with pytest.raises(EditRejected) as refused, real_edit.edited(original, SHORT | {"clip_max_seconds": 60}, 17):
        pass
    reason = refused.value.reason
    assert reason.text("es").startswith("Para empezar en el segundo 17 habría que leer 17 s de tu video antes")
    assert "Choose an earlier start" in reason.text("en")


def _fading(path: Path) -> None:
    """Draw a minute of 4K that turns from black to white, on one keyframe: few bytes, many pictures."""
    source = "color=c=white:s=3840x2160:r=15:d=60,format=yuv420p,fade=in:0:900"
    coded = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "9999", "-sc_threshold", "0", "-f", "mp4")
    ffmpeg("-f", "lavfi", "-i", source, *coded, str(path))


@pytest.mark.slow
def test_a_minute_of_4k_on_one_keyframe_is_edited_from_its_fortieth_second(tmp_path: Path) -> None:
    clip = kept_file("a minute of 4K on one keyframe", "mp4", _fading)
    assert clip.stat().st_size < 8_000_000
    real_edit = CorpusEditor(tmp_path)
    real_edit.ports = SimpleNamespace(  # type: ignore[assignment]
        prober=real_edit.ports.prober, encoder=FfmpegEncoder(Settings.model_fields["job_stall_seconds"].default)
    )
    with real_edit.edited(clip, {"edit_clip_seconds": 2, "edit_bumper_seconds": 0.5}, 40) as edit:
        levels = [frame.luma[300:400, 300:400].mean() for frame in frames(edit)][15:-15]
    assert levels[0] == pytest.approx(16 + 219 * 40 / 60, abs=4)  # the level of a second before or after
    assert levels[-1] - levels[0] == pytest.approx(219 * 2 / 60, abs=2)


def counted(rendition: Path, sight: Sight, place: int = 0) -> int | None:
    """Read the counter of a picture of a rendition, a JPEG or a smaller video."""
    with av.open(str(rendition)) as container:
        frame = next(islice(container.decode(video=0), place, None))
        luma = frame.to_ndarray(format="gray").astype(np.uint8)
    luma = np.kron(luma, np.ones((720 // luma.shape[0],) * 2, np.uint8))
    return sight.number(Frame(luma, luma, luma))


def test_stills_and_the_light_edit_are_of_the_same_part(tmp_path: Path) -> None:
    source = PLAIN.clip.source
    sight = Sight.of(source.layout, source.shape)
    with CorpusEditor(tmp_path).made(draw(source), SHORT, float(LATE)) as made:
        paths = {one.rendition: one.path for one in made.renditions}
        assert counted(paths[Rendition.POSTER], sight) in {70, 100}  # one still a second
        assert counted(paths[Rendition.LIGHT], sight, PLAIN.clip.bumper) == 70


class Misled:
    """A prober that reports for each clip that FFmpeg may begin to read after the start."""

    def __init__(self, folder: Path) -> None:
        self._prober = LibavProber(folder, 2, 30)

    def probe(self, path: Path, start: float = 0) -> Mapping[str, object]:
        facts: dict[str, Any] = dict(self._prober.probe(path, start))
        if start:
            facts["video"]["start"]["seek"] = [3, 1]
        return facts


def test_where_ffmpeg_seeks_wrongly_the_edit_is_made_without_seeking(tmp_path: Path) -> None:
    real_edit = CorpusEditor(tmp_path)
    ports = real_edit.ports
    real_edit.ports = SimpleNamespace(prober=Misled(tmp_path / "slots"), encoder=ports.encoder)  # type: ignore[assignment]
    with real_edit.edited(draw(PLAIN.clip.source), SHORT, float(PLAIN.start)) as edit:
        assert faults(PLAIN.expected, edit) == []


def decoded(recipe: Recipe, clip: Path, folder: Path) -> int:
    """Make the clip's part of an edit and return how many pictures FFmpeg decoded for it."""
    folder.mkdir()
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "verbose", *ffmpeg_commands.clip(recipe, clip, folder).arguments]
    said = subprocess.run(command, capture_output=True, check=True, text=True).stderr
    counts = re.findall(r"Input stream #0:\d+ \(video\): .*?(\d+) frames decoded", said)
    return int(counts[0])


@pytest.mark.slow
def test_a_late_start_decodes_a_second_or_two_more_and_not_all_before(tmp_path: Path) -> None:
    clip, limits = draw(LONG), SHORT | {"clip_max_seconds": 60}
    facts = CorpusEditor(tmp_path).judge(clip, limits, 17)
    recipe = plan_edit(facts, Limits.model_validate(limits), Brand.ours())
    assert recipe.unsought is not None
    sought = Fraction(decoded(recipe, clip, tmp_path / "sought"))
    assert sought / decoded(recipe.unsought, clip, tmp_path / "unsought") < Fraction(3, 10)
