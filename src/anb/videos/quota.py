"""The quotas of an account: clips that wait for their edit, clips a day, bytes. Checked before a body is read.

Concurrent uploads do not see each other here; another rule limits how many there are (`uploads_at_once`).
"""

from uuid import UUID

from anb.db.session import Database
from anb.jobs import service as jobs
from anb.settings import MIB, Settings
from anb.videos import entry, store
from anb.videos.admission import TooManyToday, TooManyWaiting, TooMuchStored

DAY = 24 * 3600


def check_quota(database: Database, settings: Settings, owner: UUID, more: int, *, exempt: bool = False) -> None:
    """Check that the season takes clips, and that an account may send `more` bytes.

    Accounts in a network that an operator exempted always may. Raises UploadsNotOpenYet, UploadsClosed, TooManyWaiting,
    TooManyToday, TooMuchStored.
    """
    with database.reading() as uow:
        entry.check(uow)
    if exempt:
        return
    with database.reading() as uow:
        held, today = store.weigh(uow, owner), jobs.count_since(uow, owner, DAY)
    if _over(held.waiting + 1, settings.quota_waiting_clips) or _over(
        held.waiting_bytes + more, settings.quota_waiting_bytes
    ):
        raise TooManyWaiting(
            count=held.waiting,
            megabytes=held.waiting_bytes // MIB,
            most=settings.quota_waiting_clips,
            most_megabytes=settings.quota_waiting_bytes // MIB,
        )
    if _over(today + 1, settings.quota_day_clips):
        raise TooManyToday(count=today, most=settings.quota_day_clips)
    if _over(held.bytes + more, settings.quota_stored_bytes):
        raise TooMuchStored(megabytes=held.bytes // MIB, most=settings.quota_stored_bytes // MIB)


def _over(value: int, most: int) -> bool:
    """Say whether a value exceeds a setting; 0 means no limit."""
    return 0 < most < value
