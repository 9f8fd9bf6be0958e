"""What organizers did with a clip or with what is a person's: the same by API, command and page."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from anb.audit import service as audit
from anb.audit.domain import Act, AuditTarget
from anb.moderation import service
from support.browser_client import published
from support.commands import Anb, anb_on
from support.worlds import OPERATOR, Player, World


@pytest.fixture
def anb(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anb]:
    yield from anb_on(world, monkeypatch)


def acts(world: World, organizer: Player, path: str) -> list[tuple[str, str | None]]:
    answer = world.client.get(f"/api/admin/moderation/{path}/history", headers=organizer.headers)
    assert answer.status_code == 200, answer.text
    return [(row["act"], row["reason"]) for row in answer.json()]


def test_the_history_of_a_clip_and_of_a_person(world: World, anb: Anb) -> None:
    player, other, organizer = world.player(), world.player("Eva Gil"), world.organizer()
    first, second, foreign = (published(world, owner) for owner in (player, player, other))
    with world.uow() as uow:
        service.hide(uow, OPERATOR, first, "se ve a otra persona")
    with world.uow() as uow:
        service.approve(uow, OPERATOR, first, "fue un error")
        service.hide(uow, OPERATOR, second, "repetido")
        service.hide(uow, OPERATOR, foreign, "otro")
    of_clip = [("clip_restored", "fue un error"), ("clip_hidden", "se ve a otra persona")]
    assert acts(world, organizer, str(first)) == of_clip
    assert sorted(acts(world, organizer, f"people/{player.id}")) == sorted([("clip_hidden", "repetido"), *of_clip])
    listed = anb("moderation", "history", str(first)).output
    assert "clip_restored" in listed
    assert "2 of 2." in listed
    assert "3 of 3." in anb("moderation", "history", str(player.id), "--person").output
    assert '"act": "clip_hidden"' in anb("moderation", "history", str(second), "--json").output


def test_other_acts_are_not_among_them_and_pages_go_on(world: World) -> None:
    player, organizer = world.player(), world.organizer()
    clip = published(world, player)
    for number in range(3):
        with world.uow() as uow:
            (service.approve if number % 2 else service.hide)(uow, OPERATOR, clip, str(number))
    with world.uow() as uow:
        audit.record(uow, OPERATOR, Act.SESSIONS_ENDED, AuditTarget.account(player.id))
    path = f"/api/admin/moderation/people/{player.id}/history"
    page = world.client.get(f"{path}?limit=2", headers=organizer.headers)
    assert [row["reason"] for row in page.json()] == ["2", "1"]
    assert page.headers["X-Total-Count"] == "3"


@pytest.mark.parametrize("path", ["{id}", "people/{id}"])
def test_what_is_not_there_is_not_found(world: World, path: str) -> None:
    organizer = world.organizer()
    address = f"/api/admin/moderation/{path.format(id=uuid4())}/history"
    assert world.client.get(address, headers=organizer.headers).status_code == 404
