"""The commands: `bundle` on the operator's machine; `converge`, `status` and their like on a host, by `anb-host`."""

import argparse
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from deploy.hosts import facts
from deploy.hosts.machine import CannotConverge, Machine


def main(words: Sequence[str]) -> int:
    """Run one command. Whatever is wrong is one line, and a status that is not zero."""
    known = _parser().parse_args(words)
    try:
        return int(known.run(known) or 0)
    except (CannotConverge, facts.WrongFacts, OSError) as error:
        print(f"anb-host: failed: {error}", file=sys.stderr, flush=True)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.hosts")
    verbs = parser.add_subparsers(required=True)
    bundle = verbs.add_parser("bundle", help="make the bundle of a release")
    bundle.add_argument("--out", type=Path, default=Path("dist"))
    bundle.add_argument("--release")
    bundle.set_defaults(run=_bundle)
    converge = verbs.add_parser("converge", help="make this host what its facts say")
    converge.add_argument("--release", required=True)
    converge.set_defaults(run=_converge)
    status = verbs.add_parser("status", help="say how this host is")
    status.set_defaults(run=_status)
    certificate = verbs.add_parser("certificate", help="ask for the certificate of this host's domain, if it has none")
    certificate.set_defaults(run=_certificate)
    exposure = verbs.add_parser("exposure", help="say how much of the system each unit can reach")
    exposure.set_defaults(run=_exposure)
    metrics = verbs.add_parser("metrics", help="send the figures of this host")
    metrics.set_defaults(run=_metrics)
    mend = verbs.add_parser("mend-queue", help="what systemd runs before it starts the queue")
    mend.set_defaults(run=_mend_queue)
    backup = verbs.add_parser("backup", help="save database and share to the bucket, now")
    backup.set_defaults(run=_backup)
    take = verbs.add_parser("take-backup", help="what `backup` and the timer let systemd run")
    take.set_defaults(run=_take_backup)
    restore = verbs.add_parser("restore", help="put a backup back into an empty database and share")
    restore.add_argument("--backup", default="", help="which; by default the newest")
    restore.add_argument("--file", default="", help="only this file of the share, such as edits/ab/….mp4")
    restore.set_defaults(run=_restore)
    put_back = verbs.add_parser("put-back", help="what `restore` runs as the user anb")
    put_back.add_argument("--backup", default="")
    put_back.add_argument("--file", default="")
    put_back.set_defaults(run=_put_back)
    return parser


def _bundle(known: argparse.Namespace) -> None:
    from deploy.hosts.bundle import build  # noqa: PLC0415 - needs a checkout; hosts have none

    print(build(known.out, known.release).path)


def _converge(known: argparse.Namespace) -> None:
    from deploy.hosts.converge import converge  # noqa: PLC0415 - the operator's machine has no need of it
    from deploy.hosts.secrets import Secrets  # noqa: PLC0415

    told = facts.read()
    converge(Machine(), told, Secrets(client("secretsmanager", told)), known.release)


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

    told = facts.read()
    watch(Machine(), told, cache(lambda service: client(service, told)))


def _mend_queue(_known: argparse.Namespace) -> None:
    from deploy.hosts.valkey import mend  # noqa: PLC0415 - as above

    mend()


def _backup(_known: argparse.Namespace) -> int:
    from deploy.hosts.safety import backup  # noqa: PLC0415 - as above

    return backup(Machine())


def _take_backup(_known: argparse.Namespace) -> None:
    from deploy.hosts.safety import take_backup  # noqa: PLC0415 - as above

    told = facts.read()
    take_backup(Machine(), told, client("s3", told))


def _restore(known: argparse.Namespace) -> None:
    from deploy.hosts.safety import restore  # noqa: PLC0415 - as above

    restore(Machine(), facts.read(), known.backup, known.file)


def _put_back(known: argparse.Namespace) -> None:
    from deploy.hosts.safety import put_back  # noqa: PLC0415 - as above

    told = facts.read()
    put_back(Machine(), told, client("s3", told), known.backup, known.file)


def client(service: str, told: facts.Facts) -> Any:  # noqa: ANN401 - boto3 has no types
    """Open a service of AWS with the rights of this host."""
    import boto3  # noqa: PLC0415 - Debian's, on hosts alone

    return boto3.client(service, region_name=told.region)
