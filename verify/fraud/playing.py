"""Plays a scenario into a database, and lets the product's rules judge it batch by batch."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import text

from anb.db.session import Database, UnitOfWork
from anb.fraud import service as fraud
from anb.settings.fraud import FraudSettings
from anb.signals.domain import normal_form
from verify.fraud.crowd import FraudCrowd, Origin, SimulatedAccount, SimulatedVote

Timed = TypeVar("Timed")

_CLIPS = text("""
insert into videos (owner_id, season_id, title, status, processed_at, published_at, original_key, original_bytes,
    original_sha256, duration_seconds)
select :owner, (select id from seasons order by opened_at desc limit 1), 'Clip ' || n, 'processed', now(), now(),
    'simulated/' || gen_random_uuid(), 1, 'none', 30
from generate_series(1, :count) as n returning id
""")
_ACCOUNTS = text("""
insert into users (id, email, username, first_name, last_name, city, city_key, country, password_hash, created_at,
    email_confirmed_at)
values (:id, :email, :username, 'Ana', 'Paz', 'Cali', 'cali', 'Colombia', '', :joined,
    case when :confirmed then cast(:joined as timestamptz) end)
""")
_SIGNAL = text("""
insert into signals (account_id, act, device, block, first_seen, last_seen)
values (:account, :act, :device, :block, :at, :at)
on conflict (account_id, act, device, block) do update set last_seen = greatest(signals.last_seen, excluded.last_seen)
""")
_MAILBOX = text("insert into mailboxes (account_id, mark, noted_at) values (:account, :mark, :at)")
_VOTES = text("""
insert into votes (voter_id, video_id, season_id, jury, cast_at)
select voter, video, (select id from seasons order by opened_at desc limit 1), false, at
from unnest(cast(:voters as uuid[]), cast(:videos as uuid[]), cast(:times as timestamptz[])) with ordinality
    as each (voter, video, at, place) order by place
returning id
""")
_VIEWS = text("""
insert into clip_hours (video_id, hour, views) values (:video, :at, :views)
on conflict (video_id, hour) do update set views = clip_hours.views + excluded.views
""")


@dataclass
class FraudOutcome:
    """What became of the votes: counted at once, held, or counted and in a cluster at the end."""

    cast: Counter[Origin] = field(default_factory=Counter)
    held: Counter[Origin] = field(default_factory=Counter)
    clustered: Counter[Origin] = field(default_factory=Counter)  # counted, and shown as a cluster's afterwards
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def farm_share(self) -> float:
        """The share (%) of a farm's votes that stay counted once organizers have voided those of the clusters."""
        return self._share("farm", self.cast["farm"] - self.held["farm"] - self.clustered["farm"])

    @property
    def wrong_share(self) -> float:
        """The share (%) of people's votes that wait for a review."""
        return self._share("people", self.held["people"] + self.clustered["people"])

    def _share(self, origin: Origin, votes: int) -> float:
        return 100 * votes / self.cast[origin] if self.cast[origin] else 0.0


def play(database: Database, crowd: FraudCrowd, seconds: float, step: float, settings: FraudSettings) -> FraudOutcome:
    """Play a crowd, as if it had ended now. The votes of a step are judged, then clusters are searched."""
    begun = datetime.now(UTC) - timedelta(seconds=seconds)
    with database.transaction() as uow:
        clips = _add_clips(uow, crowd)
    player = _Playing(database, clips, begun, settings)
    votes, accounts = (
        sorted(crowd.votes, key=lambda each: each.at),
        sorted(crowd.accounts, key=lambda each: each.joined),
    )
    end = step
    while votes or accounts:
        now_votes, votes = _until(votes, end, lambda each: each.at)
        now_accounts, accounts = _until(accounts, end, lambda each: each.joined)
        player.step(now_accounts, now_votes, [each for each in crowd.visits if end - step <= each[0] < end], end)
        end += step
    return player.outcome()


def _until(rows: list[Timed], end: float, when: Callable[[Timed], float]) -> tuple[list[Timed], list[Timed]]:
    """Split what is in order of time before a moment."""
    count = next((number for number, each in enumerate(rows) if when(each) >= end), len(rows))
    return rows[:count], rows[count:]


