"""A jury for a test: its rules, jurors, clips that wait for them, and scores."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from anb.accounts.domain import Actor, Role
from anb.contest import service as contest
from anb.contest.domain import Season
from anb.contest.jury_rules import Criterion, JuryRules
from anb.jury import service
from anb.jury.clip_names import clip_of
from support.browser_client import published
from support.worlds import Player, World

JURY = JuryRules((Criterion("technique", 3, "Técnica", "Technique"), Criterion("defence", 1, "Defensa", "Defence")))


def judged(world: World, rules: JuryRules = JURY) -> Season:
    """Open a season with a jury."""
    world.season(jury=rules)
    return season_of(world)


def season_of(world: World) -> Season:
    """Return the present season."""
    with world.uow() as uow:
        season = contest.current_season(uow)
    assert season is not None
    return season


def clips_for(world: World, count: int) -> list[UUID]:
    """Publish clips of different players."""
    return [published(world, world.player(f"Jugadora {number}", "Cali")) for number in range(count)]


@dataclass
class SeatedJuror:
    """A juror who works through the API."""

    player: Player

    @property
    def actor(self) -> Actor:
        return Actor(self.player.id)

    @property
    def world(self) -> World:
        return self.player.world

    def ask(self, method: str, path: str, **body: Any) -> Any:
        """Send a request as this juror."""
        return self.world.client.request(method, path, headers=self.player.headers, **body)

    def queue(self) -> Any:
        """Return the queue."""
        answer = self.ask("GET", "/api/jury")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def score(self, clip: str, technique: int = 7, defence: int = 7, **more: Any) -> Any:
        """Score a clip by its name in the queue."""
        body = {"marks": {"technique": technique, "defence": defence}} | more
        return self.ask("PUT", f"/api/jury/clips/{clip}/score", json=body)

    def give(self, video_id: UUID, technique: int = 7, defence: int = 7) -> None:
        """Score a clip by its id, without the API."""
        with self.world.uow() as uow:
            service.score(uow, self.actor, video_id, {"technique": technique, "defence": defence}, None, None)

    def whole_queue(self) -> list[UUID]:
        """Score every clip in the order of the queue, and return that order."""
        order = []
        while following := self.queue().get("next"):
            clip = clip_of(self.world.ports, following["clip"])
            assert clip is not None
            order.append(clip)
            self.give(clip)
        return order


def seated(world: World, name: str = "Julia Jurado") -> SeatedJuror:
    """Sign a juror in."""
    return SeatedJuror(world.promoted(world.player(name), Role.JUROR))


def at(world: World, **moments: str) -> None:
    """Move moments of the present season, as SQL says them, behind the back of everyone."""
    values = ", ".join(f"{name} = {said}" for name, said in moments.items())
    with world.uow() as uow:
        uow.execute(text(f"update seasons set {values} where closed_at is null or closed_at > now()"))  # noqa: S608


def score_rows(world: World) -> list[tuple[object, ...]]:
    """Return the marks, note and revision of each score."""
    with world.uow() as uow:
        return [tuple(row) for row in uow.execute(text("select marks, note, revision from jury_scores"))]
