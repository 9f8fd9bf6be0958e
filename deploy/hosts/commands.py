"""The commands: `bundle` on the operator's machine; `converge`, `status` and others on a host, run by `anb-host`."""

import argparse
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from deploy.hosts import facts
from deploy.hosts.machine import CannotConverge, Machine


def main(words: Sequence[str]) -> int:
    """Run one command. Print an error as one line, and return a status that is not zero."""
    known = _parser().parse_args(words)
    try:
        return int(known.run(known) or 0)
    except (CannotConverge, facts.WrongFacts, OSError) as error:
        print(f"anb-host: failed: {error}", file=sys.stderr, flush=True)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.hosts")
    verbs = parser.add_subparsers(required=True)
    bundle = verbs.add_parser("bundle", help="build the bundle of a release")
    bundle.add_argument("--out", type=Path, default=Path("dist"))
    bundle.add_argument("--release")
    bundle.set_defaults(run=_bundle)
    converge = verbs.add_parser("converge", help="set up this host according to its facts")
    converge.add_argument("--release", required=True)
    converge.set_defaults(run=_converge)
    status = verbs.add_parser("status", help="show the state of this host")
    status.set_defaults(run=_status)
    certificate = verbs.add_parser("certificate", help="request a certificate for this host's domain, if it has none")
    certificate.set_defaults(run=_certificate)
    exposure = verbs.add_parser("exposure", help="show how much of the system each unit can reach")
    exposure.set_defaults(run=_exposure)
    metrics = verbs.add_parser("metrics", help="send the metrics of this host")
    metrics.set_defaults(run=_metrics)
    repair = verbs.add_parser("repair-queue", aliases=["mend-queue"], help="run by systemd before it starts the queue")
    repair.set_defaults(run=_repair_queue)
    backup = verbs.add_parser("backup", help="back up database and share to the bucket now")
    backup.set_defaults(run=_backup)
    take = verbs.add_parser("take-backup", help="run by systemd for `backup` and the timer")
    take.set_defaults(run=_take_backup)
    restore = verbs.add_parser("restore", help="restore a backup into an empty database and share")
    restore.add_argument("--backup", default="", help="name of the backup; by default the newest")
    restore.add_argument("--file", default="", help="only this file of the share, such as edits/ab/….mp4")
    restore.set_defaults(run=_restore)
    put_back = verbs.add_parser("put-back", help="run by `restore` as the user anb")
    put_back.add_argument("--backup", default="")
    put_back.add_argument("--file", default="")
    put_back.set_defaults(run=_put_back)
    return parser


def _bundle(known: argparse.Namespace) -> None:
    from deploy.hosts.bundle import build  # noqa: PLC0415 - needs a checkout; hosts have none

    print(build(known.out, known.release).path)


def _converge(known: argparse.Namespace) -> None:
    from deploy.hosts.converge import converge  # noqa: PLC0415 - not needed on the operator's machine
    from deploy.hosts.secrets import HostSecrets  # noqa: PLC0415

    host_facts = facts.read()
    converge(Machine(), host_facts, HostSecrets(client("secretsmanager", host_facts)), known.release)


def _status(_known: argparse.Namespace) -> int:
    from deploy.hosts.status import show  # noqa: PLC0415 - as above

    return show(Machine(), facts.read())


def _certificate(_known: argparse.Namespace) -> None:
    from deploy.hosts.certificate import obtain  # noqa: PLC0415 - as above

    obtain(Machine(), facts.read())


def _exposure(_known: argparse.Namespace) -> int:
    from deploy.hosts.exposure import show  # noqa: PLC0415 - as above

    return show(Machine(), facts.read())


def _metrics(_known: argparse.Namespace) -> None:
    from deploy.hosts.metrics import watch  # noqa: PLC0415 - as above

    host_facts = facts.read()
    watch(Machine(), host_facts, cache(lambda service: client(service, host_facts)))


def _repair_queue(_known: argparse.Namespace) -> None:
    from deploy.hosts.queue_repair import repair  # noqa: PLC0415 - as above

    repair()


def _backup(_known: argparse.Namespace) -> int:
    from deploy.hosts.backup_commands import backup  # noqa: PLC0415 - as above

    return backup(Machine())


def _take_backup(_known: argparse.Namespace) -> None:
    from deploy.hosts.backup_commands import take_backup  # noqa: PLC0415 - as above

    host_facts = facts.read()
    take_backup(Machine(), host_facts, client("s3", host_facts))


def _restore(known: argparse.Namespace) -> None:
    from deploy.hosts.backup_commands import restore  # noqa: PLC0415 - as above

    restore(Machine(), facts.read(), known.backup, known.file)


def _put_back(known: argparse.Namespace) -> None:
    from deploy.hosts.backup_commands import put_back  # noqa: PLC0415 - as above

    host_facts = facts.read()
    put_back(Machine(), host_facts, client("s3", host_facts), known.backup, known.file)


def client(service: str, host_facts: facts.Facts) -> Any:  # noqa: ANN401 - boto3 has no types
    """Return a client of an AWS service with the rights of this host."""
    import boto3  # noqa: PLC0415 - Debian's, only on hosts

    return boto3.client(service, region_name=host_facts.region)
