"""The acts of organizers on a person's account and clips are in the archive of that person's data."""

from collections.abc import Mapping
from typing import Any

from anb.accounts import recovery
from anb.audit.domain import AuditActor
from anb.moderation import service as moderation
from anb.privacy.archive import gather
from support.browser_client import published
from support.worlds import Player, World


def told(world: World, player: Player) -> Mapping[str, Any]:
    with world.database.reading() as uow:
        return gather(uow, player.id)


def test_a_person_reads_them_without_the_names_of_organizers(world: World) -> None:
    owner, organizer, other = world.player(), world.organizer(), world.player("Ana Paz")
    clip = published(world, owner, "Triple")
    by = AuditActor("olga.organiza", "organizer", organizer.id)
    with world.uow() as uow:
        recovery.confirm_by_operator(uow, owner.email, by)
        recovery.confirm_by_operator(uow, other.email, by)
        moderation.hide(uow, by, clip, "a reason for organizers")
    archive = told(world, owner)
    acts = [(each["act"], each["on"], each["by"]) for each in archive["acts"]]
    assert acts == [("email_confirmed", "account", "organizer"), ("clip_hidden", "video", "organizer")]
    assert all(each["at"] for each in archive["acts"])
    assert "olga" not in str(archive["acts"])
    own = told(world, organizer)["acts"]
    assert [(each["act"], each["by"]) for each in own] == [
        ("email_confirmed", "person"), ("email_confirmed", "person"), ("clip_hidden", "person"),
    ]  # fmt: skip
