"""After the last fault: let everything end, close the season, sweep, count again, and gather the evidence."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx2 as httpx
import psycopg

from verify.chaos import evidence, journal
from verify.chaos.conductor import Score
from verify.chaos.evidence import ChaosEvidence
from verify.chaos.mail_sink import MailSink
from verify.chaos.organizer import ChaosOrganizer
from verify.kit.outside_count import OutsideCount, inside_differences
from verify.kit.platform import ChaosPlatform

ATTEMPTS = 3  # the default of ANB_JOB_ATTEMPTS and ANB_JOB_DEATHS, which a run uses
OLD_SECONDS = 2 * 24 * 3600  # older than the age at which the sweeper removes files
SETTLE_SECONDS = 240.0  # patience for accepted uploads after the last fault
RESULT_SECONDS = 90.0  # for the results of every season, and the mails that tell of them
SHARED_SECONDS = 1.5  # lists may be a second old
TICK = 0.5
PROMISES = 1000  # of a season; checked in the end
SEASONS = "SELECT slug FROM seasons ORDER BY opened_at"
LEFT = "SELECT count(*) FROM jobs WHERE id = ANY(%s::uuid[]) AND finished_at IS NULL"
UNSETTLED = """
SELECT count(*) FROM seasons WHERE id NOT IN (SELECT season_id FROM results_told) OR NOT EXISTS (
    SELECT 1 FROM results WHERE results.season_id = seasons.id AND results.closed_at = seasons.closed_at
)
"""
UNSENT = "SELECT count(*) FROM mails WHERE state <> 'sent'"


def look(site: ChaosPlatform, outside: OutsideCount) -> None:
    """Keep the checkpoint that each season shows now."""
    with suppress(psycopg.OperationalError):
        for (slug,) in site.query(SEASONS):
            outside.look(slug)


def settle(site: ChaosPlatform, own: journal.Journal) -> None:
    """Wait until every accepted upload has ended; close the season; wait for results and mails, or lose patience."""
    accepted = [entry.facts["task"] for entry in journal.read(own.folder) if entry.say == "accepted"]
    _wait(lambda: not site.query(LEFT, accepted)[0][0], SETTLE_SECONDS)
    organizer = ChaosOrganizer(site.url, own)
    for (slug,) in site.query(f"{SEASONS} DESC LIMIT 1"):
        organizer.close(slug)
    _wait(lambda: not (site.query(UNSETTLED)[0][0] or site.query(UNSENT)[0][0]), RESULT_SECONDS)


def _wait(is_over: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_over() and time.monotonic() < deadline:
        time.sleep(TICK)


def sweep(site: ChaosPlatform, share: Path) -> None:
    """Age every file and run the sweeper: it must remove files without a row, and keep the others."""
    long_ago = time.time() - OLD_SECONDS
    for path in share.rglob("*"):
        if path.is_file():
            os.utime(path, (long_ago, long_ago))
    command = [sys.executable, "-m", "anb", "storage", "sweep", "--delete"]
    subprocess.run(command, env=site.environment, check=True, stdout=subprocess.DEVNULL)


def gather(
    site: ChaosPlatform, share: Path, folder: Path, score: Score, mail: MailSink, outside: OutsideCount
) -> ChaosEvidence:
    """Return the evidence."""
    time.sleep(SHARED_SECONDS)
    entries, slugs = journal.read(folder), [slug for (slug,) in site.query(SEASONS)]
    known = evidence.gather(site.environment["ANB_DATABASE_URL"], share)
    return ChaosEvidence(
        journal=entries,
        faults=[(one.begun, one.ended) for one in score.struck],
        shown_votes={video: votes for slug in slugs for video, votes in _shown(site.url, slug).items()},
        attempts=ATTEMPTS,
        delivered=tuple(mail.taken),
        count_differs=_differences(site, outside, entries, slugs),
        **known,
    )


def _differences(
    site: ChaosPlatform, outside: OutsideCount, entries: list[journal.JournalEntry], slugs: list[str]
) -> list[str]:
    """Count again: rows, tallies, log, results and audit trail inside, and each log from outside."""
    promises = [entry.facts["promise"] for entry in entries if entry.say == "voted" and "promise" in entry.facts]
    found = inside_differences(site, "count", "verify") + inside_differences(site, "audit", "verify")
    for slug in slugs:
        found += inside_differences(site, "season", "results", slug, "--check")
        told = [promise for promise in promises if promise.partition("\n")[0].endswith(f"/log/{slug}")]
        found += outside.differences(slug, told[:: len(told) // PROMISES + 1])
    left = site.query(UNSETTLED)[0][0]
    return found + [f"{left} seasons have no results of their last close"] * bool(left)


def _shown(url: str, slug: str) -> dict[str, int]:
    """Return the votes of each public video of a season, as in the public list."""
    shown: dict[str, int] = {}
    address: str | None = f"/api/public/videos?limit=100&season={slug}"
    with httpx.Client(base_url=url, timeout=30) as client:
        while address:
            answer = client.get(address).raise_for_status()
            shown |= {clip["video_id"]: clip["votes"] for clip in answer.json()}
            address = answer.links.get("next", {}).get("url")
    return shown