def _add_clips(uow: UnitOfWork, crowd: FraudCrowd) -> Sequence[UUID]:
    owner = UUID(int=2**127)
    known = {"email": "owner@example.com", "username": "owner", "joined": datetime.now(UTC), "confirmed": True}
    uow.execute(_ACCOUNTS, {"id": owner, **known})
    return sorted(uow.execute(_CLIPS, {"owner": owner, "count": crowd.clips}).scalars())


class _Playing:
    def __init__(self, database: Database, clips: Sequence[UUID], begun: datetime, settings: FraudSettings) -> None:
        self._database, self._clips, self._begun, self._settings = database, clips, begun, settings
        self._cast: dict[int, SimulatedVote] = {}
        self._held: dict[int, tuple[str, ...]] = {}

    def step(
        self,
        accounts: Sequence[SimulatedAccount],
        votes: Sequence[SimulatedVote],
        visits: Iterable[tuple[float, int]],
        end: float,
    ) -> None:
        """Add what happened, judge the votes, and search for clusters."""
        with self._database.transaction() as uow:
            self._add(uow, accounts, votes, visits)
            ids = self._vote(uow, votes)
        with self._database.transaction() as uow:
            found = fraud.judge(uow, self._settings, ids, self._time(end))
        self._held |= {vote: tuple(each.value for each in doubts) for vote, doubts in found.items()}
        if accounts:
            fraud.search(self._database, self._settings)

    def _add(
        self,
        uow: UnitOfWork,
        accounts: Sequence[SimulatedAccount],
        votes: Sequence[SimulatedVote],
        visits: Iterable[tuple[float, int]],
    ) -> None:
        people = [{"id": _id(each), "email": each.email, "username": f"u{each.number}", "confirmed": each.confirmed,
                   "joined": self._time(each.joined)} for each in accounts]  # fmt: skip
        marks = [{"account": _id(each), "mark": normal_form(each.email), "at": self._time(each.joined)}
                 for each in accounts]  # fmt: skip
        acts = [self._signal(each, "sign-up", each.device, each.joined) for each in accounts]
        acts += [self._signal(each.account, "vote", each.account.device if each.by_page else "", each.at)
                 for each in votes]  # fmt: skip
        views = Counter((self._hour(at), clip) for at, clip in visits)
        for each in votes:
            views[self._hour(each.at), each.clip] += each.views
        shown = [{"video": self._clips[clip], "at": hour, "views": count}
                 for (hour, clip), count in sorted(views.items()) if count]  # fmt: skip
        for statement, rows in ((_ACCOUNTS, people), (_MAILBOX, marks), (_SIGNAL, acts), (_VIEWS, shown)):
            if rows:
                uow.execute(statement, rows)

    def _vote(self, uow: UnitOfWork, votes: Sequence[SimulatedVote]) -> list[int]:
        values = {
            "voters": [_id(each.account) for each in votes],
            "videos": [self._clips[each.clip] for each in votes],
            "times": [self._time(each.at) for each in votes],
        }
        ids = sorted(uow.execute(_VOTES, values).scalars())
        self._cast |= dict(zip(ids, votes, strict=True))
        return ids

    def _signal(self, account: SimulatedAccount, act: str, device: str, at: float) -> dict[str, object]:
        return {"account": _id(account), "act": act, "device": device, "block": account.block, "at": self._time(at)}

    def _hour(self, seconds: float) -> datetime:
        return self._time(seconds).replace(minute=0, second=0, microsecond=0)

    def _time(self, seconds: float) -> datetime:
        return self._begun + timedelta(seconds=seconds)

    def outcome(self) -> FraudOutcome:
        """Sum up, after a last search."""
        fraud.search(self._database, self._settings)
        with self._database.transaction() as uow:
            doubtful = set(
                uow.execute(text("select account_id from cluster_members where cleared_at is null")).scalars()
            )
        made = FraudOutcome()
        for vote_id, vote in self._cast.items():
            origin = vote.account.origin
            made.cast[origin] += 1
            if vote_id in self._held:
                made.held[origin] += 1
                made.reasons.update(f"{origin}: {reason}" for reason in self._held[vote_id])
            elif _id(vote.account) in doubtful:
                made.clustered[origin] += 1
        return made


def _id(account: SimulatedAccount) -> UUID:
    return UUID(int=2**126 + account.number)
