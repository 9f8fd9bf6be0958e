"""`make lab` and its kin: the topology of the deployment document on this machine."""

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Annotated

import typer
from rich.console import Console

from deploy.hosts.bundle import Bundle
from deploy.lab import results, rising, shell, site
from deploy.lab.ground import ROOT, CannotStand, here, prepare
from deploy.lab.proofs import releases
from deploy.lab.prove import ORDER
from deploy.lab.stage import Stage
from deploy.lab.successor import build_successor
from deploy.lab.verdicts import prove_all, show

cli = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)
console = Console(width=None if sys.stdout.isatty() else 140)
# Drawn clips have a second, and few pixels: a host here has a third of a processor's speed.
SETTINGS = {
    "ANB_CLIP_MIN_SECONDS": "0.5",
    "ANB_CLIP_MIN_SIDE": "180",
    "ANB_EDIT_CLIP_SECONDS": "6",
    "ANB_EDIT_BUMPER_SECONDS": "0.2",
}


def say(text: str) -> None:
    """Say what was done, without colour."""
    console.print(text, style="dim", markup=False, highlight=False, soft_wrap=True)


@cli.command()
def up() -> None:
    """Bring the lab up and leave it standing."""
    prepare()
    rising.raise_lab(here(), SETTINGS, say)
    console.print("The lab stands. A shell: make lab-sh HOST=web. Its end: make lab-down.")


@cli.command()
def down() -> None:
    """End and remove the lab that stands."""
    rising.lower(here())
    console.print("Nothing of the lab is left but its cache.")


@cli.command()
def sh(host: Annotated[str, typer.Argument(help="web, worker, file or database.")]) -> None:
    """Open a shell of root in a host. Ctrl-] ends it."""
    shell.attach(_standing().line(host))


@cli.command("exec")
def run_in(host: str, script: str, seconds: Annotated[float, typer.Option(help="Most it may take.")] = 60) -> None:
    """Run a bash script in a host and end as it ended."""
    done = _standing().line(host).try_run(script, seconds)
    sys.stdout.write(done.out)
    sys.stderr.write(done.err)
    raise typer.Exit(done.code if done.code >= 0 else 1)


@cli.command()
def prove(
    only: Annotated[list[str] | None, typer.Option(help="Proofs to run, by the name of their file.")] = None,
    *,
    standing: Annotated[bool, typer.Option(help="Over the lab that stands, and leave it.")] = False,
    keep: Annotated[bool, typer.Option(help="Write the result to deploy/lab/results.")] = False,
) -> None:
    """Bring the lab up, prove everything, remove it. The exit code says whether every promise holds."""
    begun, ground = time.monotonic(), here()
    cached = ground.cache.exists()
    prepare()
    chosen = choose(only or [])
    with ThreadPoolExecutor(1) as beside:
        successor = beside.submit(build_successor, ground).result if releases in chosen else _not_asked_for
        try:
            stands = _standing() if standing else rising.raise_lab(ground, SETTINGS, say)
            proved = prove_all(Stage(stands, ground, say, begun, successor), chosen)
        finally:
            if not standing:
                rising.lower(ground)
    holds = show(proved, console)
    if keep:
        console.print(f"Kept in {results.keep(proved, time.monotonic() - begun, cached=cached)}.")
    raise typer.Exit(0 if holds else 1)


def choose(names: list[str]) -> list[ModuleType]:
    """Return the proofs of these names in their order, all where none is named. Raises BadParameter."""
    known = {proof.__name__.rpartition(".")[2]: proof for proof in ORDER}
    if unknown := sorted(set(names) - set(known)):
        raise typer.BadParameter(f"no proof is called {', '.join(unknown)}; there are {', '.join(known)}")
    return [proof for name, proof in known.items() if not names or name in names]


def _not_asked_for() -> Bundle:
    raise LookupError("the next release is made only where it is proved")


def _standing() -> site.Site:
    try:
        return site.load(here().standing)
    except FileNotFoundError:
        raise CannotStand("no lab stands: make lab-up") from None


def main() -> None:
    """Run a command; say what is missing in one line."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that everything is ended and removed
    os.environ.setdefault("PYTHONPATH", str(ROOT))
    try:
        cli()
    except CannotStand as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
