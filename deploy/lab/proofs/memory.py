"""What each host had in use at most during everything that came before."""

from deploy.lab.stage import Stage, Verdict

PROMISE = "host memory under the acceptance load"
GOAL = "≤ 1.5 GiB each"
MOST_MIB = 1536


def prove(stage: Stage) -> Verdict:
    """Read what was sampled."""
    peaks = stage.peaks
    figure = ", ".join(f"{name} {mib:.0f}" for name, mib in sorted(peaks.items())) + " MiB"
    return Verdict(figure, bool(peaks) and max(peaks.values()) <= MOST_MIB)
