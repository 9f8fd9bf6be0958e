"""`make lab` and related commands: the deployment document's topology on this machine."""

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Annotated

import typer
from deploy.hosts.bundle import Bundle
from rich.console import Console

from verify.lab import bring_up, results, shell, site
from verify.lab.addresses import INTERNET, VPC
from verify.lab.next_release import build_successor
from verify.lab.proof_run import ProofRun
from verify.lab.proofs import releases
from verify.lab.prove import ORDER
from verify.lab.verdicts import prove_all, show
from verify.lab.workspace import ROOT, CannotStand, here, prepare

cli = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)
console = Console(width=None if sys.stdout.isatty() else 140)
# Drawn clips have one second and few pixels: a host here has a third of a processor's speed.
SETTINGS = {
    "ANB_CLIP_MIN_SECONDS": "0.5",
    "ANB_CLIP_MIN_SIDE": "180",
    "ANB_EDIT_CLIP_SECONDS": "6",
    "ANB_EDIT_BUMPER_SECONDS": "0.2",
    # Proofs act as an organizer from scripts; tests of the product prove second factors.
    "ANB_SECOND_FACTOR_ROLES": "",
    # One player of the lab sends as much as a crowd: allow its network as an operator does for a load test.
    "ANB_RATE_EXEMPT_NETWORKS": f"{INTERNET},{VPC}",
}


def say(text: str) -> None:
    """Print progress without colour."""
    console.print(text, style="dim", markup=False, highlight=False, soft_wrap=True)


@cli.command()
def up() -> None:
    """Start the lab and leave it running."""
    prepare()
    bring_up.raise_lab(here(), SETTINGS, say)
    console.print("The lab is up. Open a shell: make lab-sh HOST=web. Remove it: make lab-down.")


@cli.command()
def down() -> None:
    """Remove the running lab."""
    bring_up.lower(here())
    console.print("The lab is removed, except for its cache.")


@cli.command()
def sh(host: Annotated[str, typer.Argument(help="web, worker, file or database.")]) -> None:
    """Open a root shell on a host. Ctrl-] closes it."""
    shell.attach(_standing().line(host))


@cli.command("exec")
def run_in(host: str, script: str, seconds: Annotated[float, typer.Option(help="Time limit.")] = 60) -> None:
    """Run a bash script on a host and exit with its code."""
    done = _standing().line(host).try_run(script, seconds)
    sys.stdout.write(done.out)
    sys.stderr.write(done.err)
    raise typer.Exit(done.code if done.code >= 0 else 1)


@cli.command()
def prove(
    only: Annotated[list[str] | None, typer.Option(help="Names of the proofs to run.")] = None,
    *,
    standing: Annotated[bool, typer.Option(help="Use the running lab, and keep it.")] = False,
    keep: Annotated[bool, typer.Option(help="Store the result in verify/lab/results.")] = False,
) -> None:
    """Start the lab, run every proof, remove the lab. The exit code says whether every promise holds."""
    begun, workspace = time.monotonic(), here()
    cached = workspace.cache.exists()
    prepare()
    chosen = choose(only or [])
    with ThreadPoolExecutor(1) as beside:
        successor = beside.submit(build_successor, workspace).result if releases in chosen else _not_asked_for
        try:
            stands = _standing() if standing else bring_up.raise_lab(workspace, SETTINGS, say)
            proved = prove_all(ProofRun(stands, workspace, say, begun, successor), chosen)
        finally:
            if not standing:
                bring_up.lower(workspace)
    holds = show(proved, console)
    if keep:
        console.print(f"Stored in {results.keep(proved, time.monotonic() - begun, cached=cached)}.")
    raise typer.Exit(0 if holds else 1)


def choose(names: list[str]) -> list[ModuleType]:
    """Return the proofs with these names in their order, or all without names. Raises BadParameter."""
    known = {proof.__name__.rpartition(".")[2]: proof for proof in ORDER}
    if unknown := sorted(set(names) - set(known)):
        raise typer.BadParameter(f"unknown proofs: {', '.join(unknown)}; known: {', '.join(known)}")
    return [proof for name, proof in known.items() if not names or name in names]


def _not_asked_for() -> Bundle:
    raise LookupError("the next release is built only for the proof that needs it")


def _standing() -> site.LabSite:
    try:
        return site.load(here().standing)
    except FileNotFoundError:
        raise CannotStand("no lab is running: make lab-up") from None


def main() -> None:
    """Run a command. Report missing requirements in one line."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that everything is stopped and removed
    os.environ.setdefault("PYTHONPATH", str(ROOT))
    try:
        cli()
    except CannotStand as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
