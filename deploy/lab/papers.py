"""What the papers tell an operator to type on a host: read from the pages, and where each of it is tried."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from deploy.hosts.definitions import MEDIA
from deploy.hosts.facts import PLACE
from deploy.lab.ground import ROOT

HOW_TO = ROOT / "docs" / "how-to"
PAGES = ("deploy", "operate", "upgrade", "restore")
ON_A_HOST = ("anb ", "anb-host ", "journalctl ", "systemctl ", "du ", "reboot", "growpart ", "REDISCLI_AUTH=")
EVERY = ("web", "worker", "file", "database")
WEB, WORKER, FILE = ("web",), ("worker",), ("file",)
OURS = EVERY[:3]  # the database host stands for RDS: it has no command of ours

# "In /etc/anb/host.json under settings", as somebody with an editor would.
CHANGE_A_SETTING = f"""python3 - <<'END'
import json
facts = json.load(open("{PLACE}"))
facts["settings"]["ANB_UPLOAD_MAX_BYTES"] = "99000000"
json.dump(facts, open("{PLACE}", "w"))
END"""


@dataclass(frozen=True)
class Order:
    """One command: as a page has it, on which hosts it is typed, and what it must say.

    Where a page leaves something open, `typed` fills it in: {email}, {task} and {edit} are those of a clip.
    """

    written: str  # "": what makes the next order necessary
    hosts: tuple[str, ...]
    typed: str = ""
    says: str = ""


ORDERS: tuple[Order, ...] = (
    Order("anb-host status", EVERY, says="ok"),
    Order("anb-host exposure", EVERY, says="ok"),
    Order("journalctl -u anb-provision", OURS, says="anb-host"),
    Order("journalctl -u anb-provision -f", WEB, "timeout 2 journalctl -u anb-provision -f || test $? = 124"),
    Order("anb user role you@example.com organizer", WEB, "anb user role {email} organizer", "organizer"),
    Order("anb user role … organizer", WORKER, "anb user role {email} organizer", "organizer"),
    Order('anb season open "…"', WEB, '! anb season open "Temporada 2"', "open already"),
    Order("anb jobs list", WORKER, says="done"),
    Order("anb jobs dead", WORKER),
    Order("anb jobs drain", WEB),
    Order("anb jobs drain --off", WEB),
    Order("journalctl -u anb-worker -n 50", WORKER, says="jobs."),
    Order("journalctl -u anb-worker -o cat | grep <job id>", WORKER, "journalctl -u anb-worker -o cat | grep {task}"),
    Order("journalctl -u 'anb-web@*' -p warning -n 50", WEB),
    Order("journalctl --disk-usage", WEB, says="journals take up"),
    Order("du -xsh /var/* | sort -h", WEB, says="/var/log"),
    Order("REDISCLI_AUTH=$(cat /etc/anb/valkey-operator) valkey-cli --user operator llen anb.jobs", FILE, says="0"),
    Order("anb-host backup", WORKER, says="is whole"),
    Order("journalctl -u anb-backup", WORKER, says="is whole"),
    Order("anb storage verify", WEB, says="0"),
    Order("", FILE, f"rm {MEDIA}/{{edit}}"),
    Order("anb storage verify --checksums", WEB, "! anb storage verify --checksums", "{edit}"),
    Order("anb-host restore --file edits/ab/….mp4", WORKER, "anb-host restore --file {edit}", "{edit}"),
    Order("anb storage sweep", WEB, says="0"),
    Order("anb storage verify --checksums", WEB, says="0"),
    Order("systemctl stop anb-worker", WORKER),
    Order("", WORKER, "systemctl start anb-worker"),
    Order("", WEB, CHANGE_A_SETTING),
    Order("anb-host update", OURS),
    Order("", WEB, "anb config", "99000000"),
    Order(
        "", WEB, "logrotate --force /etc/logrotate.d/anb-nginx && sleep 1 && test -s /var/log/anb-nginx/access.log.1"
    ),
)
# What the proof of papers does besides, what other proofs do, and what only AWS has.
ELSEWHERE: Mapping[str, str] = MappingProxyType(
    {
        "reboot": "the proof of papers, as a shutdown and power again: web server and file server, under uploads",
        "anb-host update --release 0.1.0-8c58570": "releases",
        "anb migrate": "releases",
        "anb-host restore": "restoring",
        "anb-host restore --backup 20261127T073000Z": "restoring",
        "systemctl restart 'anb-web@*'": "restoring",
        "systemctl restart anb-worker anb-reconcile": "restoring",
        "growpart /dev/nvme0n1 1 && sudo resize2fs /dev/nvme0n1p1": "AWS: a lab's disk has no partitions",
    }
)


def pages() -> list[Path]:
    """Return the pages for operators."""
    return [HOW_TO / f"{name}.md" for name in PAGES]


def commands(page: str) -> Iterator[str]:
    """Return the commands of a page that are for a host, without `sudo`: of its blocks of shell, and of its lines."""
    for block in blocks(page):
        yield from _of_hosts(line.partition("  #")[0] for line in block.splitlines())
    between = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    yield from _of_hosts(" ".join(span.split()).replace("\\|", "|") for span in re.findall(r"`([^`]+)`", between))


def blocks(page: str) -> list[str]:
    """Return the blocks of shell of a page."""
    return re.findall(r"```sh\n(.*?)```", page, re.DOTALL)


def _of_hosts(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        command = line.strip().removeprefix("sudo ")
        if command.startswith(ON_A_HOST) and command != "anb …":  # which stands for any of them
            yield command
