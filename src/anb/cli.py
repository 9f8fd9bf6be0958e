"""The `anb` command."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from anb.accounts import service as accounts
from anb.accounts.domain import Role
from anb.cli_console import console
from anb.cli_jobs import jobs
from anb.cli_storage import storage, uploads
from anb.contest import service as contest
from anb.db import migrate as migrations
from anb.db.session import Database, connect
from anb.errors import AnbError
from anb.logs import configure
from anb.media.recipe import RECIPE_VERSION
from anb.settings import Limits, Settings, StackSettings, load, of_here
from anb.videos import service

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they print what variables hold
    help="ANB Rising Stars, from one laptop to four servers.",
)
season = typer.Typer(no_args_is_help=True, help="Open and close the season.")
user = typer.Typer(no_args_is_help=True, help="Who may do what.")
videos = typer.Typer(no_args_is_help=True, help="The videos that there are.")
app.add_typer(season, name="season")
app.add_typer(user, name="user")
app.add_typer(videos, name="videos")
app.add_typer(jobs, name="jobs")
app.add_typer(storage, name="storage")
app.add_typer(uploads, name="uploads")

FIRST_SEASON = "Temporada 1"


class NotALaptop(AnbError):
    """A command of the stack on one machine, where only what a server needs is installed."""


def main() -> None:
    """Run the command; whatever we raise on purpose is one clear line, never a traceback."""
    try:
        app()
    except AnbError as error:
        Console(stderr=True).print(f"anb: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)


@contextmanager
def laptop() -> Iterator[None]:
    """Import what only one machine that runs everything has. Raises NotALaptop."""
    try:
        yield
    except ModuleNotFoundError as error:
        brings = f"{error.name} is not installed; pip install 'anb-rising-stars[embedded]' brings it"
        raise NotALaptop(f"{brings}. On a server, `sudo anb-host status` examines what is there") from error


@app.command()
def up(
    demo: Annotated[bool, typer.Option("--demo/--no-demo", help="The first time, run the main job once.")] = True,
) -> None:
    """Run the whole platform on this machine."""
    with laptop():
        from anb.stack import up as stack  # noqa: PLC0415 - the engines' wheels are on laptops, not on servers

    sys.exit(stack.run(load(StackSettings), demo=demo))


@app.command()
def doctor() -> None:
    """Examine every part and say what to do."""
    with laptop():
        from anb.stack import doctor as stack  # noqa: PLC0415 - as above

    sys.exit(stack.run(load(StackSettings)))


@app.command()
def web() -> None:
    """Serve the API and the pages, behind nginx."""
    from anb import bootstrap  # noqa: PLC0415 - celery costs every other command a third of a second

    settings = load(Settings)
    configure(settings.log_format)
    bootstrap.check(settings)
    serve("anb.app:create", settings)


@app.command()
def worker() -> None:
    """Make edits, one job at a time per process."""
    from anb import bootstrap  # noqa: PLC0415 - as above
    from anb import worker as workers  # noqa: PLC0415

    settings = load(Settings)
    configure(settings.log_format)
    bootstrap.check(settings)
    workers.run(settings)


@app.command()
def reconcile() -> None:
    """Look for lost jobs and queue them again. Any number of these may run."""
    from anb import worker as workers  # noqa: PLC0415 - as above

    settings = load(Settings)
    configure(settings.log_format)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    workers.reconcile(settings, stopped)


@app.command()
def migrate(
    first_season: Annotated[bool, typer.Option(help="Open a season if there never was one.")] = False,
) -> None:
    """Bring the database to the tables this version needs."""
    database = _database()
    revision = migrations.upgrade(database)
    if first_season:
        with database.transaction() as uow:
            contest.open_first_season(uow, FIRST_SEASON)
    database.close()
    newer = (
        "" if migrations.knows(revision) else f", newer than this version knows ({migrations.head()}): left as it is"
    )
    console.print(f"The database is at revision {revision}{newer}.", soft_wrap=True)


@app.command()
def config() -> None:
    """Print the effective settings, secrets hidden."""
    settings, stack = of_here(), load(StackSettings)
    console.print(_listed("What every process reads", settings))
    console.print(_listed("What only `anb up` reads, on one machine", stack, without=type(settings)))


@season.command("open")
def season_open(
    name: str, moderated: Annotated[bool, typer.Option(help="Look at clips before the public.")] = False
) -> None:
    """Open a season: from now on votes count."""
    with _database().transaction() as uow:
        contest.open_season(uow, name, moderated=moderated)
    console.print(f"Season “{name}” is open.")


@season.command("close")
def season_close() -> None:
    """Close the season: no vote counts from now on."""
    with _database().transaction() as uow:
        contest.close_season(uow)
    console.print("The season is closed.")


@user.command("role")
def user_role(email: str, role: Role) -> None:
    """Make somebody a player, a juror or an organizer."""
    with _database().transaction() as uow:
        account = accounts.give_role(uow, email.strip().lower(), role)
    console.print(f"{account.username} is a {account.role} now.")


@videos.command("reedit")
def videos_reedit(
    older_than_recipe: Annotated[int | None, typer.Option(help="Edits made by a recipe before this one.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every edit there is.")] = False,
    every: Annotated[float, typer.Option(min=0, help="Seconds from one to the next; players' clips go between.")] = 60,
) -> None:
    """Make edits anew: the one that is there stays in its place until the new one takes it."""
    from anb import bootstrap  # noqa: PLC0415 - brings celery, see above

    if everything is (older_than_recipe is not None):
        raise typer.BadParameter("say either --older-than-recipe N or --all")
    settings = of_here()
    with connect(settings).transaction() as uow:
        ports = bootstrap.build_ports(settings)
        queued = service.reedit(uow, ports, older_than=older_than_recipe, every=every)
    console.print(f"Queued for a new edit by recipe {RECIPE_VERSION}: {queued}, one every {every:g} s.")


def serve(target: str, settings: Settings) -> None:
    """Serve what the factory `target` makes until told to stop; `bench` serves its peers the same way."""
    from granian import Granian  # noqa: PLC0415 - only who serves needs it
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    server = Granian(
        target,
        factory=True,
        interface=Interfaces.ASGI,
        uds=settings.web_socket,
        uds_permissions=0o660 if settings.web_socket else None,
        address=settings.web_host,
        port=settings.web_port,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=settings.web_stop_seconds,
        log_level=LogLevels.warning,
    )
    server.serve()


def _database() -> Database:
    return connect(of_here())


def _listed(title: str, settings: Limits, without: type[Limits] | None = None) -> Table:
    table = Table("setting", "value", "what it is", title=title, title_justify="left")
    for name, field in type(settings).model_fields.items():
        if without is None or name not in without.model_fields:
            table.add_row(f"ANB_{name.upper()}", _shown(name, getattr(settings, name)), field.description or "")
    return table


def _shown(name: str, value: object) -> str:
    """Write a setting without its secret: passwords in addresses are as secret as keys."""
    text = str(value)
    if name.endswith("_url") and "@" in text:
        scheme, _, rest = text.partition("://")
        text = f"{scheme}://***@{rest.rpartition('@')[2]}"
    if "password=" in text:
        return text.partition("password=")[0] + "password=***"
    return text
