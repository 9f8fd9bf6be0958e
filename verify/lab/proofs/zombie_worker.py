"""A worker is cut off from the network during an edit and returns: the edit is made once."""

import time

from verify.lab.proof_run import ProofRun, ProofVerdict, all_whole, check, wait_until
from verify.lab.proofs.eleven_steps import real_clip

PROMISE = "worker cut from the network in mid-edit, then back (zombie)"
GOAL = "done once, by whom the lease says"
SECONDS = 240
RETURN_SECONDS = 20  # within which a returned worker could do harm


def prove(lab: ProofRun) -> ProofVerdict:
    """Cut off the worker that has the edit, wait for the other one, reconnect the first, and count."""
    player = lab.player()
    clip = player.upload(real_clip(), "Zombie")
    wait_until("the edit to begin", lambda: bool(_events(lab, clip.task, "begun")), SECONDS)
    first = _events(lab, clip.task, "begun")[0]
    zombie = str(first["worker"]).partition(":")[0]
    lab.site.sever(zombie)
    try:
        check(not _events(lab, clip.task, "done"), "the edit was over before the worker could be cut off")
        wait_until("another to finish it", lambda: bool(_events(lab, clip.task, "done")), SECONDS)
    finally:
        lab.site.reconnect(zombie)
    time.sleep(RETURN_SECONDS)
    done, begun = _events(lab, clip.task, "done"), _events(lab, clip.task, "begun")
    heir = str(done[-1]["worker"]).partition(":")[0]
    wrong = all_whole(lab, player, [clip])
    orphans = _unknown(lab)
    notes = [f"begun by {one['worker']}, attempt {one['attempt']}" for one in begun]
    _take_away(lab)
    once = len(done) == 1 and done[0]["attempt"] == begun[-1]["attempt"] and heir != zombie
    figure = f"begun by {zombie}, done {len(done)} time, by {heir}"
    return ProofVerdict(figure, once and not wrong and not orphans, (*notes, *wrong, *orphans))


def _take_away(lab: ProofRun) -> None:
    """Remove the further workers, as an operator terminates machines, without any change elsewhere."""
    for machine in list(lab.site.machines.values()):
        if machine.role == "worker" and machine.name != "worker":
            lab.site.destroy(machine.name)


def _events(lab: ProofRun, task: str, what: str) -> list[dict[str, object]]:
    return lab.rows(f"select worker, attempt from job_events where job_id = '{task}' and what = '{what}' order by id")


def _unknown(lab: ProofRun) -> list[str]:
    """Return finished files without a row, as a zombie would leave them."""
    rows = lab.rows(
        "select key from renditions union select key from poster_files union select original_key from videos"
    )
    known = {str(row["key"]) for row in rows}
    return [f"{key} has no row" for key in lab.files() if key not in known and not key.startswith("incoming/")]
