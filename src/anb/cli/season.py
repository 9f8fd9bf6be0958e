"""The `anb season` commands. Moments are written as people in Colombia write them: 2026-12-01 18:00:00."""

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from anb.cli.acting import Reason, operator
from anb.cli.console import console
from anb.cli.database import transaction
from anb.cli.jury_rule import HOW as JURY_HOW
from anb.cli.jury_rule import is_said, read_jury, shown_jury
from anb.contest import seasons
from anb.contest.domain import CityRule, Season, SeasonCalendar, SeasonRules
from anb.zones import COLOMBIA, in_colombia

commands = typer.Typer(no_args_is_help=True, help="Seasons: their calendars and their rules.")

FORMATS = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]
# Asked for by a season of the console unless told otherwise.
USUAL = SeasonRules(asks_confirmation=True, asks_consent=True)
SWITCHES = ("moderated", "asks_confirmation", "asks_consent", "hide_reported", "same_file_again")
NUMBERS = ("clips_per_player", "votes_per_day", "winners_per_city")
ANSWERS = {"yes": True, "no": False}


def _moment(help_text: str) -> object:
    return typer.Option(formats=FORMATS, help=f"{help_text} In Colombia's time.")


Opens = Annotated[datetime | None, _moment("When uploads open; at once if it is left out.")]
UploadsClose = Annotated[datetime | None, _moment("When uploads close; with the season if it is left out.")]
VotesOpen = Annotated[datetime | None, _moment("When votes open; with uploads if it is left out.")]
Closes = Annotated[datetime | None, _moment("When votes close, and the season with them.")]
Results = Annotated[datetime | None, _moment("When the results are due.")]
JuryCloses = Annotated[datetime | None, _moment("When the jury closes; with the votes if it is left out.")]
Rules = Annotated[
    list[str] | None,
    typer.Option(
        "--rule",
        help=f"A rule, as NAME=VALUE; may be repeated. With yes or no: {', '.join(SWITCHES)}. With a number, or no"
        f" limit if it is left out: {', '.join(NUMBERS)}. Also city=Bogotá, with other spellings after commas:"
        f" city=Bogotá,Santafé de Bogotá. {JURY_HOW}",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@commands.command("list")
def list_seasons() -> None:
    """List the seasons, the latest first."""
    table = Table("slug", "name", "phase", "opens", "closes")
    with transaction() as uow:
        for one in seasons.list_seasons(uow):
            table.add_row(one.slug, one.name, one.phase.value, _shown(one.opened_at), _shown(one.closed_at))
    console.print(table)


@commands.command("show")
def show_season(slug: str) -> None:
    """Show a season: its calendar and its rules."""
    with transaction() as uow:
        console.print(_table(seasons.show(uow, slug)))


@commands.command("open")
def open_season(
    name: str,
    moderated: Annotated[bool, typer.Option(help="Do not publish clips automatically.")] = False,
    confirmation: Annotated[bool, typer.Option(help="Let only people with a confirmed e-mail vote.")] = True,
    consent: Annotated[bool, typer.Option(help="Let clips wait for consent; a minor's for the guardian.")] = True,
) -> None:
    """Open a season without an end: votes count from now on."""
    rules = SeasonRules(moderated=moderated, asks_confirmation=confirmation, asks_consent=consent)
    with transaction() as uow:
        seasons.open_season(uow, operator(), name, rules)
    asked = [what for what, asks in (("confirmed e-mail", confirmation), ("consent", consent)) if asks]
    console.print(f"Season “{name}” is open. It asks for: {', '.join(asked) or 'nothing'}.", soft_wrap=True)


@commands.command("create")
def create(
    name: str,
    opens: Opens = None,
    uploads_close: UploadsClose = None,
    votes_open: VotesOpen = None,
    closes: Closes = None,
    results: Results = None,
    jury_closes: JuryCloses = None,
    rule: Rules = None,
) -> None:
    """Create a season with a calendar: its phases begin by the clock. It asks for confirmed e-mails and consent."""
    calendar = _calendar(opens, uploads_close, votes_open, closes, results, jury_closes)
    with transaction() as uow:
        console.print(_table(seasons.schedule(uow, operator(), name, _rules(USUAL, rule or []), calendar)))


@commands.command("schedule")
def schedule(
    slug: str,
    opens: Opens = None,
    uploads_close: UploadsClose = None,
    votes_open: VotesOpen = None,
    closes: Closes = None,
    results: Results = None,
    jury_closes: JuryCloses = None,
    reason: Reason = "",
) -> None:
    """Give a season another calendar; the moments that are left out stay.

    After the close, --jury-closes and --results can be moved until the results are frozen.
    """
    wanted = _calendar(opens, uploads_close, votes_open, closes, results, jury_closes)
    with transaction() as uow:
        before = seasons.show(uow, slug)
        moments = {name: getattr(wanted, name) or getattr(before, name) for name in SeasonCalendar.__dataclass_fields__}
        console.print(_table(seasons.reschedule(uow, operator(), slug, SeasonCalendar(**moments), reason)))


@commands.command("rules")
def change_rules(slug: str, rule: Rules = None, reason: Reason = "") -> None:
    """Change rules of a season; those that are not named stay."""
    with transaction() as uow:
        rules = _rules(seasons.show(uow, slug), rule or [])
        console.print(_table(seasons.change_rules(uow, operator(), slug, rules, reason)))


@commands.command("close")
def close(reason: Reason = "", yes: Yes = False) -> None:
    """Close the season now: votes no longer count."""
    with transaction() as uow:
        season = seasons.current_season(uow)
        if season is not None and not yes:
            typer.confirm(f"Close “{season.name}” now? Votes no longer count from this moment on.", abort=True)
    with transaction() as uow:
        seasons.close_season(uow, operator(), reason)
    console.print("The season is closed.")


@commands.command("reopen")
def reopen(
    slug: str,
    closes: Annotated[datetime | None, _moment("When votes close again; by hand if it is left out.")] = None,
    reason: Reason = "",
    yes: Yes = False,
) -> None:
    """Let votes count again in a closed season; uploads stay closed."""
    if not yes:
        typer.confirm(f"Reopen “{slug}”? Its ranking changes again.", abort=True)
    with transaction() as uow:
        console.print(_table(seasons.reopen(uow, operator(), slug, _utc(closes), reason)))


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=COLOMBIA)


def _calendar(*moments: datetime | None) -> SeasonCalendar:
    opens, uploads_close, votes_open, closes, results, jury_closes = map(_utc, moments)
    return SeasonCalendar(
        opened_at=opens,
        uploads_close_at=uploads_close,
        votes_open_at=votes_open,
        closed_at=closes,
        results_at=results,
        jury_closes_at=jury_closes,
    )


def _rules(before: SeasonRules, said: list[str]) -> SeasonRules:
    """Read rules; the others stay as they were."""
    values: dict[str, Any] = {name: getattr(before, name) for name in SeasonRules.__dataclass_fields__}
    cities: list[CityRule] = []
    values["jury"] = read_jury(before.jury, said)
    for each in said:
        name, _, value = each.partition("=")
        if name == "city" and value:
            city, *others = (part.strip() for part in value.split(","))
            cities.append(CityRule(city, tuple(others)))
        elif name in SWITCHES and value in ANSWERS:
            values[name] = ANSWERS[value]
        elif name in NUMBERS and value.isdigit() and int(value):
            values[name] = int(value)
        elif name in NUMBERS[:-1] and not value:
            values[name] = None
        elif is_said(name):
            continue
        else:
            raise typer.BadParameter(f"{each!r} is no rule: say NAME=VALUE, as --help lists them")
    return SeasonRules(**values | ({"cities": tuple(cities)} if cities else {}))


def _shown(moment: datetime | None) -> str:
    return "-" if moment is None else in_colombia(moment)


def _table(season: Season) -> Table:
    table = Table("of", "value", show_header=False)
    for name in ("slug", "name", "phase"):
        table.add_row(name, str(getattr(season, name)))
    for name in SeasonCalendar.__dataclass_fields__:
        table.add_row(name, _shown(getattr(season, name)))
    for name in (*SWITCHES, *NUMBERS):
        value = getattr(season, name)
        said = ("yes" if value else "no") if isinstance(value, bool) else value
        table.add_row(name, "-" if said is None else str(said))
    for name, words in shown_jury(season.jury):
        table.add_row(name, words)
    cities = season.cities
    table.add_row("cities", "any" if cities is None else "; ".join(", ".join([c.name, *c.spellings]) for c in cities))
    return table
