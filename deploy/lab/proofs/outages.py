"""A part is taken away and given back, under uploads: what cannot be done is refused with its reason."""

from collections.abc import Callable

from chaos import clips

from deploy.lab.crowd import crowd
from deploy.lab.player import Player, form
from deploy.lab.stage import QUEUE, Stage, Verdict, all_whole, check, timed

PROMISE = "database restarted; Redis wiped, its file torn; web server rebooted; disk of the file server filled"
GOAL = "refusals that say so, then all continues, 0 lost"
SECONDS = 240
LEFT_FREE = 300 << 20  # bytes: below the floor under which uploads are refused, and enough for the queue's own file
FILLER = "/srv/anb/filler"


def prove(stage: Stage) -> Verdict:
    """Take each away in turn, while somebody uploads."""
    faults: tuple[tuple[str, Callable[[Stage, Player], str]], ...] = (
        ("database restarted", _database),
        ("queue wiped", _queue),
        ("queue's file torn", _queue_torn),
        ("web server rebooted", _web),
        ("disk filled", _disk),
    )
    refusals = []
    with crowd(stage) as people:
        watcher = stage.player()
        people.wait_for(1, SECONDS)
        for name, strike in faults:
            before = len(people.taken)
            with timed(stage, name):
                refusals.append(f"{name}: {strike(stage, watcher)}")
                people.wait_for(before + 1, SECONDS)
    people.player.wait_done(people.taken, SECONDS)
    wrong = all_whole(stage, people.player, people.taken)
    return Verdict(f"{len(wrong)} of {len(people.taken)} lost", not wrong, (*refusals, *wrong))


def _database(stage: Stage, watcher: Player) -> str:
    line = stage.site.line("database")
    line.run("systemctl stop anb-postgres")
    answer = watcher.ask("GET", "/api/videos")
    line.run("systemctl start anb-postgres")
    check(answer is not None and answer.status_code == 503, f"without its database the site answers {answer}")
    watcher.sure("GET", "/api/videos")
    return f"503 {answer.json()['detail']}" if answer else ""


def _queue(stage: Stage, _watcher: Player) -> str:
    return stage.site.line("file").run(f"{QUEUE} flushall").strip()


def _queue_torn(stage: Stage, _watcher: Player) -> str:
    """Leave the queue's file as a loss of power may: with zeros at its end."""
    line = stage.site.line("file")
    line.run("systemctl kill --signal KILL valkey-server; systemctl stop valkey-server")
    line.run("dd if=/dev/zero bs=4k count=1 status=none >> $(ls -t /var/lib/valkey/appendonlydir/*.incr.aof | head -1)")
    line.run("systemctl start valkey-server")
    return line.run("ls -d /var/lib/valkey/appendonlydir.torn").strip()


def _web(stage: Stage, watcher: Player) -> str:
    line = stage.site.line("web")
    line.cut_power()
    line.give_power()
    line.wait()
    watcher.sure("GET", "/api/health/ready")
    return "it answers again by itself"


def _disk(stage: Stage, watcher: Player) -> str:
    line = stage.site.line("file")
    line.run(f"fallocate -l $(( $(df --output=avail -B1 /srv/anb | tail -1) - {LEFT_FREE} )) {FILLER}")
    answer = watcher.ask("POST", "/api/videos/upload", **form(clips.draw(next(stage.codes)), "Full", "full"))
    line.run(f"rm {FILLER}")
    check(answer is not None and answer.status_code == 507, f"with a full disk an upload is answered {answer}")
    return f"507 {answer.json()['detail']}" if answer else ""
