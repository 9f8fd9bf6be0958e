"""What each host had in use at most during all that came before, and while every worker edits what is heaviest."""

from collections.abc import Mapping, Sequence

import av
import numpy as np
from chaos import clips

from deploy.lab.stage import Stage, Verdict, all_whole

PROMISE = "host memory under the acceptance load"
GOAL = "≤ 1.5 GiB each"
MOST_MIB = 1536
SECONDS = 300
AT_ONCE = 2  # edits of one worker
WIDTH, HEIGHT, RATE = 3840, 2160, 60


def prove(stage: Stage) -> Verdict:
    """Have each worker make as many edits of 4K at once as it takes; then read what was sampled."""
    player = stage.player()
    workers = sum(machine.role == "worker" for machine in stage.site.machines.values())
    sent = [player.upload(large(number), "Large") for number in range(AT_ONCE * workers)]
    player.wait_done(sent, SECONDS)
    return judge(stage.peaks, all_whole(stage, player, sent))


def judge(peaks: Mapping[str, float], wrong: Sequence[str] = ()) -> Verdict:
    """Hold the peaks, in MiB by host, against the most; nothing measured is nothing proved."""
    figure = ", ".join(f"{name} {mib:.0f}" for name, mib in sorted(peaks.items())) + " MiB"
    return Verdict(figure, bool(peaks) and not wrong and max(peaks.values()) <= MOST_MIB, tuple(wrong))


def large(number: int) -> bytes:
    """Return an MP4 of a second in 4K with 60 pictures a second, each clip in greys of its own."""
    return clips.encode((_grey(40 + 20 * number + shade) for shade in range(RATE)), WIDTH, HEIGHT, RATE)


def _grey(level: int) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.full((HEIGHT * 3 // 2, WIDTH), level, dtype=np.uint8), format="yuv420p")
