"""The `anb mail` commands: the process that sends mails, and what operators do with those that stay."""

import signal
import threading
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from pydantic import TypeAdapter
from rich.markup import escape
from rich.table import Table

from anb.cli.acting import operator
from anb.cli.console import console
from anb.cli.database import transaction
from anb.cli.laptop import laptop
from anb.db.session import connect_to
from anb.logs import configure
from anb.mail import service
from anb.mail.domain import UNSENT, MailKind, MailRecord, MailState
from anb.sentences import DEFAULT, catalogues
from anb.settings import WrongSetting, load
from anb.settings.mail import SenderSettings

commands = typer.Typer(no_args_is_help=True, help="Send mails; list, retry, dismiss and preview them.")

ROWS = TypeAdapter(list[MailRecord])


@commands.command()
def serve() -> None:
    """Send the mails of the outbox. Any number of these may run."""
    from anb.mail import sender  # noqa: PLC0415 - only this process writes mails
    from anb.mail_bootstrap import build_mail_transport  # noqa: PLC0415 - as above

    settings = load(SenderSettings)
    configure(settings.log_format)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    database = connect_to(str(settings.database_url), transactions=settings.mail_senders)
    sender.run(sender.Sending(settings, database, lambda: build_mail_transport(settings), stopped))
    database.close()


@commands.command(hidden=True)
def catch(folder: Annotated[Path, typer.Argument(help="The data folder of `anb up`.", file_okay=False)]) -> None:
    """Catch the mails of one machine, and show them; `anb up` starts it."""
    with laptop():
        from anb.local.mailbox import serve as mailbox  # noqa: PLC0415 - its server is on laptops, not on servers

    mailbox.serve(folder)


@commands.command("list")
def list_mails(
    dead: Annotated[bool, typer.Option("--dead", help="Only dead letters.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of rows, newest first.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the mails that are not sent, newest first, and summarize the outbox."""
    with transaction() as uow:
        rows = service.list_all(uow, [MailState.DEAD] if dead else UNSENT, limit)
        figures = service.figures(uow)
    if json:
        typer.echo(ROWS.dump_json(rows, indent=2))
        return
    table = Table("id", "kind", "state", "faults", "created at (UTC)", "failure")
    for row in rows:
        first = (row.failure or "").partition("\n")[0][:80]
        table.add_row(str(row.id), row.kind, row.state, str(row.faults), f"{row.created_at:%F %T}", escape(first))
    console.print(table)
    waits = "-" if figures.waiting_seconds is None else f"{figures.waiting_seconds:.0f} s"
    console.print(f"Due {figures.due}, held {figures.held}, dead {figures.dead}. Oldest waits {waits}.")


@commands.command()
def retry(
    mail_id: Annotated[UUID | None, typer.Argument(help="A dead mail.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every dead mail, a thousand at most.")] = False,
) -> None:
    """Queue a dead mail again, with all its attempts."""
    if everything is (mail_id is not None):
        raise typer.BadParameter("say either the id of a mail or --all")
    with transaction() as uow:
        dead = [mail_id] if mail_id else [row.id for row in service.list_all(uow, [MailState.DEAD], 1000)]
        for each in dead:
            service.try_again(uow, each, operator())
    console.print(f"Queued again: {len(dead)}.")


@commands.command()
def dismiss(
    mail_id: Annotated[UUID, typer.Argument(help="A dead mail.")],
    reason: Annotated[str, typer.Option(help="Why, for the audit trail.")] = "",
) -> None:
    """End a dead mail for good: no one gets it, and its row forgets whom it was for."""
    with transaction() as uow:
        service.dismiss(uow, mail_id, operator(), reason)
    console.print(f"Dismissed: {mail_id}.")


@commands.command()
def preview(
    kind: MailKind,
    language: Annotated[str, typer.Option(help="Language of the mail.")] = DEFAULT,
    folder: Annotated[Path, typer.Option(help="Where to write it.", file_okay=False)] = Path(),
) -> None:
    """Write a mail with made-up facts as text and as HTML: KIND.txt and KIND.html."""
    from anb.mail.samples import sample  # noqa: PLC0415 - only this command writes mails

    if language not in catalogues():
        raise WrongSetting(f"There are no mails in {language!r}; there are: {', '.join(catalogues())}")
    mail = sample(kind, language)
    folder.mkdir(parents=True, exist_ok=True)
    for form, content in (("txt", f"{mail.subject}\n\n{mail.text}"), ("html", mail.html)):
        path = folder / f"{kind}.{form}"
        path.write_text(content, encoding="utf-8")
        console.print(str(path), soft_wrap=True)
