"""The similarity of an edit and its original as people perceive it: VMAF, frame by frame."""

import json
import tempfile
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from anb.media.picture import HEIGHT, WIDTH
from anb.media.recipe import Recipe
from verify.bench.edits import run
from verify.kit.figures import percentile

BEST = "lanczos+accurate_rnd+full_chroma_int"


class Vmaf(NamedTuple):
    """The scores, up to 100: the mean of all frames, and the score that nineteen of twenty frames exceed."""

    mean: float
    low: float

    @classmethod
    def of(
        cls, clip_recipe: Recipe, clip: Path, edit: Path, seconds: float, size: tuple[int, int] = (WIDTH, HEIGHT)
    ) -> "Vmaf":
        """Compare the first seconds of the clip with their frames in the edit, after the opening.

        The reference is the original, scaled with the best algorithm, and marked like the edit.
        """
        frames = min(round(seconds * clip_recipe.rate), clip_recipe.clip_frames)
        counted = f"trim=end_frame={frames},setpts=N/{clip_recipe.rate}/TB"
        begin = clip_recipe.bumper_frames
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder, "vmaf.json")
            graph = [
                *reference(clip_recipe),
                f"[clip]{counted},scale={size[0]}:{size[1]}:flags={BEST}[original]",
                f"[2:v]trim=start_frame={begin},{counted}[edit]",
                f"[edit][original]libvmaf=n_threads=2:log_fmt=json:log_path={log}",
            ]
            inputs = ["-i", str(clip), "-i", str(clip_recipe.brand.watermark), "-i", str(edit)]
            run([*inputs, "-filter_complex", ";".join(graph), "-f", "null", "-"])
            scores = [frame["metrics"]["vmaf"] for frame in json.loads(log.read_text())["frames"]]
        return cls(fmean(scores), percentile(scores, 5))


def reference(made: Recipe) -> list[str]:
    """Return the filter chains to [clip] with the best scaler."""
    fitted, *rest = made.chains
    return [fitted.replace("flags=bicubic", f"flags={BEST}").replace("filter=bicubic", "filter=lanczos"), *rest]
