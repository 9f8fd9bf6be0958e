"""A second worker is started from the launch template, and takes work; nobody is told of it."""

import time

from chaos import clips

from deploy.lab import deployment, fabric, rising
from deploy.lab.stage import Stage, Verdict, all_whole, check, wait_until

PROMISE = "a second worker joins by one command"
GOAL = "takes work at once, no configuration elsewhere"
CLIPS = 6
SECONDS = 240
MOST_SECONDS = 30  # from a host that is up to its first edit: its processes take half of it to start there


def prove(stage: Stage) -> Verdict:
    """Start it and see who takes the next clips."""
    player, begun = stage.player(), time.monotonic()
    with fabric.within("gateway"):
        machine = deployment.another_worker()
    rising.start_machine(stage.site, machine, stage.say)
    joined, up = time.monotonic() - begun, time.time()
    sent = [player.upload(clips.draw(number), f"Clip {number}") for number in (next(stage.codes) for _ in range(CLIPS))]
    wait_until(f"an edit on {machine.name}", lambda: machine.name in _who(stage), SECONDS)
    player.wait_done(sent, SECONDS)
    wrong = all_whole(stage, player, sent)
    check(not wrong, "; ".join(wrong))
    first = _who(stage)
    waited = first[machine.name] - up
    figure = f"up after {joined:.0f} s; its first edit began {waited:.0f} s later"
    return Verdict(figure, waited <= MOST_SECONDS, tuple(f"{name} took edits" for name in sorted(first)))


def _who(stage: Stage) -> dict[str, float]:
    """Return when each worker began its first edit of the newest clips."""
    rows = stage.rows(
        "select split_part(worker, ':', 1) as host, extract(epoch from min(at)) as at from job_events"
        f" where what = 'begun' and job_id in (select id from jobs order by created_at desc limit {CLIPS}) group by 1"
    )
    return {str(row["host"]): float(row["at"]) for row in rows}
