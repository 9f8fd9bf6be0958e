"""Accounts with signals, as though they had been used from devices and networks."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import insert, text

from anb.db.tables_accounts import users
from anb.db.tables_fraud import mailboxes
from anb.fraud import service
from anb.fraud.domain import Growth
from anb.settings.fraud import FraudSettings
from support.worlds import NUMBERS, World

MORNING = datetime(2026, 11, 28, 13, 0, tzinfo=UTC)
NOTE = text("""
insert into signals (account_id, act, device, block, first_seen, last_seen)
values (:who, :act, :device, :block, :at, :at) on conflict (account_id, act, device, block) do update
set first_seen = least(signals.first_seen, excluded.first_seen),
    last_seen = greatest(signals.last_seen, excluded.last_seen)
""")


def people(world: World, count: int) -> list[UUID]:
    """Add accounts without signals, oldest first."""
    person = {"first_name": "Ana", "last_name": "Paz", "city": "Bogotá", "city_key": "bogota", "country": "Colombia"}
    rows = [person | {"email": f"s{n}@example.com", "username": f"s{n}", "password_hash": ""}
            for n in (next(NUMBERS) for _ in range(count))]  # fmt: skip
    with world.uow() as uow:
        return sorted(uow.execute(insert(users).values(rows).returning(users.c.id)).scalars())


def note(world: World, who: Sequence[UUID], *, act: str = "sign-in", device: str = "", block: str = "", at: datetime = MORNING, every: float = 0) -> None:  # fmt: skip # noqa: E501
    """Note a signal of each account, one after another, `every` seconds; `{}` in the device is a number."""
    rows = [
        {"who": one, "act": act, "device": device.format(n), "block": block, "at": at + timedelta(seconds=every * n)}
        for n, one in enumerate(who)
    ]
    with world.uow() as uow:
        uow.execute(NOTE, rows)


def share_mailbox(world: World, who: Sequence[UUID], mark: str) -> None:
    """Give accounts e-mail addresses that lead to one mailbox."""
    with world.uow() as uow:
        uow.execute(insert(mailboxes).values([{"account_id": one, "mark": mark} for one in who]))


def search(world: World, **settings: int) -> Growth:
    """Search for clusters."""
    known = FraudSettings.model_validate({f"fraud_{name}": value for name, value in settings.items()})
    growth = service.search(world.database, known)
    assert growth is not None
    return growth


def clusters(world: World) -> Mapping[UUID, set[UUID]]:
    """Return the members of each cluster."""
    found: dict[UUID, set[UUID]] = {}
    with world.uow() as uow:
        for row in uow.execute(text("select cluster_id, account_id from cluster_members")):
            found.setdefault(row.cluster_id, set()).add(row.account_id)
    return found


def doubtful(world: World) -> set[UUID]:
    """Return the members that were not reviewed as fine."""
    with world.uow() as uow:
        return set(uow.execute(text("select account_id from cluster_members where cleared_at is null")).scalars())
