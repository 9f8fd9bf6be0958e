"""Votes, voids, clips and players in any order, sealed in steps and held now and then: log and tallies follow."""

from contextlib import nullcontext
from dataclasses import dataclass
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from anb.contest import service as contest
from anb.contest.domain import VoidReason
from anb.db.session import UnitOfWork
from anb.votelog import service as votelog
from anb.votelog.domain import VoidClass
from support.browser_client import published
from support.counting import differences, force, seal
from support.models import run_histories
from support.worlds import World

PLAYERS, CLIPS, VOTERS = 3, 5, 6
CITIES = ["Leticia", "Cali", "Mitú"]
VOTE = """
insert into votes (voter_id, video_id, season_id, jury)
select :voter, id, season_id, :jury from videos where id = :clip on conflict do nothing returning id
"""
SHOW = "update videos set published_at = first_published_at where id = :clip"
HIDE = "update videos set published_at = null where id = :clip"
WITHDRAW = "update videos set published_at = null, withdrawn_at = now() where id = :clip"
TALLIES = (
    "select player_id, votes, jury_votes, clips, city from player_tallies order by votes desc, last_index, player_id"
)
clips, voters, players = st.integers(0, CLIPS - 1), st.integers(0, VOTERS - 1), st.integers(0, PLAYERS - 1)


@dataclass
class ModelVote:
    """The model's record of a vote."""

    clip: int
    jury: bool
    void: bool = False
    held: bool = False


