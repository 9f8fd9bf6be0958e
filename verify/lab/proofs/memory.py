"""The memory peak of each host during all other proofs, and while every worker edits the heaviest clips."""

from collections.abc import Mapping, Sequence

import av
import numpy as np

from verify.kit import numbered_clips
from verify.lab.proof_run import ProofRun, ProofVerdict, all_whole

PROMISE = "host memory under the acceptance load"
GOAL = "≤ 1.5 GiB each"
MOST_MIB = 1536
SECONDS = 300
AT_ONCE = 2  # edits of one worker
WIDTH, HEIGHT, RATE = 3840, 2160, 60


def prove(lab: ProofRun) -> ProofVerdict:
    """Have each worker make as many 4K edits at once as it can, then read the samples."""
    player = lab.player()
    workers = sum(machine.role == "worker" for machine in lab.site.machines.values())
    sent = [player.upload(large(number), "Large") for number in range(AT_ONCE * workers)]
    player.wait_done(sent, SECONDS)
    return judge(lab.peaks, all_whole(lab, player, sent))


def judge(peaks: Mapping[str, float], wrong: Sequence[str] = ()) -> ProofVerdict:
    """Compare the peaks, in MiB by host, with the limit. Without measurements, nothing is proved."""
    figure = ", ".join(f"{name} {mib:.0f}" for name, mib in sorted(peaks.items())) + " MiB"
    return ProofVerdict(figure, bool(peaks) and not wrong and max(peaks.values()) <= MOST_MIB, tuple(wrong))


def large(number: int) -> bytes:
    """Return an MP4 of one second in 4K at 60 frames per second, each clip with its own greys."""
    return numbered_clips.encode((_grey(40 + 20 * number + shade) for shade in range(RATE)), WIDTH, HEIGHT, RATE)


def _grey(level: int) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.full((HEIGHT * 3 // 2, WIDTH), level, dtype=np.uint8), format="yuv420p")
