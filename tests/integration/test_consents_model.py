"""Consent compared with a model: a player, guardians, policies, seasons and time, in any order."""

from dataclasses import dataclass, field, replace
from typing import Any
from unittest import mock
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import text

from anb.consents import policy_texts
from anb.consents.domain import ConsentStanding
from anb.jobs.domain import JobState
from anb.videos import waiting
from support.consenting import answer, days_pass, end, job_state, newest_token, say, standing
from support.models import run_histories
from support.publishing import begin
from support.worlds import Player, World

ADDRESSES = ("marta@example.com", "pedro@example.com")
YEARS = {"adult": 1990, "minor": 2014}


@dataclass(frozen=True)
class ModelPlayer:
    """What the docs say of a player (docs/packages/consents.md)."""

    asks: bool = True
    age: str = "unknown"
    agreed: str = ""
    oldest: str = ""
    guardian: str = ""  # the address that was asked last
    said: str = ""  # "", "given" or "refused"
    guardian_agreed: str = ""
    silent_for: int = 0  # days
    refused: frozenset[str] = field(default_factory=frozenset)

    @property
    def standing(self) -> str:
        if not self.asks:
            return "not_asked"
        if not self.agreed or self.agreed < self.oldest:
            return "player"
        if self.age == "adult":
            return "given"
        if not self.guardian or (self.said == "given" and self.guardian_agreed < self.oldest):
            return "guardian_unnamed"
        if self.said:
            return self.said
        return "guardian_silent" if self.silent_for >= 30 else "guardian_asked"


class ConsentMachine(RuleBasedStateMachine):
    """Rules act by the doors that people use, and the model by the docs."""

    def __init__(self, world: World, player: Player) -> None:
        super().__init__()
        self.world, self.player, self.model = world, player, ModelPlayer()
        self.version, self.token = "2026-11-30", ""
        self.clips: dict[UUID, int] = {}  # days since each was held
        with world.uow() as uow:
            for table in ("consents", "guardians", "links", "mails", "jobs", "videos"):
                uow.execute(text(f"delete from {table}"))  # noqa: S608 - our own words
            uow.execute(text("update users set birth_year = null"))
        limits = {"rate_guardian": "", "rate_guardian_block": "", "rate_upload": "", "rate_upload_block": ""}
        world.change(consent_oldest_version="", quota_waiting_clips=0, **limits)
        world.season(asks_consent=True)
        texts = policy_texts._texts(policy_texts.FOLDER / self.version)
        self.patches: list[Any] = [
            mock.patch.object(policy_texts, "_versions", side_effect=lambda _: (self.version,)),
            mock.patch.object(policy_texts, "_texts", return_value=texts),
        ]
        for patch in self.patches:
            patch.start()

    def teardown(self) -> None:
        for patch in self.patches:
            patch.stop()

    def settle(self) -> None:
        """Move the model's clips as the docs say: queued with every permission, else deleted after 30 days or a no."""
        now = self.model.standing
        waits = now not in {"given", "not_asked", "refused"}
        self.clips = {clip: age for clip, age in self.clips.items() if waits and age < 30}

    @rule()
    def upload(self) -> None:
        clip = self.player.upload()
        held = job_state(self.player, clip.task_id) is JobState.HELD
        assert held == (self.model.standing not in {"given", "not_asked"})
        if held:
            assert begin(self.world, clip.task_id) is None
            self.clips[clip.task_id] = 0

    @precondition(lambda self: self.model.age == "unknown")
    @rule(age=st.sampled_from(["adult", "minor"]), address=st.sampled_from(ADDRESSES))
    def tell_age(self, age: str, address: str) -> None:
        if age == "minor" and address in self.model.refused:
            return
        guardian = {} if age == "adult" else {"guardian_name": "Marta", "guardian_email": address}
        say(self.player, version=self.version, birth_year=YEARS[age], **guardian)
        self.model = replace(self.model, age=age, agreed=max(self.model.agreed, self.version))
        if guardian:
            self._asked(address)
        self.settle()

    @precondition(lambda self: self.model.age != "adult")
    @rule(address=st.sampled_from(ADDRESSES))
    def name_guardian(self, address: str) -> None:
        if address in self.model.refused:
            return
        say(self.player, version=self.version, guardian_name="Marta", guardian_email=address)
        self.model = replace(self.model, agreed=max(self.model.agreed, self.version))
        self._asked(address)
        self.settle()

    def _asked(self, address: str) -> None:
        self.token = newest_token(self.world)
        self.model = replace(self.model, guardian=address, said="", guardian_agreed="", silent_for=0)

    @precondition(lambda self: self.token)
    @rule(said=st.sampled_from(["given", "refused"]))
    def guardian_answers(self, said: str) -> None:
        works = not self.model.said and self.model.silent_for < 30
        assert answer(self.world, self.token, said, self.version) == (200 if works else 410)
        if not works:
            return
        agreed = self.version if said == "given" else ""
        self.model = replace(self.model, said=said, guardian_agreed=agreed)
        if said == "refused":
            self.model = replace(self.model, refused=self.model.refused | {self.model.guardian})
        self.settle()

    @precondition(lambda self: self.model.said == "given")
    @rule()
    def guardian_takes_it_back(self) -> None:
        assert end(self.world, self.model.guardian) == 200
        refused = self.model.refused | {self.model.guardian}
        self.model = replace(self.model, said="refused", guardian_agreed="", refused=refused)
        self.clips = {}  # none has an edit

    @rule(days=st.sampled_from([10, 25, 31]))
    def time_passes(self, days: int) -> None:
        days_pass(self.world, days)
        self.model = replace(self.model, silent_for=self.model.silent_for + days)
        self.clips = {clip: age + days for clip, age in self.clips.items()}

    @rule()
    def sweep(self) -> None:
        waiting.settle_all(self.world.database, self.world.ports, self.world.settings)
        self.settle()

    @rule()
    def policy_changes(self) -> None:
        self.version = f"2027-01-{int(self.version[-2:]) % 28 + 1:02d}" if self.version > "2027" else "2027-01-01"

    @rule()
    def old_consents_end(self) -> None:
        self.world.change(consent_oldest_version=self.version)
        self.model = replace(self.model, oldest=self.version)

    @rule(asks=st.booleans())
    def another_season(self, *, asks: bool) -> None:
        self.world.season(asks_consent=asks)
        self.model = replace(self.model, asks=asks)

    @invariant()
    def the_standing_and_the_clips_are_what_the_model_says(self) -> None:
        assert standing(self.player) is ConsentStanding(self.model.standing)
        with self.world.uow() as uow:
            held = set(uow.execute(text("select id from jobs where state = 'held'")).scalars())
            moved = uow.execute(text("select count(*) from videos where status <> 'uploaded'")).scalar_one()
        assert held == self.clips.keys()
        assert moved == 0  # a held clip was never begun, let alone published


def run(world: World, examples: int, steps: int) -> None:
    player = world.player("Nina Menor")
    run_histories(lambda: ConsentMachine(world, player), examples=examples, steps=steps)


def test_consent_moves_as_the_model_does(world: World) -> None:
    run(world, examples=5, steps=20)


@pytest.mark.slow
def test_consent_moves_as_the_model_does_for_long(world: World) -> None:
    run(world, examples=60, steps=50)
