"""A worker is cut from the network in the middle of an edit, and comes back: the edit is made once."""

import time

from deploy.lab.proofs.eleven_steps import real_clip
from deploy.lab.stage import Stage, Verdict, all_whole, check, wait_until

PROMISE = "worker cut from the network in mid-edit, then back (zombie)"
GOAL = "done once, by whom the lease says"
SECONDS = 240
RETURN_SECONDS = 20  # in which one that is back could do harm


def prove(stage: Stage) -> Verdict:
    """Cut off whoever has the edit, wait for the other, let it back, and count."""
    player = stage.player()
    clip = player.upload(real_clip(), "Zombie")
    wait_until("the edit to begin", lambda: bool(_events(stage, clip.task, "begun")), SECONDS)
    first = _events(stage, clip.task, "begun")[0]
    zombie = str(first["worker"]).partition(":")[0]
    stage.site.sever(zombie)
    try:
        check(not _events(stage, clip.task, "done"), "the edit was over before the worker could be cut off")
        wait_until("another to finish it", lambda: bool(_events(stage, clip.task, "done")), SECONDS)
    finally:
        stage.site.mend(zombie)
    time.sleep(RETURN_SECONDS)
    done, begun = _events(stage, clip.task, "done"), _events(stage, clip.task, "begun")
    heir = str(done[-1]["worker"]).partition(":")[0]
    wrong = all_whole(stage, player, [clip])
    orphans = _unknown(stage)
    notes = [f"begun by {one['worker']}, attempt {one['attempt']}" for one in begun]
    _take_away(stage)
    once = len(done) == 1 and done[0]["attempt"] == begun[-1]["attempt"] and heir != zombie
    figure = f"begun by {zombie}, done {len(done)} time, by {heir}"
    return Verdict(figure, once and not wrong and not orphans, (*notes, *wrong, *orphans))


def _take_away(stage: Stage) -> None:
    """Take the further workers away, as one terminates a machine that is not needed any more: nobody is told either."""
    for machine in list(stage.site.machines.values()):
        if machine.role == "worker" and machine.name != "worker":
            stage.site.destroy(machine.name)


def _events(stage: Stage, task: str, what: str) -> list[dict[str, object]]:
    return stage.rows(f"select worker, attempt from job_events where job_id = '{task}' and what = '{what}' order by id")


def _unknown(stage: Stage) -> list[str]:
    """Return finished files of edits that no row knows: what a zombie would have left."""
    rows = stage.rows("select key from renditions union select original_key from videos")
    known = {str(row["key"]) for row in rows}
    return [
        f"{key} is known to no row" for key in stage.files() if key not in known and not key.startswith("incoming/")
    ]
