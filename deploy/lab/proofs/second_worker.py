"""A second worker is started from the launch template, and takes work; nobody is told of it."""

import time

from chaos import clips

from deploy.lab import deployment, fabric, rising
from deploy.lab.stage import Stage, Verdict, all_whole, check, wait_until

PROMISE = "a second worker joins by one command"
GOAL = "takes work at once, no configuration elsewhere"
CLIPS = 6
SECONDS = 240
MOST_SECONDS = 10  # from a clip's upload to its edit on the new worker


def prove(stage: Stage) -> Verdict:
    """Start it and see who takes the next clips."""
    begun = time.monotonic()
    with fabric.within("gateway"):
        machine = deployment.another_worker()
    rising.start_machine(stage.site, machine, stage.say)
    joined = time.monotonic() - begun
    player = stage.player()
    sent = [player.upload(clips.draw(number), f"Clip {number}") for number in (next(stage.codes) for _ in range(CLIPS))]
    wait_until(f"an edit on {machine.name}", lambda: machine.name in _who(stage), SECONDS)
    player.wait_done(sent, SECONDS)
    wrong = all_whole(stage, player, sent)
    waited = _who(stage)
    check(not wrong, "; ".join(wrong))
    figure = f"up after {joined:.0f} s; its first edit began {waited[machine.name]:.1f} s after the upload"
    notes = tuple(f"{name} took edits" for name in sorted(waited))
    return Verdict(figure, waited[machine.name] <= MOST_SECONDS, notes)


def _who(stage: Stage) -> dict[str, float]:
    """Return how long each worker's quickest edit of the newest clips waited for it."""
    rows = stage.rows(
        "select split_part(e.worker, ':', 1) as host, extract(epoch from min(e.at - j.created_at)) as waited"
        f" from (select id, created_at from jobs order by created_at desc limit {CLIPS}) j"
        " join job_events e on e.job_id = j.id and e.what = 'begun' group by 1"
    )
    return {str(row["host"]): float(row["waited"]) for row in rows}
