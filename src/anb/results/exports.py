"""Results as files: CSV and XLSX for people, and JSON that anybody can check against the signature."""

import csv
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter

from anb.accounts.removal import NAME
from anb.results.domain import FinalPlace, Results, canonical, state

TOMBSTONE = " ".join(NAME)
HEADER = (
    "position", "name", "username", "city", "city_position", "winner", "votes", "jury_votes", "tied", "city_tied",
    "reached_index", "jury_position", "jury_points", "player_id",
)  # fmt: skip
# A spreadsheet takes text that begins with one of these for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
WHOLE = (int, bool)


def rows(places: Iterable[FinalPlace]) -> Iterable[tuple[Any, ...]]:
    """Yield the cells of each place, in the order of the header."""
    for place in places:
        yield (
            place.position, shown_name(place), place.username, place.city, place.city_position,
            int(place.is_winner), place.votes, place.jury_votes, int(place.tied), int(place.city_tied),
            place.reached_index, place.jury_position, place.jury_points, str(place.player_id),
        )  # fmt: skip


def shown_name(place: FinalPlace) -> str:
    """Return the name of a place, or that of an erased account."""
    return TOMBSTONE if place.name is None else place.name


def to_csv(places: Iterable[FinalPlace]) -> bytes:
    """Write places as CSV in UTF-8. Text that a spreadsheet would take for a formula gets an apostrophe."""
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    writer.writerows([_safe(cell) for cell in row] for row in rows(places))
    return text.getvalue().encode("utf-8-sig")  # with a mark: Excel reads it as UTF-8 then


def to_xlsx(places: Iterable[FinalPlace]) -> bytes:
    """Write places as an Excel workbook; text stays text."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("results")
        for number, row in enumerate((HEADER, *rows(places))):
            for column, cell in enumerate(row):
                if isinstance(cell, WHOLE):
                    sheet.write_number(number, column, cell)
                elif cell is not None:
                    sheet.write_string(number, column, cell)
    return file.getvalue()


def to_json(results: Results, places: Sequence[FinalPlace]) -> bytes:
    """Write the signed statement, its note, and beside them the names with the salts that bind them."""
    names = [
        {"player_id": str(place.player_id), "name": place.name, "username": place.username, "salt": place.salt.hex()}
        for place in places
        if place.salt is not None
    ]
    whole = {
        "results": state(results, places),
        "note": results.note,
        "names": names,
        "superseded": results.is_superseded,
    }
    return canonical(whole).encode()


FORMS: dict[str, Callable[[Results, Sequence[FinalPlace]], bytes]] = {
    "csv": lambda _, places: to_csv(places),
    "xlsx": lambda _, places: to_xlsx(places),
    "json": to_json,
}


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA) else cell
