"""A second worker is started from the launch template and takes work, without any change elsewhere."""

import time

from verify.kit import numbered_clips
from verify.lab import bring_up, deployment, network
from verify.lab.proof_run import ProofRun, ProofVerdict, all_whole, check, wait_until

PROMISE = "a second worker joins by one command"
GOAL = "takes work at once, no configuration elsewhere"
CLIPS = 6
SECONDS = 240
MOST_SECONDS = 30  # from a host that is up to its first edit: half of it is the start of its processes


def prove(lab: ProofRun) -> ProofVerdict:
    """Start it, and see which worker takes the next clips."""
    player, begun = lab.player(), time.monotonic()
    with network.within("gateway"):
        machine = deployment.another_worker()
    bring_up.start_machine(lab.site, machine, lab.say)
    joined, up = time.monotonic() - begun, time.time()
    sent = [
        player.upload(numbered_clips.draw(number), f"Clip {number}")
        for number in (next(lab.codes) for _ in range(CLIPS))
    ]
    wait_until(f"an edit on {machine.name}", lambda: machine.name in _who(lab), SECONDS)
    player.wait_done(sent, SECONDS)
    wrong = all_whole(lab, player, sent)
    check(not wrong, "; ".join(wrong))
    first = _who(lab)
    waited = first[machine.name] - up
    figure = f"up after {joined:.0f} s; its first edit began {waited:.0f} s later"
    return ProofVerdict(figure, waited <= MOST_SECONDS, tuple(f"{name} took edits" for name in sorted(first)))


def _who(lab: ProofRun) -> dict[str, float]:
    """Return when each worker began its first edit of the newest clips."""
    rows = lab.rows(
        "select split_part(worker, ':', 1) as host, extract(epoch from min(at)) as at from job_events"
        f" where what = 'begun' and job_id in (select id from jobs order by created_at desc limit {CLIPS}) group by 1"
    )
    return {str(row["host"]): float(row["at"]) for row in rows}
