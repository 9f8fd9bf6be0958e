"""Parts are taken away and given back during uploads: requests that cannot be served are refused with the reason."""

from collections.abc import Callable

from anb.settings import MIB
from verify.kit import numbered_clips
from verify.lab.crowd import crowd
from verify.lab.player import LabPlayer, form
from verify.lab.proof_run import QUEUE, ProofRun, ProofVerdict, all_whole, check, timed

PROMISE = "database restarted; Redis wiped, its file torn; web server rebooted; disk of the file server filled"
GOAL = "refusals that say so, then all continues, 0 lost"
SECONDS = 240
LEFT_FREE = 300 * MIB  # bytes: less than uploads need, and enough for the queue's own file
FILLER = "/srv/anb/filler"


def prove(lab: ProofRun) -> ProofVerdict:
    """Take each part away in turn, while a player uploads."""
    faults: tuple[tuple[str, Callable[[ProofRun, LabPlayer], str]], ...] = (
        ("database restarted", _database),
        ("queue wiped", _queue),
        ("queue's file torn", _queue_torn),
        ("web server rebooted", _web),
        ("disk filled", _disk),
    )
    refusals = []
    with crowd(lab) as people:
        watcher = lab.player()
        people.wait_for(1, SECONDS)
        for name, strike in faults:
            before = len(people.taken)
            with timed(lab, name):
                refusals.append(f"{name}: {strike(lab, watcher)}")
                people.wait_for(before + 1, SECONDS)
    people.player.wait_done(people.taken, SECONDS)
    wrong = all_whole(lab, people.player, people.taken)
    return ProofVerdict(f"{len(wrong)} of {len(people.taken)} lost", not wrong, (*refusals, *wrong))


def _database(lab: ProofRun, watcher: LabPlayer) -> str:
    line = lab.site.line("database")
    line.run("systemctl stop anb-postgres")
    answer = watcher.ask("GET", "/api/videos")
    line.run("systemctl start anb-postgres")
    check(answer is not None and answer.status_code == 503, f"without its database the site answers {answer}")
    watcher.sure("GET", "/api/videos")
    return f"503 {answer.json()['detail']}" if answer else ""


def _queue(lab: ProofRun, _watcher: LabPlayer) -> str:
    return lab.site.line("file").run(f"{QUEUE} flushall").strip()


def _queue_torn(lab: ProofRun, _watcher: LabPlayer) -> str:
    """Leave the queue's file as a power failure may: with zeros at its end."""
    line = lab.site.line("file")
    line.run("systemctl kill --signal KILL valkey-server; systemctl stop valkey-server")
    line.run("dd if=/dev/zero bs=4k count=1 status=none >> $(ls -t /var/lib/valkey/appendonlydir/*.incr.aof | head -1)")
    line.run("systemctl start valkey-server")
    return line.run("ls -d /var/lib/valkey/appendonlydir.torn").strip()


def _web(lab: ProofRun, watcher: LabPlayer) -> str:
    line = lab.site.line("web")
    line.cut_power()
    line.give_power()
    line.wait()
    watcher.sure("GET", "/api/health/ready")
    return "it answers again on its own"


def _disk(lab: ProofRun, watcher: LabPlayer) -> str:
    line = lab.site.line("file")
    line.run(f"fallocate -l $(( $(df --output=avail -B1 /srv/anb | tail -1) - {LEFT_FREE} )) {FILLER}")
    answer = watcher.ask("POST", "/api/videos/upload", **form(numbered_clips.draw(next(lab.codes)), "Full", "full"))
    line.run(f"rm {FILLER}")
    check(answer is not None and answer.status_code == 507, f"with a full disk an upload is answered {answer}")
    return f"507 {answer.json()['detail']}" if answer else ""
