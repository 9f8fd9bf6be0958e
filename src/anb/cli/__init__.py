"""The `anb` command."""

import signal
import sys
import threading
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from anb.audit import service as trail
from anb.audit.domain import Act, AuditTarget, TargetKind
from anb.cli import (
    audit,
    count,
    fraud,
    jobs,
    jury,
    mail,
    media,
    moderation,
    photos,
    privacy,
    results,
    season,
    storage,
    user,
    verify,
)
from anb.cli.acting import operator
from anb.cli.console import console
from anb.cli.database import transaction
from anb.cli.laptop import laptop
from anb.cli.serve import serve
from anb.contest import service as contest
from anb.db.roles import DatabaseRole
from anb.db.session import connect
from anb.errors import AnbError
from anb.logs import configure
from anb.media.recipe import RECIPE_VERSION
from anb.settings import Limits, Settings, StackSettings, load, load_for_counting, load_for_web, of_here
from anb.settings.shown import shown
from anb.videos import service

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they print the values of variables
    help="ANB Rising Stars, from one laptop to four servers.",
)
videos = typer.Typer(no_args_is_help=True, help="Videos and their edits.")
app.add_typer(season.commands, name="season")
season.commands.command("results")(results.show_results)
season.commands.command("export")(results.export)
app.add_typer(audit.commands, name="audit")
app.add_typer(count.commands, name="count")
app.add_typer(user.commands, name="user")
app.add_typer(videos, name="videos")
app.add_typer(fraud.commands, name="fraud")
app.add_typer(jobs.commands, name="jobs")
app.add_typer(jury.commands, name="jury")
app.add_typer(mail.commands, name="mail")
app.add_typer(media.commands, name="media")
app.add_typer(moderation.commands, name="moderation")
app.add_typer(privacy.commands, name="privacy")
user.commands.command("erase")(privacy.erase)
user.commands.command("export")(privacy.export_account)
user.commands.command("remove-photo")(photos.remove_photo)
app.add_typer(storage.storage_commands, name="storage")
app.add_typer(storage.upload_commands, name="uploads")
app.command("verify", context_settings=verify.PASSED_ON)(verify.verify)

FIRST_SEASON = "Temporada 1"


def main() -> None:
    """Run the command; print our own errors as one clear line without a traceback."""
    try:
        app()
    except AnbError as error:
        Console(stderr=True).print(f"anb: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)


@app.command()
def up(
    demo: Annotated[bool, typer.Option("--demo/--no-demo", help="Edit a demo clip on the first start.")] = True,
) -> None:
    """Run the whole platform on this machine."""
    with laptop():
        from anb.local import up as stack  # noqa: PLC0415 - the engines' wheels are on laptops, not on servers

    sys.exit(stack.run(load(StackSettings), demo=demo))


@app.command()
def doctor() -> None:
    """Examine every part and say what to do."""
    with laptop():
        from anb.local.doctor import run as stack  # noqa: PLC0415 - as above

    sys.exit(stack.run(load(StackSettings)))


@app.command()
def web() -> None:
    """Serve the API and the pages, behind nginx."""
    from anb import bootstrap  # noqa: PLC0415 - celery costs every other command a third of a second

    settings = load_for_web()
    configure(settings.log_format)
    bootstrap.check(settings)
    serve("anb.app:create", settings, processes=settings.web_processes)


@app.command()
def streams() -> None:
    """Serve live streams of jobs and lists, behind nginx and next to the web application."""
    settings = load_for_web()
    configure(settings.log_format)
    serve(
        "anb.streams.app:create",
        settings.model_copy(
            update={"web_socket": settings.stream_socket, "web_port": settings.stream_port, "web_stop_seconds": 3}
        ),
        name="streams",
    )


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
    """Find lost jobs and queue them again. Any number of these may run."""
    from anb import worker as workers  # noqa: PLC0415 - as above

    settings = load_for_counting()
    configure(settings.log_format)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    workers.reconcile(settings, stopped)


@app.command()
def migrate(
    first_season: Annotated[bool, typer.Option(help="Open a season if none was ever opened.")] = False,
) -> None:
    """Migrate the database to the tables that this version needs."""
    from anb.db import migrate as migrations  # noqa: PLC0415 - alembic costs every process 8 MB

    settings = of_here()
    owner = settings.database_owner_url or settings.database_url
    database = connect(settings.model_copy(update={"database_url": owner}))
    revision = migrations.upgrade(database, DatabaseRole.of(str(settings.database_url)))
    if first_season:
        with database.transaction() as uow:
            contest.open_first_season(uow, operator(), FIRST_SEASON)
    database.close()
    newer = (
        "" if migrations.knows(revision) else f", newer than this version knows ({migrations.head()}): left as it is"
    )
    console.print(f"The database is at revision {revision}{newer}.", soft_wrap=True)


@app.command()
def config() -> None:
    """Print the effective settings, with secrets hidden."""
    settings, stack = of_here(), load(StackSettings)
    console.print(_listed("Settings of every process", settings))
    console.print(_listed("Settings of `anb up` only, on one machine", stack, without=type(settings)))


@videos.command("reedit")
def videos_reedit(
    older_than_recipe: Annotated[int | None, typer.Option(help="Edits by a recipe before this one.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every edit.")] = False,
    every: Annotated[float, typer.Option(min=0, help="Seconds between two jobs; new clips go first.")] = 60,
) -> None:
    """Make edits anew. An old edit stays in its place until the new one replaces it."""
    from anb import bootstrap  # noqa: PLC0415 - brings celery, see above

    if everything is (older_than_recipe is not None):
        raise typer.BadParameter("say either --older-than-recipe N or --all")
    settings = of_here()
    with transaction(settings) as uow:
        ports = bootstrap.build_ports(settings)
        queued = service.reedit(uow, ports, older_than=older_than_recipe, every=every)
        details: dict[str, int | None] = {"older_than_recipe": older_than_recipe, "queued": queued}
        trail.record(uow, operator(), Act.EDITS_QUEUED, AuditTarget(TargetKind.VIDEO), details=details)
    console.print(f"Queued for a new edit by recipe {RECIPE_VERSION}: {queued}, one every {every:g} s.")


def _listed(title: str, settings: Limits, without: type[Limits] | None = None) -> Table:
    table = Table("setting", "value", "what it is", title=title, title_justify="left")
    for name, field in type(settings).model_fields.items():
        if without is None or name not in without.model_fields:
            table.add_row(f"ANB_{name.upper()}", shown(name, getattr(settings, name)), field.description or "")
    return table
