"""From when on figures of the backlog call for a person, on a laptop and on hosts alike."""

RETENTION_HOURS = 30  # a day, and six hours for a run that died and was repeated
COUNT_SECONDS = 60  # a vote is counted within a second
COMPARED_SECONDS = 3600  # rows, tallies and log are compared every five minutes
