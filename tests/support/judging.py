"""Votes as though they had been cast by browsers and programs, and what the judge says of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from anb.fraud import service
from anb.fraud.doubts import Doubt
from anb.settings.fraud import FraudSettings
from support.signalling import note, search
from support.worlds import World

NEVER = timedelta(0)
CAST = text("""
insert into votes (voter_id, video_id, season_id, jury, cast_at)
select voter, video, (select season_id from videos where id = video), :jury, at
from unnest(cast(:voters as uuid[]), cast(:videos as uuid[]), cast(:times as timestamptz[])) as each (voter, video, at)
returning id
""")


def cast(
    world: World, who: Sequence[UUID], clips: Sequence[UUID], *, device: str = "phone {}", block: str = "b {}",
    every: float = 0, ago: timedelta = NEVER, jury: bool = False,
) -> list[int]:  # fmt: skip
    """Cast a vote of each person for the clips in turn, the last one now; `{}` in device and block is a number."""
    now = datetime.now(UTC) - ago
    times = [now - timedelta(seconds=every * n) for n in reversed(range(len(who)))]
    for n, one in enumerate(who):
        if device or block:
            note(world, [one], act="vote", device=device.format(n), block=block.format(n), at=times[n])
    values = {"voters": list(who), "videos": [clips[n % len(clips)] for n in range(len(who))], "times": times}
    with world.uow() as uow:
        return sorted(uow.execute(CAST, {**values, "jury": jury}).scalars())


def judged(world: World, votes: Collection[int], **settings: int) -> Mapping[int, tuple[Doubt, ...]]:
    """Judge votes in a transaction of their own."""
    known = FraudSettings.model_validate({f"fraud_{name}": value for name, value in settings.items()})
    with world.uow() as uow:
        return service.judge(uow, known, votes)


def aged(world: World, who: Sequence[UUID], *, confirmed: bool = True) -> list[UUID]:
    """Make accounts a month older, with a confirmed address."""
    with world.uow() as uow:
        uow.execute(
            text("""update users set created_at = now() - interval '30 days',
            email_confirmed_at = case when :confirmed then now() end where id = any(:who)"""),
            {"who": list(who), "confirmed": confirmed},
        )
    return list(who)


def tied(world: World, who: Sequence[UUID]) -> UUID:
    """Tie accounts to each other by a device; return the cluster that a search then finds."""
    note(world, who, act="sign-in", device="farm")
    search(world)
    with world.uow() as uow:
        return UUID(str(uow.execute(text("select id from clusters")).scalar_one()))


def viewed(world: World, clip: UUID, views: int, ago: timedelta = NEVER) -> None:
    """Open a clip's page this often."""
    with world.uow() as uow:
        uow.execute(
            text("""insert into clip_hours (video_id, hour, views) values (:clip, date_trunc('hour', :at), :views)
            on conflict (video_id, hour) do update set views = clip_hours.views + excluded.views"""),
            {"clip": clip, "at": datetime.now(UTC) - ago, "views": views},
        )
