"""A backup is taken, every host is destroyed with its disk, new ones are created, and everything is restored."""

import re
import time

from verify.kit import numbered_clips
from verify.lab import bring_up
from verify.lab.player import AcceptedUpload
from verify.lab.proof_run import ProofRun, ProofVerdict, check, on_each

PROMISE = "backup → all hosts destroyed → restore"
GOAL = "every video, vote and checksum as before; minutes stated"
SECONDS = 600
VOTERS = 6
TABLES = {
    "users": "select id, email, username, city, role, password_hash from users order by id",
    "videos": "select id, owner_id, title, status, original_key, original_sha256, published_at from videos order by id",
    "renditions": "select video_id, kind, key, sha256 from renditions"
    " union all select video_id, kind, key, sha256 from poster_files order by key",
    "votes": "select voter_id, video_id, season_id, jury, cast_at from votes order by voter_id, video_id",
}


def prove(lab: ProofRun) -> ProofVerdict:
    """Vote, back up, destroy, create again, restore, and compare, including the public ranking."""
    player = lab.player()
    clip = player.upload(numbered_clips.draw(next(lab.codes)), "To be saved")
    player.wait_done([clip], SECONDS)
    _vote(lab, clip)
    ranking = player.ranking()
    lab.site.line("worker").run("anb-host backup", SECONDS)
    before, files = _all(lab), lab.files()
    machines = list(lab.site.machines.values())
    begun = time.monotonic()
    for machine in machines:
        lab.site.destroy(machine.name)
    check(not lab.site.machines, "a host still exists")
    for machine in machines:
        lab.site.boot(machine)
    bring_up.await_converged(lab.site, [machine.name for machine in machines], lab.say)
    created_at = time.monotonic()
    lab.site.line("worker").run("anb-host restore", SECONDS)
    lab.site.line("web").run("systemctl restart 'anb-web@*' 'anb-uploads@*'", SECONDS)
    workers = [machine.name for machine in machines if machine.role == "worker"]
    on_each(lab, workers, "systemctl restart anb-worker anb-reconcile", SECONDS)
    minutes, restoring = (time.monotonic() - begun) / 60, time.monotonic() - created_at
    _refused(lab)
    after, files_now = _all(lab), lab.files()
    wrong = [f"{table} differs" for table in TABLES if before[table] != after[table]]
    check(len(after["votes"]) >= VOTERS, f"{len(after['votes'])} votes, and {VOTERS} were cast")
    named = [row["original_key"] for row in after["videos"]] + [row["key"] for row in after["renditions"]]
    wrong += [f"{key} differs" for key in named if key not in files or files[key] != files_now.get(key)]
    again = lab.player()
    again.email = player.email  # the restored password signs its owner in
    again.sign_in()
    check(len(again.processed(clip)) > 0, "the edit is not served")
    wrong += [] if again.ranking() == ranking else ["the ranking differs"]
    figure = (
        f"{minutes:.1f} min ({restoring:.0f} s of it restoring): "
        f"{len(after['videos'])} videos, {len(after['votes'])} votes, {len(files_now)} files"
    )
    return ProofVerdict(figure, not wrong, tuple(wrong))


def _refused(lab: ProofRun) -> None:
    """Check that a restore neither overwrites existing data nor accepts an unknown backup."""
    line = lab.site.line("worker")
    unknown = line.try_run("anb-host restore --backup 19700101T000000Z 2>&1", SECONDS).out
    names = re.findall(r"2\d{7}T\d{6}Z", unknown)
    check(bool(names), f"a restore of no backup does not say which there are: {unknown[-500:]}")
    over = line.try_run(f"anb-host restore --backup {names[-1]} 2>&1", SECONDS)
    check(over.code != 0 and "not empty" in over.out, f"a restore over what people did says {over.out[-500:]}")


def _vote(lab: ProofRun, clip: AcceptedUpload) -> None:
    """Let several people vote: all for the new clip, and each for some of the earlier ones."""
    others = [row["id"] for row in lab.rows("select id::text from videos where status = 'processed' order by id")]
    for number in range(VOTERS):
        voter = lab.player()
        for video in {clip.video, *others[number::VOTERS]}:
            voter.vote(video)


def _all(lab: ProofRun) -> dict[str, list[dict[str, str]]]:
    return {table: lab.rows(query) for table, query in TABLES.items()}
