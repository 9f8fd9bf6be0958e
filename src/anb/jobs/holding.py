"""Held jobs: the clip is stored, but a person has not consented yet, so no worker may claim it.

The database refuses a claim of a held job, so no message, no reconciler and no retry begins one.
"""

from functools import partial
from uuid import UUID

from anb.db.session import UnitOfWork
from anb.jobs import store, transitions
from anb.jobs.domain import Claim, HeldJob, Lane, Spacing
from anb.jobs.service import tell
from anb.ports import Ports
from anb.settings import Settings


def add(uow: UnitOfWork, video_id: UUID, owner_id: UUID, lane: Lane, turns: Spacing) -> UUID:
    """Add a held job for a video."""
    return transitions.add(uow, video_id, owner_id, lane, turns, held=True)


def hold(uow: UnitOfWork, claim: Claim) -> bool:
    """Hold a job that was just claimed; False when it is no longer ours."""
    return transitions.hold(uow, claim)


def release(uow: UnitOfWork, ports: Ports, settings: Settings, owner_id: UUID) -> int:
    """Queue a player's held jobs, spaced as new ones, and wake workers after the commit; return how many."""
    released = 0
    for job in store.list_held(uow, owner_id):
        turns = Spacing(settings.turn_spacing_seconds, job.origin, settings.origin_spacing_seconds)
        if transitions.release(uow, job.id, owner_id, job.lane, turns):
            uow.after_commit(partial(tell, ports.queue, job.id))
            released += 1
    return released


def list_held(uow: UnitOfWork, owner_id: UUID) -> list[HeldJob]:
    """Return the held jobs of a player, oldest first."""
    return store.list_held(uow, owner_id)


def list_owners(uow: UnitOfWork) -> list[UUID]:
    """Return the players that have held jobs."""
    return store.list_owners_of_held(uow)
