"""The commands that the docs give operators, read from the pages, and where each is tested."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from deploy.hosts.definitions import MEDIA, USER
from deploy.hosts.facts import PLACE

from anb.contest.domain import SeasonOpenAlready
from verify.lab.workspace import ROOT

HOW_TO = ROOT / "docs" / "how-to"
PAGES = ("deploy", "operate", "upgrade", "restore")
ON_A_HOST = ("anb ", "anb-host ", "journalctl ", "systemctl ", "du ", "reboot", "growpart ", "REDISCLI_AUTH=")
EVERY = ("web", "worker", "file", "database")
WEB, WORKER, FILE = ("web",), ("worker",), ("file",)
OURS = EVERY[:3]  # the database host replaces RDS and has no commands of ours

# "In /etc/anb/host.json under settings", as an operator would edit it.
CHANGE_A_SETTING = f"""python3 - <<'END'
import json
facts = json.load(open("{PLACE}"))
facts["settings"]["ANB_UPLOAD_MAX_BYTES"] = "99000000"
json.dump(facts, open("{PLACE}", "w"))
END"""


@dataclass(frozen=True)
class DocCommand:
    """One command: its text in a page, the hosts to run it on, and its expected output.

    If a page leaves something open, `typed` fills it in: {email}, {task} and {edit} belong to a clip.
    """

    written: str  # "": prepares the next command
    hosts: tuple[str, ...]
    typed: str = ""
    says: str = ""


ORDERS: tuple[DocCommand, ...] = (
    DocCommand("anb-host status", EVERY, says="ok"),
    DocCommand("anb-host exposure", EVERY, says="ok"),
    DocCommand("journalctl -u anb-provision", OURS, says="anb-host"),
    DocCommand("journalctl -u anb-provision -f", WEB, "timeout 2 journalctl -u anb-provision -f || test $? = 124"),
    DocCommand(
        "anb user role you@example.com administrator", WEB, "anb user role {email} administrator", "administrator"
    ),
    DocCommand("anb user role … organizer", WORKER, "anb user role {email} organizer", "organizer"),
    DocCommand(
        "anb media explain FILE",
        OURS[:2],
        f"anb media explain $(runuser -u {USER} -- find {MEDIA}/originals -type f | head -1)",
        "What is in it",
    ),
    DocCommand('anb season open "…"', WEB, '! anb season open "Temporada 2"', str(SeasonOpenAlready())),
    DocCommand("anb user show lucia@example.com", WEB, "anb user show {email}", "{email}"),
    DocCommand("anb user confirm lucia@example.com", WEB, "anb user confirm {email}", "is confirmed"),
    DocCommand("anb user reset-password lucia@example.com", WEB, "anb user reset-password {email}", "token="),
    DocCommand("anb user invite olga@example.com --role juror", WEB, says="token="),
    DocCommand("anb user list --limit 500", WEB),
    DocCommand("anb mail list", WORKER, says="Oldest waits"),
    DocCommand("anb mail list --dead", WORKER, says="Oldest waits"),
    DocCommand("anb mail retry --all", WORKER, says="Queued again"),
    DocCommand("journalctl -u anb-mail -n 50", WORKER, says="mail."),
    DocCommand("anb privacy erasures", WORKER, says="Retention last ended"),
    DocCommand("anb privacy retention", WORKER),
    DocCommand("journalctl -u anb-reconcile -p warning -n 50", WORKER),
    DocCommand("anb jobs list", WORKER, says="done"),
    DocCommand("anb jobs dead", WORKER),
    DocCommand("anb jobs drain", WEB),
    DocCommand("anb jobs drain --off", WEB),
    DocCommand("journalctl -u anb-worker -n 50", WORKER, says="jobs."),
    DocCommand(
        "journalctl -u anb-worker -o cat | grep <job id>", WORKER, "journalctl -u anb-worker -o cat | grep {task}"
    ),
    DocCommand("journalctl -u 'anb-web@*' -u 'anb-uploads@*' -p warning -n 50", WEB),
    DocCommand("journalctl --disk-usage", WEB, says="journals take up"),
    DocCommand("du -xsh /var/* | sort -h", WEB, says="/var/log"),
    DocCommand(
        "REDISCLI_AUTH=$(cat /etc/anb/valkey-operator) valkey-cli --user operator llen anb.jobs", FILE, says="0"
    ),
    DocCommand("anb-host backup", WORKER, says="is complete"),
    DocCommand("journalctl -u anb-backup", WORKER, says="is complete"),
    DocCommand("anb storage verify", WEB, says="0"),
    DocCommand("", FILE, f"rm {MEDIA}/{{edit}}"),
    DocCommand("anb storage verify --checksums", WEB, "! anb storage verify --checksums", "{edit}"),
    DocCommand("anb-host restore --file edits/ab/….mp4", WORKER, "anb-host restore --file {edit}", "{edit}"),
    DocCommand("anb storage sweep", WEB, says="0"),
    DocCommand("anb storage verify --checksums", WEB, says="0"),
    DocCommand("systemctl stop anb-worker", WORKER),
    DocCommand("", WORKER, "systemctl start anb-worker"),
    DocCommand("", WEB, CHANGE_A_SETTING),
    DocCommand("anb-host update", OURS),
    DocCommand("", WEB, "anb config", "99000000"),
    DocCommand(
        "", WEB, "logrotate --force /etc/logrotate.d/anb-nginx && sleep 1 && test -s /var/log/anb-nginx/access.log.1"
    ),
)
# Commands that the proof runs in another way, that other proofs run, and that only AWS has.
ELSEWHERE: Mapping[str, str] = MappingProxyType(
    {
        "reboot": "the proof of docs, as shutdown and power-on: web server and file server, under uploads",
        "anb-host update --release 0.1.0-8c58570": "releases",
        "anb migrate": "releases",
        "anb-host restore": "restoring",
        "anb-host restore --backup 20261127T073000Z": "restoring",
        "systemctl restart 'anb-web@*' 'anb-uploads@*'": "restoring",
        "systemctl disable --now 'anb-uploads@*'": "nowhere: a lab's releases all know that unit",
        "anb user unlock THEIR@EMAIL": "the tests of second factors: it would end the sessions that proofs use",
        "anb user role THEIR@EMAIL organizer": "as above, after it",
        "systemctl restart anb-worker anb-reconcile": "restoring",
        "anb count verify": "the tests of the count's commands: in the lab no count differs",
        "anb count rebuild SEASON": "as above",
        "anb season results SEASON": "the tests of the commands of results",
        "growpart /dev/nvme0n1 1 && sudo resize2fs /dev/nvme0n1p1": "AWS: a lab's disk has no partitions",
    }
)


def pages() -> list[Path]:
    """Return the pages for operators."""
    return [HOW_TO / f"{name}.md" for name in PAGES]


def commands(page: str) -> Iterator[str]:
    """Return the commands of a page for hosts, without `sudo`, from its shell blocks and its lines."""
    for block in blocks(page):
        yield from _of_hosts(line.partition("  #")[0] for line in block.splitlines())
    between = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    yield from _of_hosts(" ".join(span.split()).replace("\\|", "|") for span in re.findall(r"`([^`]+)`", between))


def blocks(page: str) -> list[str]:
    """Return the shell blocks of a page."""
    return re.findall(r"```sh\n(.*?)```", page, re.DOTALL)


def _of_hosts(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        command = line.strip().removeprefix("sudo ")
        if command.startswith(ON_A_HOST) and command != "anb …":  # a placeholder for any of them
            yield command
