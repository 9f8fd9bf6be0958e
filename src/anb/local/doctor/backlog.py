"""Checks of what waits besides jobs: mails, erasures of accounts, the nightly removal of old data, the count."""

from collections.abc import Iterator, Mapping
from typing import Any

from anb.local.doctor.checkup import CheckResult
from anb.operators.limits import COMPARED_SECONDS, COUNT_SECONDS, RETENTION_HOURS

MAIL_SECONDS = 1800
RECONCILER = "See logs/reconcile.log"


def check(said: Mapping[str, Any]) -> Iterator[CheckResult]:
    """Judge mails, erasures, retention and the count by the site's health report."""
    yield _mails(said["mail"])
    yield _erasures(said["erasures"])
    yield _retention(said["retention"]["seconds_since"])
    yield _count(said["count"])


def _mails(mail: Mapping[str, Any]) -> CheckResult:
    oldest = mail["oldest_seconds"] or 0
    found = f"{mail['due']} wait, {mail['held']} held, {mail['dead']} dead letters"
    if mail["dead"]:
        return CheckResult("Mails", "warn", found, "`anb mail list --dead` says why, `anb mail retry ID` tries again")
    if oldest >= MAIL_SECONDS:
        return CheckResult("Mails", "warn", f"{found}; the oldest waits {oldest:.0f} s", "See logs/mail.log")
    return CheckResult("Mails", "ok", found)


def _erasures(erasures: Mapping[str, Any]) -> CheckResult:
    found = f"{erasures['overdue']} overdue, {erasures['unfinished']} unfinished"
    if erasures["overdue"] or erasures["due_soon"] or erasures["unfinished"]:
        return CheckResult("Erasures", "warn", found, f"`anb privacy erasures` lists them. {RECONCILER}")
    return CheckResult("Erasures", "ok", found)


def _retention(seconds: float | None) -> CheckResult:
    if seconds is None:
        return CheckResult("Retention", "ok", "old data was never removed yet; that happens at night")
    found = f"old data was last removed {seconds / 3600:.0f} h ago"
    if seconds < RETENTION_HOURS * 3600:
        return CheckResult("Retention", "ok", found)
    return CheckResult("Retention", "warn", found, f"It runs each night while the stack runs. {RECONCILER}")


def _count(count: Mapping[str, Any]) -> CheckResult:
    waiting, compared = count["waiting_seconds"] or 0, count["compared_seconds"] or 0
    found = f"votes wait {waiting:.0f} s, {count['differing']} seasons differ, "
    found += f"results: {count['stopped']} stopped, {count['late']} late"
    if count["differing"] or count["stopped"]:
        return CheckResult(
            "Count", "fail", found, "`anb count verify` says what differs, `anb count rebuild` counts anew"
        )
    if waiting >= COUNT_SECONDS or count["late"]:
        return CheckResult("Count", "warn", found, f"Counting stands still. {RECONCILER}")
    if compared >= COMPARED_SECONDS:
        return CheckResult("Count", "warn", f"{found}; last compared {compared / 60:.0f} min ago", RECONCILER)
    return CheckResult("Count", "ok", found)
