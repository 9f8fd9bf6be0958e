"""The groups of accounts that signals tie together, read from rows. More signals never make a group smaller."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import text

from anb.db.session import UnitOfWork
from anb.fraud.domain import Group, Tie
from anb.settings.fraud import FraudSettings

MAILBOXES = """
select mark, array_agg(account_id) as accounts, min(noted_at) as first_seen, max(noted_at) as last_seen
from mailboxes group by mark having count(*) >= :mailbox_accounts
"""
DEVICES = """
select device as mark, array_agg(distinct account_id) as accounts, min(first_seen) as first_seen,
    max(last_seen) as last_seen
from signals where device <> '' group by device having count(distinct account_id) >= :device_accounts
"""
# A device that many accounts share is not their own. `near`: a burst's start is at most its length earlier.
BURSTS = """
with shared as (
    select device from signals where device <> '' group by device having count(distinct account_id) >= :device_accounts
), bare as (
    select block, account_id, min(first_seen) as at from signals
    where act = 'sign-up' and block <> '' and (device = '' or device in (select device from shared))
    group by block, account_id
), counted as (
    select *, count(*) over (
        partition by block order by at range between current row and make_interval(mins => :burst_minutes) following
    ) >= :burst_accounts as starts
    from bare
), near as (
    select *, bool_or(starts) over (
        partition by block order by at range between make_interval(mins => :burst_minutes) preceding and current row
    ) as bursts
    from counted
), parted as (
    select *, lag(at) over (partition by block order by at, account_id)
        >= at - make_interval(mins => :burst_minutes) as goes_on
    from near where bursts
), numbered as (
    select *, count(*) filter (where goes_on is not true) over (partition by block order by at, account_id) as burst
    from parted
)
select block as mark, array_agg(account_id) as accounts, min(at) as first_seen, max(at) as last_seen
from numbered group by block, burst
"""
QUERIES = {Tie.MAILBOX: MAILBOXES, Tie.DEVICE: DEVICES, Tie.BURST: BURSTS}


def find_groups(uow: UnitOfWork, settings: FraudSettings) -> Iterator[Group]:
    """Yield the groups that reach the numbers of the settings."""
    limits: dict[str, Any] = {
        "mailbox_accounts": settings.fraud_mailbox_accounts,
        "device_accounts": settings.fraud_device_accounts,
        "burst_accounts": settings.fraud_burst_accounts,
        "burst_minutes": settings.fraud_burst_minutes,
    }
    for tie, query in QUERIES.items():
        used = {name: value for name, value in limits.items() if f":{name}" in query}
        for row in uow.execute(text(query), used):
            yield Group(tie, row.mark, frozenset(row.accounts), row.first_seen, row.last_seen)
