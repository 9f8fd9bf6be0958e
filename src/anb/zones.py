"""The time zone that people live in; rows and programs use UTC."""

from datetime import datetime, timedelta, timezone

# Colombia has no daylight saving time; a fixed offset needs no zone data on the machine.
COLOMBIA = timezone(timedelta(hours=-5), "COT")


def year_in_colombia(moment: datetime) -> int:
    """Return the year of a moment, in Colombia."""
    return moment.astimezone(COLOMBIA).year


def in_colombia(moment: datetime) -> str:
    """Write a moment to the second, as people in Colombia read it: 2026-12-01 18:00:00."""
    return f"{moment.astimezone(COLOMBIA):%Y-%m-%d %H:%M:%S}"
