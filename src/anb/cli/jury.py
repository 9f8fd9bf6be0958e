"""The `anb jury` commands: how far the jury of a season is, and whose scores do not count."""

from typing import Annotated
from uuid import UUID

import typer
from pydantic import BaseModel
from rich.markup import escape
from rich.table import Table

from anb.cli.acting import operator
from anb.cli.console import console
from anb.cli.database import transaction
from anb.contest import seasons
from anb.jury import service
from anb.jury.schemas import JurorShown, SpreadShown

commands = typer.Typer(no_args_is_help=True, help="The jury: its progress, how far its scores are apart.")

Slug = Annotated[str, typer.Argument(help="The season, by its slug.")]
JurorId = Annotated[UUID, typer.Argument(help="The juror, as `anb jury status` lists them.")]
Why = Annotated[str, typer.Option("--reason", help="Why, for the audit trail.")]


class JuryStatus(BaseModel):
    """The jury of a season, with `--json`."""

    jurors: list[JurorShown]
    clips: list[SpreadShown]


@commands.command("status")
def status(
    slug: Slug,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of clips, the most disputed first.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="Print JSON: every clip, every score.")] = False,
) -> None:
    """Show how many clips each juror has scored, and the clips whose scores are furthest apart."""
    with transaction() as uow:
        season = seasons.show(uow, slug)
        jurors = [JurorShown.of(one) for one in service.list_jurors(uow, season)]
        clips = [SpreadShown.of(one) for one in service.list_spread(uow, season)]
    if json:
        typer.echo(JuryStatus(jurors=jurors, clips=clips).model_dump_json(indent=2))
        return
    people = Table("juror", "name", "scored", "counts")
    for one in jurors:
        counts = "no: set aside" if one.set_aside_at else "yes" if one.is_juror else "yes, though no juror any more"
        people.add_row(str(one.account_id), escape(one.name), f"{one.scored} of {len(clips)}", counts)
    console.print(people)
    table = Table("clip", "title", "mean", "deviation", "lowest", "highest", "scores", "missing")
    for each in clips[:limit]:
        numbers = (_shown(value) for value in (each.mean, each.deviation, each.lowest, each.highest))
        table.add_row(str(each.video_id), escape(each.title), *numbers, str(len(each.scores)), str(len(each.missing)))
    console.print(table)


@commands.command("set-aside")
def set_aside(slug: Slug, juror: JurorId, reason: Why) -> None:
    """Let the scores of a juror not count."""
    with transaction() as uow:
        service.set_aside(uow, operator(), seasons.show(uow, slug), juror, reason, aside=True)
    console.print("The juror's scores do not count.")


@commands.command("restore")
def restore(slug: Slug, juror: JurorId, reason: Why) -> None:
    """Count the scores of a juror again."""
    with transaction() as uow:
        service.set_aside(uow, operator(), seasons.show(uow, slug), juror, reason, aside=False)
    console.print("The juror's scores count.")


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
