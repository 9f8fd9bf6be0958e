"""Acts of moderation over the API, a clip in each state, and what the audit trail says of them."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text

from anb.audit import service as audit
from anb.audit.domain import AuditFilter
from anb.db.paging import Page
from anb.videos import store
from anb.videos.verdict import ClipState
from support.inbox import inbox
from support.leaving import withdraw
from support.publishing import publish
from support.worlds import Player, World

BODIES: Mapping[str, dict[str, Any]] = {
    "approve": {},
    "refuse": {"reason": "other-people", "text": "Se ve a tu hermana."},
    "reverse-refusal": {},
    "hide": {"reason": "Se ve a un menor"},
    "take-down": {"reason": "other-people", "text": "", "confirm": True},
}


def moderated_owner(world: World) -> Player:
    """Open a moderated season, and return a player with a confirmed e-mail."""
    world.season(moderated=True)
    owner = world.player()
    confirm(world, owner)
    return owner


def confirm(world: World, person: Player) -> None:
    """Confirm a person's e-mail."""
    with world.uow() as uow:
        uow.execute(text("update users set email_confirmed_at = now() where id = :id"), {"id": person.id})


def moderate(world: World, organizer: Player, clip: UUID, verb: str, **body: object) -> int:
    """Act on a clip, and return the status of the answer."""
    address = f"/api/admin/moderation/{clip}/{verb}"
    return world.client.post(address, json=BODIES[verb] | body, headers=organizer.headers).status_code


def state_of(world: World, clip: UUID) -> ClipState:
    """Return the state of a clip."""
    with world.database.reading() as uow:
        video = store.get(uow, clip)
    assert video is not None
    return video.clip_state


def clip_in(world: World, owner: Player, organizer: Player, state: ClipState) -> UUID:
    """Make a clip of a moderated season in a state."""
    upload = owner.upload()
    clip = upload.video_id
    if state is ClipState.FAILED:
        cancelled = world.client.post(f"/api/jobs/{upload.task_id}/cancel", headers=owner.headers)
        assert cancelled.status_code == 200
    elif state is not ClipState.UNEDITED:
        publish(world, upload)
        for act in WAYS[state]:
            act(world, owner, organizer, clip)
    assert state_of(world, clip) is state
    return clip


Way = Callable[[World, Player, Player, UUID], None]


def _by(verb: str) -> Way:
    def act(world: World, _: Player, organizer: Player, clip: UUID) -> None:
        assert moderate(world, organizer, clip, verb) == 200

    return act


def _withdraw(world: World, owner: Player, _: Player, clip: UUID) -> None:
    assert withdraw(world, owner, clip)[0] == 200


WAYS: Mapping[ClipState, tuple[Way, ...]] = {
    ClipState.WAITING: (),
    ClipState.PUBLIC: (_by("approve"),),
    ClipState.HIDDEN: (_by("approve"), _by("hide")),
    ClipState.REFUSED: (_by("refuse"),),
    ClipState.WITHDRAWN: (_by("approve"), _withdraw),
    ClipState.TAKEN_DOWN: (_by("take-down"),),
}


def acts_on(world: World, clip: UUID) -> list[tuple[str, str | None]]:
    """Return the acts on a clip with their reasons, newest first; the chain holds."""
    with world.database.reading() as uow:
        found = audit.list_entries(uow, AuditFilter(target_id=str(clip)), Page(100)).rows
        audit.verify(uow)
    return [(entry.what.act, entry.reason) for entry in found]


def clip_mails(world: World, player: Player) -> list[str]:
    return [mail.kind for mail in inbox(world, player.email) if mail.kind.startswith("video_")]


def seen_by(world: World, owner: Player) -> dict[str, object]:
    (row,) = world.client.get("/api/videos", headers=owner.headers).json()
    return dict(row)
