"""How near an edit is to the original, as people see it: VMAF, frame by frame."""

import json
import tempfile
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from anb.media.recipe import Recipe
from bench.edits import run
from bench.figures import percentile

BEST = "lanczos+accurate_rnd+full_chroma_int"


class Vmaf(NamedTuple):
    """What viewers see of 100: of all frames together, and what nineteen of twenty frames are above."""

    mean: float
    low: float

    @classmethod
    def of(cls, made: Recipe, clip: Path, edit: Path, seconds: float) -> "Vmaf":
        """Compare the first seconds of the clip with what the edit shows of them, behind the opening.

        The reference is the original, scaled as well as can be, and marked as the edit is.
        """
        frames = min(round(seconds * made.rate), made.clip_frames)
        counted = f"trim=end_frame={frames},setpts=N/{made.rate}/TB"
        begin = made.bumper_frames
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder, "vmaf.json")
            graph = [
                *reference(made),
                f"[clip]{counted}[original]",
                f"[2:v]trim=start_frame={begin},{counted}[edit]",
                f"[edit][original]libvmaf=n_threads=2:log_fmt=json:log_path={log}",
            ]
            inputs = ["-i", str(clip), "-i", str(made.brand.watermark), "-i", str(edit)]
            run([*inputs, "-filter_complex", ";".join(graph), "-f", "null", "-"])
            scores = [frame["metrics"]["vmaf"] for frame in json.loads(log.read_text())["frames"]]
        return cls(fmean(scores), percentile(scores, 5))


def reference(made: Recipe) -> list[str]:
    """Return the chains to [clip] with the best scaler there is."""
    fitted, *rest = made.chains
    return [fitted.replace("flags=bicubic", f"flags={BEST}").replace("filter=bicubic", "filter=lanczos"), *rest]
