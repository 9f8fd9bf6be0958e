"""The time zone that people live in; rows and programs use UTC."""

from datetime import datetime, timedelta, timezone

# Colombia has no daylight saving time; a fixed offset needs no zone data on the machine.
COLOMBIA = timezone(timedelta(hours=-5), "COT")


def year_in_colombia(moment: datetime) -> int:
    """Return the year of a moment, in Colombia."""
    return moment.astimezone(COLOMBIA).year
