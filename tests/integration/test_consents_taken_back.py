"""A guardian who agreed takes it back, by a link, without an account: no clip of the player is edited or shown."""

from uuid import UUID

import pytest
from sqlalchemy import text

from anb.accounts.domain import Role
from anb.consents import store
from anb.consents.domain import ConsentStanding
from anb.consents.taking_back import END_DAYS
from anb.moderation import service as moderation
from anb.moderation.domain import ConsentTakenBack
from anb.videos import waiting
from support.administration import act
from support.consenting import MARTA, OURS, answer, ask_marta, end, newest_token, standing
from support.inbox import inbox, newest
from support.leaving import vote
from support.publishing import begin, publish
from support.worlds import OPERATOR, AcceptedClip, Player, World


@pytest.fixture
def minor(world: World) -> Player:
    """A minor whose guardian agreed."""
    world.season(asks_consent=True)
    player = world.player("Nina Menor")
    assert answer(world, ask_marta(player)) == 200
    return player


def public_clip(player: Player) -> AcceptedClip:
    clip = player.upload()
    publish(player.world, clip)
    return clip


def test_nothing_is_taken_back_from_a_guardian_who_never_agreed(world: World) -> None:
    with world.uow() as uow:
        assert not store.take_back(uow, UUID(int=7))


def is_public(world: World, video_id: UUID) -> bool:
    return world.client.get(f"/videos/{video_id}", headers=OURS).status_code == 200


def votes(world: World, video_id: UUID) -> int:
    with world.uow() as uow:
        counted = text("select count(*) from votes where video_id = :video and voided_at is null")
        return int(uow.execute(counted, {"video": video_id}).scalar_one())


class TestLink:
    def test_the_mail_of_thanks_leads_to_a_page_that_changes_nothing(self, world: World, minor: Player) -> None:
        mail = newest(world, MARTA, "guardian_thanked")
        page = world.client.get(mail.path, headers=OURS)
        assert (page.status_code, "Nina Menor" in page.text) == (200, True)
        assert page.headers["cache-control"] == "private, no-store"
        assert standing(minor) is ConsentStanding.GIVEN

    def test_it_works_once(self, world: World, minor: Player) -> None:
        assert [end(world), end(world)] == [200, 410]
        assert standing(minor) is ConsentStanding.REFUSED

    def test_it_works_for_as_long_as_anyone_is_a_minor(self, world: World, minor: Player) -> None:
        with world.uow() as uow:
            days = text("select extract(days from expires_at - now()) from links where purpose = 'guardian_end'")
            assert int(uow.execute(days).scalar_one()) == END_DAYS - 1 >= 18 * 365
        assert standing(minor) is ConsentStanding.GIVEN

    def test_that_of_a_guardian_who_was_replaced_is_not_valid(self, world: World, minor: Player) -> None:
        ask_marta(minor, birth_year=None, email="otra@example.com")
        assert answer(world, newest_token(world)) == 200
        assert end(world) == 404
        assert standing(minor) is ConsentStanding.GIVEN

    @pytest.mark.usefixtures("minor")
    def test_what_was_agreed_stays_as_proof_beside_the_no(self, world: World) -> None:
        end(world)
        with world.uow() as uow:
            kept = uow.execute(text("select who, answer, version, channel from consents order by id")).all()
        assert [(row.who, row.answer, row.channel) for row in kept] == [
            ("player", "given", "api"),
            ("guardian", "given", "link"),
            ("guardian", "refused", "link"),
        ]
        assert len({row.version for row in kept}) == 1

    def test_an_organizer_has_another_one_sent(self, world: World, minor: Player) -> None:
        boss = world.promoted(world.player("Ada Administra"), Role.ADMINISTRATOR)
        world.change(mail_is_sent=True)
        assert act(boss, "guardian", minor).status_code == 200
        assert len([mail for mail in inbox(world, MARTA) if mail.kind == "guardian_thanked"]) == 2


class TestClips:
    def test_public_ones_are_hidden_with_their_votes_and_the_player_is_told(self, world: World, minor: Player) -> None:
        clip = public_clip(minor)
        vote(world, world.player("Vota Mucho"), clip.video_id)
        assert is_public(world, clip.video_id)
        assert end(world) == 200
        assert not is_public(world, clip.video_id)
        assert votes(world, clip.video_id) == 1
        assert newest(world, minor.email, "guardian_ended").path == "/account/consent"

    def test_those_without_an_edit_are_deleted_even_while_it_is_made(self, world: World, minor: Player) -> None:
        queued, edited = minor.upload(), minor.upload()
        begun = begin(world, edited.task_id)
        assert end(world) == 200
        with world.uow() as uow:
            assert uow.execute(text("select count(*) from videos")).scalar_one() == 0
        assert begun is not None
        assert queued.video_id != edited.video_id

    def test_later_ones_are_deleted_as_after_a_refusal(self, world: World, minor: Player) -> None:
        end(world)
        minor.upload()
        waiting.settle_all(world.database, world.ports, world.settings)
        with world.uow() as uow:
            assert uow.execute(text("select count(*) from videos")).scalar_one() == 0

    def test_no_organizer_shows_them(self, world: World, minor: Player) -> None:
        clip = public_clip(minor)
        end(world)
        with pytest.raises(ConsentTakenBack), world.uow() as uow:
            moderation.approve(uow, OPERATOR, clip.video_id)
        assert not is_public(world, clip.video_id)

    def test_they_return_when_another_guardian_agrees_unless_an_organizer_hid_them(
        self, world: World, minor: Player
    ) -> None:
        clips = [public_clip(minor) for _ in range(3)]
        with world.uow() as uow:
            moderation.hide(uow, OPERATOR, clips[0].video_id, "before")
        end(world)
        with world.uow() as uow:
            moderation.hide(uow, OPERATOR, clips[1].video_id, "meanwhile")
        ask_marta(minor, birth_year=None, email="otra@example.com")
        assert [is_public(world, clip.video_id) for clip in clips] == [False] * 3
        assert answer(world, newest_token(world)) == 200
        assert [is_public(world, clip.video_id) for clip in clips] == [False, False, True]
        with world.uow() as uow:
            assert moderation.approve(uow, OPERATOR, clips[0].video_id).is_public
