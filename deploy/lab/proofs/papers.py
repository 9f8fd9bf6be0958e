"""What the papers tell an operator to do is done, as it is written there, on the hosts that it is written for."""

import json
import secrets
import subprocess
from concurrent.futures import ThreadPoolExecutor
from tempfile import NamedTemporaryFile

from chaos import clips

from deploy.hosts.secrets import QUEUE
from deploy.lab import deployment, fabric, papers
from deploy.lab.crowd import crowd
from deploy.lab.papers import ORDERS, Order
from deploy.lab.player import WORD, Player, Taken, taken
from deploy.lab.stage import Stage, Verdict, all_whole, check, on_each, timed, wait_until

PROMISE = "the papers' commands, a setting, a secret, and a reboot, as operators do them"
GOAL = "each ends as its page says"
SECONDS = 240


def prove(stage: Stage) -> Verdict:
    """Upload as the page says; type every command; change a secret; reboot what others lean on."""
    player = stage.player()
    clip = _first_clip(stage, player)
    player.wait_done([clip], SECONDS)
    made = stage.rows(f"select key from renditions where video_id = '{clip.video}' and kind = 'processed'")[0]
    known = {"{email}": player.email, "{task}": clip.task, "{edit}": str(made["key"])}
    with timed(stage, "commands"):
        wrong = [said for order in ORDERS for said in _type_everywhere(stage, order, known) if said]
    with timed(stage, "a secret"):
        _change_secret(stage)
    with crowd(stage) as people:
        for host in ("web", "file"):
            people.wait_for(len(people.taken) + 1, SECONDS)
            with timed(stage, f"{host} rebooted"):
                _reboot(stage, host)
            people.wait_for(len(people.taken) + 1, SECONDS)
    people.player.wait_done(people.taken, SECONDS)
    wrong += all_whole(stage, player, [clip]) + all_whole(stage, people.player, people.taken)
    typed = sum(len(order.hosts) for order in ORDERS)
    figure = f"{typed} commands, 2 reboots under {len(people.taken)} uploads: {len(wrong)} wrong"
    return Verdict(figure, not wrong, tuple(wrong))


def _first_clip(stage: Stage, player: Player) -> Taken:
    """Upload by the page's own block of shell."""
    page = (papers.HOW_TO / "deploy.md").read_text(encoding="utf-8")
    block = next(block for block in papers.blocks(page) if "curl -k" in block)
    content = clips.draw(next(stage.codes))
    with NamedTemporaryFile(suffix=".mp4") as file:
        file.write(content)
        file.flush()
        for written, typed in (
            ("https://203.0.113.10", stage.door().url),
            ("you@example.com", player.email),
            ("…", WORD),
            ("@clip.mp4", f"@{file.name}"),
        ):
            check(written in block, f"the block of deploy.md says {written} no more")
            block = block.replace(written, typed)
        command = fabric.entering("client", ["bash", "-ec", block.replace("curl -k", "curl -sfk")])
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    answer, end = json.JSONDecoder().raw_decode(said)
    check(answer["video_id"] in said[end:], "the list of videos does not have the new one")
    return taken(answer, content)


def _type_everywhere(stage: Stage, order: Order, known: dict[str, str]) -> list[str]:
    with ThreadPoolExecutor() as together:
        return list(together.map(lambda host: _type(stage, order, host, known), order.hosts))


def _type(stage: Stage, order: Order, host: str, known: dict[str, str]) -> str:
    """Type a command; return what is wrong with how it ended."""
    typed, says = order.typed or order.written, order.says
    for name, value in known.items():
        typed, says = typed.replace(name, value), says.replace(name, value)
    done = stage.site.line(host).try_run(f"{{ {typed}\n}} 2>&1", SECONDS)
    if done.code == 0 and says in done.out:
        return ""
    return f"{host}: {typed!r} ended with {done.code}: {done.out[-500:]}"


def _change_secret(stage: Stage) -> None:
    """Give the queue another password; file server first, then who uses it."""
    with fabric.within("gateway"):
        deployment.client("secretsmanager").put_secret_value(SecretId=QUEUE, SecretString=secrets.token_urlsafe(32))
    workers = [name for name, machine in stage.site.machines.items() if machine.role == "worker"]
    stage.site.line("file").run("anb-host update", SECONDS)
    on_each(stage, ["web", *workers], "anb-host update", SECONDS)


def _reboot(stage: Stage, host: str) -> None:
    """Shut down in order and start again: a User-mode kernel that reboots itself does not let go of its network."""
    line = stage.site.line(host)
    line.try_run("systemctl poweroff")
    wait_until(f"{host} shut down", lambda: not line.has_power(), SECONDS)
    line.give_power()
    wait_until(f"{host} as it should be", lambda: line.try_run("anb-host status").code == 0, SECONDS)
