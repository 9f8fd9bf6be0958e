"""An account is erased: the data that goes, the votes that remain, and who may vote again."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from anb.contest import service as contest
from anb.media.renditions import MADE
from anb.privacy import erasure
from anb.privacy.domain import ErasureAskedAlready, NoKeyHere
from anb.sessions import service as sessions
from support.browser_client import published
from support.leaving import NAME, ask, close, erase, everywhere, lived, ranked, send_mails, vote, votes_of
from support.publishing import begin
from support.worlds import Player, World


class TestWhatGoes:
    def test_no_table_and_no_file_holds_the_name_the_email_or_the_file(self, world: World) -> None:
        player = lived(world)
        assert all(word in everywhere(world) for word in (*NAME, player.email, "lucia.rios"))
        erase(world, player)
        assert send_mails(world, player.email) == ["account_erased"]
        left = everywhere(world)
        for word in (*NAME, "Luc\\xc3\\xada", player.email, "luca", "ucia", "Marta", "marta@"):
            assert word not in left, word
        assert str(player.id) in left  # the tombstone
        with world.uow() as uow:
            born = text("select birth_year from users where id = :id")
            assert uow.execute(born, {"id": player.id}).scalar_one() is None
            theirs = text("select count(*) from links where account_id = :id or account_id is null")
            assert uow.execute(theirs, {"id": player.id}).scalar_one() == 0
            for table in (
                "sessions",
                "mail_choices",
                "passkeys",
                "totp_secrets",
                "factor_challenges",
                "uploads",
            ):
                assert uow.execute(text(f"select count(*) from {table}")).scalar_one() == 0, table  # noqa: S608

    def test_the_person_is_gone_from_the_public(self, world: World) -> None:
        player = world.player()
        clip = published(world, player)
        erase(world, player)
        assert world.client.get("/api/public/videos").json() == []
        assert ranked(world) == []
        for rendition in (*MADE, "original"):
            assert world.client.get(f"/api/videos/{clip}/{rendition}").status_code == 404
        assert world.files() == []

    def test_nobody_signs_in_uploads_or_votes_with_it(self, world: World) -> None:
        player, clip = world.player(), published(world, world.player("Ana Paz"))
        erase(world, player)
        word = {"email": player.email, "password": "balon-naranja-7"}
        assert world.client.post("/api/auth/login", json=word).status_code == 401
        files = {"video_file": ("clip.mp4", b"\0\0\0\x18ftypisom x", "video/mp4")}
        sent = world.client.post("/api/videos/upload", files=files, data={"title": "x"}, headers=player.headers)
        assert sent.status_code in {401, 404}
        assert vote(world, player, clip) in {401, 404}
        assert vote(world, world.player("Eva Paz"), clip) == 200

    def test_an_organizers_name_goes_from_what_they_did(self, world: World) -> None:
        organizer = world.organizer()
        upload = world.player().upload()
        assert (
            world.client.post(f"/api/admin/jobs/{upload.task_id}/cancel", headers=organizer.headers).status_code == 200
        )
        assert world.client.put("/api/admin/drain", headers=organizer.headers).status_code == 200
        assert "olga" in everywhere(world)
        erase(world, organizer)
        send_mails(world, organizer.email)
        assert "olga" not in everywhere(world)

    def test_an_edit_in_the_making_ends(self, world: World) -> None:
        player = world.player()
        upload = player.upload()
        claim = begin(world, upload.task_id)
        assert claim is not None
        erase(world, player)
        with world.uow() as uow:
            assert not contest.publish(uow, world.ports, claim, [], {})


class TestWhatRemains:
    def test_votes_that_the_person_cast_are_counted_on(self, world: World) -> None:
        voter, clip = world.player("Ana Paz"), published(world, world.player())
        assert vote(world, voter, clip) == 200
        erase(world, voter)
        assert votes_of(world, clip) == [(False, None)]
        assert ranked(world) == [("lucia.rios", 1)]

    def test_votes_for_their_clips_are_voided_before_the_close(self, world: World) -> None:
        player = world.player()
        clip = published(world, player)
        assert vote(world, world.player("Ana Paz"), clip) == 200
        erase(world, player)
        assert votes_of(world, clip) == [(True, "withdrawn")]

    def test_after_the_close_the_count_stays_under_a_name_of_nobody(self, world: World) -> None:
        player = world.player()
        clip = published(world, player)
        assert vote(world, world.player("Ana Paz"), clip) == 200
        close(world)
        erase(world, player)
        (rank,) = world.client.get("/api/public/rankings").json()
        assert (rank["player"], rank["city"], rank["votes"]) == ("Cuenta eliminada", "Bogotá", 1)

    def test_the_request_and_its_end_are_proved_without_personal_data(self, world: World) -> None:
        erase(world, lived(world))
        with world.uow() as uow:
            (done,) = erasure.list_requests(uow, 10)
        assert done.removed == {
            "accounts": 1,
            "sessions": 1,
            "mails": 3,
            "factors": 2,
            "identities": 0,
            "signals": 2,
            "clips": 3,
            "photos": 0,
            "jury_notes": 0,
            "uploads": 1,
            "responses": 1,
            "guardians": 1,
            "archives": 0,
            "results": 0,
            "acts": 0,
        }
        assert done.mark is None
        assert done.asked_at <= done.starts_at <= (done.finished_at or done.asked_at) <= done.due_at


def sign_in(world: World, player: Player) -> None:
    word = {"email": player.email, "password": "balon-naranja-7"}
    assert world.client.post("/api/auth/login", json=word).status_code == 200


class TestGrace:
    def test_a_persons_request_signs_them_out_and_signing_in_cancels_it(self, world: World) -> None:
        player = world.player()
        sign_in(world, player)
        ask(world, player, by="person")
        with world.uow() as uow:
            assert sessions.list_open(uow, player.id) == []
            assert erasure.pending(uow, player.id) is not None
        assert erasure.run_due(world.database, world.ports) == 0
        sign_in(world, player)
        with world.uow() as uow:
            assert erasure.pending(uow, player.id) is None
        world.clock.ahead = timedelta(days=world.settings.erasure_grace_days + 1)
        assert erasure.run_due(world.database, world.ports) == 0
        with world.uow() as uow:
            (ended,) = erasure.list_requests(uow, 10)
        assert ended.cancelled_at is not None
        assert (ended.finished_at, ended.mark) == (None, None)

    def test_a_request_that_was_taken_back_can_be_made_again(self, world: World) -> None:
        player = world.player()
        ask(world, player, by="person")
        sign_in(world, player)
        ask(world, player, by="person")
        world.clock.ahead = timedelta(days=world.settings.erasure_grace_days + 1)
        assert erasure.run_due(world.database, world.ports) == 1

    def test_signing_in_does_not_stop_an_operators_request(self, world: World) -> None:
        player = world.player()
        ask(world, player)
        sign_in(world, player)
        assert erasure.run_due(world.database, world.ports) == 1

    def test_after_it_the_account_is_erased(self, world: World) -> None:
        player = world.player()
        ask(world, player, by="person")
        world.clock.ahead = timedelta(days=world.settings.erasure_grace_days, seconds=1)
        assert erasure.run_due(world.database, world.ports) == 1

    def test_a_second_request_is_refused_while_one_is_open(self, world: World) -> None:
        player = world.player()
        ask(world, player)
        with pytest.raises(ErasureAskedAlready):
            ask(world, player)

    def test_without_the_key_no_request_is_taken(self, world: World) -> None:
        player = world.player()
        bare = world.settings.model_copy(update={"secret_key": None})
        with pytest.raises(NoKeyHere), world.uow() as uow:
            erasure.ask(uow, world.ports, bare, player.id)

    def test_newer_requests_do_not_hide_an_overdue_one(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(erasure, "AT_ONCE", 1)
        late, newer = world.player(), world.player("Ana Paz")
        for each in (late, newer):
            ask(world, each, by="person")
        with world.uow() as uow:
            assert (erasure.list_overdue(uow, world.ports), erasure.figures(uow, world.ports).overdue) == ([], 0)
            uow.execute(
                text("update erasures set due_at = now() - interval '1 day' where account_id = :id"), {"id": late.id}
            )
            assert [each.account_id for each in erasure.list_overdue(uow, world.ports)] == [late.id]
            assert erasure.figures(uow, world.ports).overdue == 1
