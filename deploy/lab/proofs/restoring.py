"""A backup is taken, every host is destroyed with its disk, new ones are made, and everything is put back."""

import re
import time

from chaos import clips

from deploy.lab import rising
from deploy.lab.player import Taken
from deploy.lab.stage import Stage, Verdict, check, on_each

PROMISE = "backup → all hosts destroyed → restore"
GOAL = "every video, vote and checksum as before; minutes stated"
SECONDS = 600
VOTERS = 6
TABLES = {
    "users": "select id, email, username, city, role, password_hash from users order by id",
    "videos": "select id, owner_id, title, status, original_key, original_sha256, published_at from videos order by id",
    "renditions": "select video_id, kind, key, sha256 from renditions order by key",
    "votes": "select voter_id, video_id, season_id, jury, cast_at from votes order by voter_id, video_id",
}


def prove(stage: Stage) -> Verdict:
    """Vote, save, destroy, make anew, restore, compare; the public ranking is as before too."""
    player = stage.player()
    clip = player.upload(clips.draw(next(stage.codes)), "To be saved")
    player.wait_done([clip], SECONDS)
    _vote(stage, clip)
    ranking = player.ranking()
    stage.site.line("worker").run("anb-host backup", SECONDS)
    before, files = _all(stage), stage.files()
    machines = list(stage.site.machines.values())
    begun = time.monotonic()
    for machine in machines:
        stage.site.destroy(machine.name)
    check(not stage.site.machines, "a host is left")
    for machine in machines:
        stage.site.boot(machine)
    rising.await_converged(stage.site, [machine.name for machine in machines], stage.say)
    made = time.monotonic()
    stage.site.line("worker").run("anb-host restore", SECONDS)
    stage.site.line("web").run("systemctl restart 'anb-web@*'", SECONDS)
    workers = [machine.name for machine in machines if machine.role == "worker"]
    on_each(stage, workers, "systemctl restart anb-worker anb-reconcile", SECONDS)
    minutes, restoring = (time.monotonic() - begun) / 60, time.monotonic() - made
    _refused(stage)
    after, files_now = _all(stage), stage.files()
    wrong = [f"{table} differs" for table in TABLES if before[table] != after[table]]
    check(len(after["votes"]) >= VOTERS, f"{len(after['votes'])} votes, and {VOTERS} were cast")
    named = [row["original_key"] for row in after["videos"]] + [row["key"] for row in after["renditions"]]
    wrong += [f"{key} differs" for key in named if key not in files or files[key] != files_now.get(key)]
    again = stage.player()
    again.email = player.email  # the password that was saved lets its owner in
    again.sign_in()
    check(len(again.processed(clip)) > 0, "the edit is not served")
    wrong += [] if again.ranking() == ranking else ["the ranking differs"]
    figure = (
        f"{minutes:.1f} min ({restoring:.0f} s of it restoring): "
        f"{len(after['videos'])} videos, {len(after['votes'])} votes, {len(files_now)} files"
    )
    return Verdict(figure, not wrong, tuple(wrong))


def _refused(stage: Stage) -> None:
    """See that nothing goes over what people did, nor comes from a backup that is none."""
    line = stage.site.line("worker")
    unknown = line.try_run("anb-host restore --backup 19700101T000000Z 2>&1", SECONDS).out
    names = re.findall(r"2\d{7}T\d{6}Z", unknown)
    check(bool(names), f"a restore of no backup does not say which there are: {unknown[-500:]}")
    over = line.try_run(f"anb-host restore --backup {names[-1]} 2>&1", SECONDS)
    check(over.code != 0 and "not empty" in over.out, f"a restore over what people did says {over.out[-500:]}")


def _vote(stage: Stage, clip: Taken) -> None:
    """Have several people vote: all for the new clip, and each for some of those before it."""
    others = [row["id"] for row in stage.rows("select id::text from videos where status = 'processed' order by id")]
    for number in range(VOTERS):
        voter = stage.player()
        for video in {clip.video, *others[number::VOTERS]}:
            voter.vote(video)


def _all(stage: Stage) -> dict[str, list[dict[str, str]]]:
    return {table: stage.rows(query) for table, query in TABLES.items()}
