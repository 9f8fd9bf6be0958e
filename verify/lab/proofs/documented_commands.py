"""Runs the docs' commands for operators as written, on the hosts they are written for."""

import json
import secrets
import subprocess
from concurrent.futures import ThreadPoolExecutor
from tempfile import NamedTemporaryFile

from deploy.hosts.secrets import QUEUE

from verify.kit import numbered_clips
from verify.lab import deployment, doc_commands, network
from verify.lab.crowd import crowd
from verify.lab.doc_commands import ORDERS, DocCommand
from verify.lab.player import WORD, AcceptedUpload, LabPlayer, taken
from verify.lab.proof_run import ProofRun, ProofVerdict, all_whole, check, on_each, timed, wait_until

PROMISE = "the docs' commands, a setting, a secret, and a reboot, as operators do them"
GOAL = "each ends as its page says"
SECONDS = 240


def prove(lab: ProofRun) -> ProofVerdict:
    """Upload as the page says, run every command, change a secret, and reboot the servers that others depend on."""
    player = lab.player()
    clip = _first_clip(lab, player)
    player.wait_done([clip], SECONDS)
    edit = lab.rows(f"select key from renditions where video_id = '{clip.video}' and kind = 'processed'")[0]
    known = {"{email}": player.email, "{task}": clip.task, "{edit}": str(edit["key"])}
    with timed(lab, "commands"):
        wrong = [said for order in ORDERS for said in _type_everywhere(lab, order, known) if said]
    player.sign_in()  # another role has ended the player's sessions
    with timed(lab, "a secret"):
        _change_secret(lab)
    with crowd(lab) as people:
        for host in ("web", "file"):
            people.wait_for(len(people.taken) + 1, SECONDS)
            with timed(lab, f"{host} rebooted"):
                _reboot(lab, host)
            people.wait_for(len(people.taken) + 1, SECONDS)
    people.player.wait_done(people.taken, SECONDS)
    wrong += all_whole(lab, player, [clip]) + all_whole(lab, people.player, people.taken)
    typed = sum(len(order.hosts) for order in ORDERS)
    figure = f"{typed} commands, 2 reboots under {len(people.taken)} uploads: {len(wrong)} wrong"
    return ProofVerdict(figure, not wrong, tuple(wrong))


def _first_clip(lab: ProofRun, player: LabPlayer) -> AcceptedUpload:
    """Upload with the page's own shell block."""
    page = (doc_commands.HOW_TO / "deploy.md").read_text(encoding="utf-8")
    block = next(block for block in doc_commands.blocks(page) if "curl -k" in block)
    content = numbered_clips.draw(next(lab.codes))
    with NamedTemporaryFile(suffix=".mp4") as file:
        file.write(content)
        file.flush()
        for written, typed in (
            ("https://203.0.113.10", lab.door().url),
            ("you@example.com", player.email),
            ("…", WORD),
            ("@clip.mp4", f"@{file.name}"),
        ):
            check(written in block, f"the block of deploy.md does not contain {written} any more")
            block = block.replace(written, typed)
        command = network.entering("client", ["bash", "-ec", block.replace("curl -k", "curl -sfk")])
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    answer, end = json.JSONDecoder().raw_decode(output)
    check(answer["video_id"] in output[end:], "the list of videos does not have the new one")
    return taken(answer, content)


def _type_everywhere(lab: ProofRun, order: DocCommand, known: dict[str, str]) -> list[str]:
    with ThreadPoolExecutor() as together:
        return list(together.map(lambda host: _type(lab, order, host, known), order.hosts))


def _type(lab: ProofRun, order: DocCommand, host: str, known: dict[str, str]) -> str:
    """Run a command as typed. Return what is wrong with its result."""
    typed, says = order.typed or order.written, order.says
    for name, value in known.items():
        typed, says = typed.replace(name, value), says.replace(name, value)
    done = lab.site.line(host).try_run(f"{{ {typed}\n}} 2>&1", SECONDS)
    if done.code == 0 and says in done.out:
        return ""
    return f"{host}: {typed!r} ended with {done.code}: {done.out[-500:]}"


def _change_secret(lab: ProofRun) -> None:
    """Change the queue's password: on the file server first, then on its clients."""
    with network.within("gateway"):
        deployment.client("secretsmanager").put_secret_value(SecretId=QUEUE, SecretString=secrets.token_urlsafe(32))
    workers = [name for name, machine in lab.site.machines.items() if machine.role == "worker"]
    lab.site.line("file").run("anb-host update", SECONDS)
    on_each(lab, ["web", *workers], "anb-host update", SECONDS)


def _reboot(lab: ProofRun, host: str) -> None:
    """Shut down and start again: a User-mode kernel that reboots itself keeps hold of its network."""
    line = lab.site.line(host)
    line.try_run("systemctl poweroff")
    wait_until(f"{host} shut down", lambda: not line.has_power(), SECONDS)
    line.give_power()
    wait_until(f"{host} as it should be", lambda: line.try_run("anb-host status").code == 0, SECONDS)
