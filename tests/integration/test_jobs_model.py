"""The jobs' state machine compared with a model: any moves in any order, by live, dead and returning workers."""

from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import text

from anb.jobs import holding
from anb.jobs import service as jobs
from anb.jobs.domain import Claim, JobNotRetriable, JobOver, Lane, Spacing
from support.models import run_histories
from support.worlds import World

UNFINISHED = {"queued", "running", "held"}


@dataclass(frozen=True)
class ModelJob:
    """The model's record of a job."""

    id: UUID
    state: str = "queued"
    attempt: int = 0
    faults: int = 0
    deaths: int = 0
    round: int = 1
    suspect: bool = False
    due: bool = True
    events: int = 1


class Engine(RuleBasedStateMachine):
    """Rules move the rows by the services, and the model by the docs (docs/packages/jobs.md)."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.model: dict[UUID, ModelJob] = {}
        self.claims: list[Claim] = []
        with world.uow() as uow:
            uow.execute(text("delete from jobs"))
            row = uow.execute(text("select id, owner_id from videos")).one()
        self.video: UUID = row.id
        self.owner: UUID = row.owner_id

    def move(self, job: UUID, state: str, **more: object) -> None:
        known = self.model[job]
        self.model[job] = replace(known, state=state, events=known.events + 1, **more)  # type: ignore[arg-type]

    def any_job(self, data: st.DataObject) -> UUID:
        return data.draw(st.sampled_from(list(self.model)))

    def any_claim(self, data: st.DataObject) -> tuple[Claim, bool]:
        """Return a claim that some worker once had, and whether it is still valid."""
        claim = data.draw(st.sampled_from(self.claims))
        known = self.model[claim.job_id]
        return claim, known.state == "running" and known.attempt == claim.attempt

    @rule()
    def queue(self) -> None:
        with self.world.uow() as uow:
            job = jobs.queue(uow, self.world.ports, self.video, self.owner, Lane.LIGHT, Spacing(1))
        self.model[job] = ModelJob(job)

    @rule()
    def hold_a_new_one(self) -> None:
        with self.world.uow() as uow:
            job = holding.add(uow, self.video, self.owner, Lane.LIGHT, Spacing(1))
        self.model[job] = ModelJob(job, "held")

    @rule()
    def release(self) -> None:
        held = [job for job, known in self.model.items() if known.state == "held"]
        with self.world.uow() as uow:
            assert holding.release(uow, self.world.ports, self.world.settings, self.owner) == len(held)
        for job in held:
            self.move(job, "queued", due=True)

    @rule()
    def claim(self) -> None:
        busy = any(known.suspect and known.state == "running" for known in self.model.values())
        free = [job for job, known in self.model.items()
                if known.state == "queued" and known.due and not (known.suspect and busy)]  # fmt: skip
        with self.world.uow() as uow:
            claim = jobs.claim(uow, self.world.settings, "worker")
        assert (claim is None) == (not free)
        if claim:
            assert claim.job_id in free
            self.move(claim.job_id, "running", attempt=self.model[claim.job_id].attempt + 1)
            assert claim.attempt == self.model[claim.job_id].attempt
            self.claims.append(claim)

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def beat(self, data: st.DataObject) -> None:
        claim, holds = self.any_claim(data)
        with self.world.uow() as uow:
            assert jobs.beat(uow, self.world.settings, claim, 50) == holds

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), how=st.sampled_from(["finish", "fail", "hand over", "hold"]))
    def end(self, data: st.DataObject, how: str) -> None:
        claim, holds = self.any_claim(data)
        with self.world.uow() as uow:
            if how == "finish":
                assert jobs.finish(uow, claim, {}) == holds
            if how == "fail":
                assert jobs.fail(uow, claim, "the file") == holds
            if how == "hand over":
                assert jobs.hand_over(uow, self.world.ports, claim) == holds
            if how == "hold":
                assert holding.hold(uow, claim) == holds
        if holds:
            self.move(claim.job_id, {"finish": "done", "fail": "failed", "hand over": "queued", "hold": "held"}[how])

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def fault(self, data: st.DataObject) -> None:
        claim, holds = self.any_claim(data)
        with self.world.uow() as uow:
            state = jobs.retry(uow, self.world.settings, claim, "the disk")
        assert (state is not None) == holds
        if state:
            faults = self.model[claim.job_id].faults + 1
            assert state.value == ("dead" if faults >= self.world.settings.job_attempts else "queued")
            self.move(claim.job_id, state.value, faults=faults, due=False)

    @rule()
    def time_passes(self) -> None:
        with self.world.uow() as uow:
            uow.execute(text("update jobs set available_at = now() where state = 'queued'"))
        self.model = {job: replace(known, due=True) for job, known in self.model.items()}

    @precondition(lambda self: any(known.state == "running" for known in self.model.values()))
    @rule(data=st.data())
    def worker_dies(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from([job for job, known in self.model.items() if known.state == "running"]))
        with self.world.uow() as uow:
            silent = "update jobs set lease_expires_at = now() {} where state = 'running' and id {} :job"
            uow.execute(text(silent.format("- interval '1 hour'", "=")), {"job": job})
            uow.execute(text(silent.format("+ interval '1 hour'", "<>")), {"job": job})
        with self.world.uow() as uow:
            (lost,) = jobs.reconcile(uow, self.world.ports, self.world.settings)
        deaths = self.model[job].deaths + 1
        assert (lost.job_id, lost.dead) == (job, deaths >= self.world.settings.job_deaths)
        suspect = self.model[job].suspect or deaths >= jobs.SUSPECT_AFTER
        self.move(job, "dead" if lost.dead else "queued", deaths=deaths, suspect=suspect, due=True)

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        job = self.any_job(data)
        if self.model[job].state in UNFINISHED:
            with self.world.uow() as uow:
                jobs.cancel(uow, job, "a test")
            self.move(job, "cancelled")
        else:
            with pytest.raises(JobOver), self.world.uow() as uow:
                jobs.cancel(uow, job, "a test")

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def reopen(self, data: st.DataObject) -> None:
        job = self.any_job(data)
        if self.model[job].state in {"failed", "dead"}:
            with self.world.uow() as uow:
                jobs.reopen(uow, self.world.ports, job, "a test")
            self.move(job, "queued", faults=0, deaths=0, round=self.model[job].round + 1, due=True)
        else:
            with pytest.raises(JobNotRetriable), self.world.uow() as uow:
                jobs.reopen(uow, self.world.ports, job, "a test")

    @invariant()
    def rows_and_timelines_are_what_the_model_says(self) -> None:
        rows = text("""
            select id, state, attempt, faults, deaths, round, lane = 'suspect' as suspect,
                   (select count(*) from job_events where job_id = jobs.id and what <> 'sent') as events from jobs
        """)
        with self.world.uow() as uow:
            found = {row.id: ModelJob(**row._mapping, due=self.model[row.id].due) for row in uow.execute(rows)}
        assert found == self.model


def run(world: World, examples: int, steps: int) -> None:
    world.player().upload()
    run_histories(lambda: Engine(world), examples=examples, steps=steps)


def test_rows_move_as_the_model_does(world: World) -> None:
    run(world, examples=5, steps=20)


@pytest.mark.slow
def test_rows_move_as_the_model_does_for_long(world: World) -> None:
    run(world, examples=200, steps=50)