class CountedSeason(RuleBasedStateMachine):
    """Rules act by the services and by SQL; the model says what has to come out."""

    def __init__(self, world: World, who: "People") -> None:
        super().__init__()
        self.world, self.who = world, who
        self.votes: dict[int, ModelVote] = {}
        self.shown = dict.fromkeys(range(CLIPS), True)
        self.gone: set[int] = set()
        self.cities = dict.fromkeys(range(PLAYERS), "Bogotá")
        with world.uow() as uow:
            for table in ("votes", "log_leaves", "log_hashes", "log_checkpoints"):
                force(uow, table, "delete from " + table)  # noqa: S608
            for table in ("held_votes", "voided_leaves", "log_heads", "clip_tallies", "player_tallies"):
                uow.execute(text("delete from " + table))  # noqa: S608
            uow.execute(text("update users set city = 'Bogotá', city_key = 'bogota'"))
            uow.execute(text("update videos set withdrawn_at = null, published_at = null"))
            uow.execute(text("delete from pending_entries"))
            for clip in range(CLIPS):
                self.run(uow, SHOW, clip=who.clips[clip])
        seal(world)

    @staticmethod
    def run(uow: UnitOfWork, statement: str, **values: object) -> list[int]:
        done = uow.execute(text(statement), values)
        return list(done.scalars()) if done.returns_rows else []

    def act(self, statement: str, **values: object) -> list[int]:
        with self.world.uow() as uow:
            return self.run(uow, statement, **values)

    @rule(voter=voters, clip=clips, jury=st.booleans())
    def vote(self, voter: int, clip: int, jury: bool) -> None:
        made = self.act(VOTE, voter=self.who.voters[voter], clip=self.who.clips[clip], jury=jury)
        assert len(made) <= (self.shown[clip] and clip not in self.gone)
        for vote_id in made:
            self.votes[vote_id] = ModelVote(clip, jury)

    @rule(data=st.data(), reason=st.sampled_from([VoidReason.FRAUD, VoidReason.DOUBTFUL, VoidReason.OTHER]))
    def void(self, data: st.DataObject, reason: VoidReason) -> None:
        for vote_id in self.some(data, lambda vote: not vote.void):
            with self.world.uow() as uow:
                assert contest.void_votes_of(uow, [vote_id], reason) == 1
            self.votes[vote_id].void = True

    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        for vote_id in self.some(data, lambda vote: vote.void):
            with self.world.uow() as uow:
                restored = contest.restore_votes_of(uow, [vote_id])
            self.votes[vote_id].void = not restored

    @rule(clip=clips)
    def hide_or_show(self, clip: int) -> None:
        if clip not in self.gone:
            self.act(HIDE if self.shown[clip] else SHOW, clip=self.who.clips[clip])
            self.shown[clip] = not self.shown[clip]

    @rule(clip=clips)
    def withdraw(self, clip: int) -> None:
        if clip not in self.gone:
            with self.world.uow() as uow:
                self.run(uow, WITHDRAW, clip=self.who.clips[clip])
                contest.void_votes(uow, self.who.clips[clip], VoidReason.WITHDRAWN)
            self.gone.add(clip)
            for vote in self.votes.values():
                vote.void |= vote.clip == clip

    @rule(player=players, city=st.sampled_from(CITIES))
    def move(self, player: int, city: str) -> None:
        moving = "update users set city = :city, city_key = lower(:city) where id = :player"
        self.act(moving, city=city, player=self.who.players[player])
        self.cities[player] = city

    @rule(doubtful=st.sets(voters, max_size=2), most=st.integers(1, 6), killed=st.booleans())
    def seal_some(self, doubtful: set[int], most: int, killed: bool) -> None:
        """Take a few entries, hold the votes of some people, and seal the rest, or die just before the commit."""
        suspects, held = {self.who.voters[each] for each in doubtful}, []
        dying = pytest.raises(OperationalError) if killed else nullcontext()
        with dying, self.world.uow() as uow:
            assert votelog.elect(uow)
            batch = votelog.take(uow, self.who.season, most)
            held = [each.vote_id for each in batch.votes if each.vote_id and each.voter_id in suspects]
            rest = votelog.hold(uow, batch, {vote_id: ["test"] for vote_id in held})
            votelog.seal(uow, votelog.signer(uow, self.world.settings, self.who.season), self.who.season, rest)
            if killed:
                uow.execute(text("select pg_terminate_backend(pg_backend_pid())"))
        for vote_id in () if killed else held:
            self.votes[vote_id].held = True

    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        for vote_id in self.some(data, lambda vote: vote.held):
            with self.world.uow() as uow:
                if data.draw(st.booleans()):
                    votelog.release(uow, [vote_id])
                else:
                    votelog.void_held(uow, [vote_id], VoidClass.FRAUD)

    @rule()
    def seal_all(self) -> None:
        """Everything is in the log, but for held votes; a second sealer at this moment does nothing."""
        with self.world.uow() as uow:
            assert votelog.elect(uow)
            assert seal(self.world) == 0
        seal(self.world)
        assert differences(self.world, self.who.season) == []
        self.compare()

    def some(self, data: st.DataObject, wanted: object) -> list[int]:
        found = [vote_id for vote_id, vote in self.votes.items() if wanted(vote)]  # type: ignore[operator]
        return [data.draw(st.sampled_from(found))] if found else []

    def compare(self) -> None:
        """Compare sums and order with rows and the model."""
        with self.world.uow() as uow:
            logged = uow.execute(text("select vote_id, index place from log_leaves where vote_id is not null")).all()
            held = set(self.run(uow, "select vote_id from held_votes"))
            void = set(self.run(uow, "select id from votes where voided_at is not null"))
            rows = [tuple(row) for row in uow.execute(text(TALLIES))]
            first = {row.video_id: row.opened_index for row in uow.execute(text("select * from clip_tallies"))}
        places = {row.vote_id: row.place for row in logged}
        # Nothing lost: each vote is logged, held, or was voided before it had a leaf.
        assert all(each in places or each in held or each in void for each in self.votes)
        counted = {each: vote for each, vote in self.votes.items() if each in places and each not in void}
        assert rows == self.expected(counted, places, first)

    def expected(
        self, counted: dict[int, ModelVote], places: dict[int, int], first: dict[UUID, int]
    ) -> list[tuple[object, ...]]:
        found = []
        for player in range(PLAYERS):
            mine = [clip for clip in range(CLIPS) if clip % PLAYERS == player]
            public = [clip for clip in mine if self.shown[clip] and clip not in self.gone]
            votes = {each: vote for each, vote in counted.items() if vote.clip in public}
            last = [places[each] for each, vote in votes.items() if not vote.jury]
            opened = min(first[self.who.clips[clip]] for clip in public or mine)
            jury = sum(vote.jury for vote in votes.values())
            who = self.who.players[player]
            key = (-(len(votes) - jury), max(last, default=opened), who)
            found.append((key, (who, len(votes) - jury, jury, len(public), self.cities[player])))
        return [row for _, row in sorted(found)]


@dataclass
class People:
    """The people and clips of a history."""

    season: UUID
    players: list[UUID]
    clips: list[UUID]
    voters: list[UUID]


@pytest.fixture
def who(world: World) -> People:
    players = [world.player(f"Nombre N{number}") for number in range(PLAYERS)]
    clips = [published(world, players[number % PLAYERS], f"clip {number}") for number in range(CLIPS)]
    voters = [world.player(f"Votante V{number}").id for number in range(VOTERS)]
    with world.uow() as uow:
        season = contest.current_season(uow)
    assert season is not None
    return People(season.id, [player.id for player in players], clips, voters)


@pytest.mark.parametrize(("examples", "steps"), [(3, 20), pytest.param(150, 60, marks=pytest.mark.slow, id="many")])
def test_log_and_tallies_follow_everything_that_happens(world: World, who: People, examples: int, steps: int) -> None:
    run_histories(lambda: CountedSeason(world, who), examples=examples, steps=steps)
