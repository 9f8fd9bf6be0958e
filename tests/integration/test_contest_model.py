"""A season compared with a model of it: phases, votes, rules and roles in any order, on the real database."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import text

from anb.accounts import recovery
from anb.accounts import service as accounts
from anb.accounts.domain import Actor, Role
from anb.contest import seasons
from anb.contest import service as contest
from anb.contest.domain import Phase, SeasonCalendar, SeasonRules
from anb.errors import Refusal
from anb.privacy import service as privacy
from support.browser_client import published
from support.models import run_histories
from support.worlds import NUMBERS, OPERATOR, Player, World

HOUR = timedelta(hours=1)
# A moment of the calendar is not set, has passed, or is to come.
NEVER, PAST, FUTURE = "never", "past", "future"
REASONS = st.sampled_from(["", "se anunció otra fecha"])
PLACES = st.integers(0, 2)


@dataclass
class ModelSeason:
    """A season, as the docs say it behaves (docs/decisions/0051)."""

    votes_open: str = NEVER
    closes: str = NEVER
    uploads_close: str = NEVER
    asks_confirmation: bool = False
    votes_per_day: int | None = None
    votes: dict[tuple[UUID, UUID], tuple[bool, bool]] = field(default_factory=dict)  # jury, void
    withdrawn: set[UUID] = field(default_factory=set)

    @property
    def phase(self) -> Phase:
        if self.closes == PAST:
            return Phase.OVER
        voting = self.votes_open != FUTURE
        if self.uploads_close == PAST:
            return Phase.VOTES if voting else Phase.WAITING
        return Phase.OPEN if voting else Phase.UPLOADS

    @property
    def began(self) -> bool:
        return bool(self.votes)


class OneSeason(RuleBasedStateMachine):
    """Rules act by the services and on the model alike."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.model = world, ModelSeason()
        with world.uow() as uow:
            if contest.current_season(uow) is not None:
                contest.close_season(uow, OPERATOR)
            season = contest.open_season(uow, OPERATOR, "Otra temporada")
        self.id, self.slug = season.id, season.slug
        owners = [self.person("Lucía"), self.person("Marta")]
        self.clips = {published(world, owner): owner.id for owner in (owners[0], owners[0], owners[1])}
        self.voters = [self.person("Ana").id, self.person("Eva").id, owners[0].id]
        self.confirmed: set[UUID] = set()
        self.jurors: set[UUID] = set()

    def person(self, name: str) -> Player:
        return self.world.player(f"{name} N{next(NUMBERS)}")

    def tried(self, act: object) -> str:
        """Do an act in a transaction, and return the code of its refusal, or an empty text."""
        try:
            with self.world.uow() as uow:
                act(uow)  # type: ignore[operator]
        except Refusal as refusal:
            return refusal.code
        return ""

    def expected(self, voter: UUID, clip: UUID) -> str:  # noqa: PLR0911 - a line per refusal
        model = self.model
        if clip in model.withdrawn:
            return "video-not-found"
        if self.clips[clip] == voter:
            return "own-video"
        if model.phase is Phase.OVER:
            return "season-closed"
        if model.votes_open == FUTURE:
            return "votes-not-open-yet"
        if model.asks_confirmation and voter not in self.confirmed:
            return "email-not-confirmed"
        cast = sum(who == voter for who, _ in model.votes)
        if model.votes_per_day is not None and cast >= model.votes_per_day:
            return "too-many-votes-today"
        return "already-voted" if (voter, clip) in model.votes else ""

    @rule(voter=PLACES, clip=PLACES)
    def vote(self, voter: int, clip: int) -> None:
        who, which = self.voters[voter], list(self.clips)[clip]
        expected = self.expected(who, which)
        assert self.tried(lambda uow: contest.cast_vote(uow, self.world.ports, Actor(who), which)) == expected
        if not expected:
            self.model.votes[who, which] = (who in self.jurors, False)

    @rule(clip=PLACES)
    def withdraw(self, clip: int) -> None:
        which = list(self.clips)[clip]
        assert self.tried(lambda uow: privacy.withdraw(uow, self.world.ports, which, self.clips[which])) == ""
        if which not in self.model.withdrawn and self.model.phase is not Phase.OVER:
            void = {key: (jury, True) for key, (jury, _) in self.model.votes.items() if key[1] == which}
            self.model.votes |= void
        self.model.withdrawn.add(which)

    @rule()
    def close(self) -> None:
        over = self.model.phase is Phase.OVER
        assert self.tried(lambda uow: contest.close_season(uow, OPERATOR)) == ("season-closed" if over else "")
        if not over:
            self.end()

    @rule(reason=REASONS)
    def reopen(self, reason: str) -> None:
        over = self.model.phase is Phase.OVER
        refusal = "season-not-closed" if not over else "" if reason else "reason-needed"
        assert self.tried(lambda uow: seasons.reopen(uow, OPERATOR, self.slug, None, reason)) == refusal
        if not refusal:
            self.model.closes, self.model.uploads_close = NEVER, PAST

    @rule(reason=REASONS, most=st.sampled_from([None, 1, 2]), asks=st.booleans())
    def change_rules(self, reason: str, most: int | None, asks: bool) -> None:
        rules = SeasonRules(asks_confirmation=asks, votes_per_day=most)
        refusal = "reason-needed" if self.model.began and not reason else ""
        assert self.tried(lambda uow: seasons.change_rules(uow, OPERATOR, self.slug, rules, reason)) == refusal
        if not refusal:
            self.model.asks_confirmation, self.model.votes_per_day = asks, most

    @rule(reason=REASONS, votes_open=st.sampled_from([NEVER, FUTURE]), closes=st.sampled_from([NEVER, FUTURE]))
    def schedule(self, reason: str, votes_open: str, closes: str) -> None:
        with self.world.uow() as uow:
            season = seasons.show(uow, self.slug)
        begun = self.model.votes_open == PAST
        calendar = SeasonCalendar(
            opened_at=season.opened_at,
            uploads_close_at=season.uploads_close_at,
            votes_open_at=season.votes_open_at if begun else season.now + HOUR if votes_open == FUTURE else None,
            closed_at=season.now + 2 * HOUR if closes == FUTURE else None,
        )
        refusal = (
            "reason-needed"
            if self.model.began and not reason
            else "season-closed"
            if self.model.phase is Phase.OVER
            else ""
        )
        assert self.tried(lambda uow: seasons.reschedule(uow, OPERATOR, self.slug, calendar, reason)) == refusal
        if not refusal:
            self.model.closes = closes
            self.model.votes_open = PAST if begun else votes_open

    @rule()
    def let_the_votes_open(self) -> None:
        if self.model.votes_open == FUTURE:
            self.pass_by("votes_open_at")
            self.model.votes_open = PAST

    @rule()
    def let_the_season_close(self) -> None:
        if self.model.closes == FUTURE:
            self.pass_by("votes_open_at", "uploads_close_at", "closed_at")
            self.end()

    @rule()
    def let_uploads_close(self) -> None:
        if self.model.phase in {Phase.OPEN, Phase.UPLOADS}:
            with self.world.uow() as uow:
                uow.execute(text("update seasons set uploads_close_at = now() where id = :id"), {"id": self.id})
            self.model.uploads_close = PAST

    @rule(voter=PLACES, juror=st.booleans())
    def give_role(self, voter: int, juror: bool) -> None:
        who = self.voters[voter]
        with self.world.uow() as uow:
            accounts.give_role(uow, accounts.who(uow, who).email, Role.JUROR if juror else Role.PLAYER)
        self.jurors = self.jurors | {who} if juror else self.jurors - {who}

    @rule(voter=PLACES)
    def confirm(self, voter: int) -> None:
        who = self.voters[voter]
        if who not in self.confirmed:
            with self.world.uow() as uow:
                recovery.confirm_by_operator(uow, accounts.who(uow, who).email, OPERATOR)
        self.confirmed.add(who)

    def pass_by(self, *names: str) -> None:
        """Move moments that are to come to this one, as if time had passed."""
        with self.world.uow() as uow:
            for name in names:
                past = f"update seasons set {name} = now() where id = :id and {name} > now()"  # noqa: S608 - our own names
                uow.execute(text(past), {"id": self.id})

    def end(self) -> None:
        self.model.closes = PAST
        self.model.votes_open = PAST if self.model.votes_open == FUTURE else self.model.votes_open

    @invariant()
    def the_phase_is_the_models(self) -> None:
        with self.world.uow() as uow:
            assert seasons.show(uow, self.slug).phase is self.model.phase

    @invariant()
    def the_votes_are_the_models(self) -> None:
        query = text("select voter_id, video_id, jury, voided_at is not null as void from votes where season_id = :id")
        with self.world.uow() as uow:
            rows = uow.execute(query, {"id": self.id}).all()
        assert {(row.voter_id, row.video_id): (row.jury, row.void) for row in rows} == self.model.votes
        assert len(rows) == len(self.model.votes)


@pytest.mark.parametrize("examples", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_a_season_behaves_as_its_model(world: World, examples: int) -> None:
    run_histories(lambda: OneSeason(world), examples=examples, steps=30)
