"""A player withdraws a public clip: the files and pages that disappear, the votes that count, and who may do it."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from anb.contest import service as contest
from anb.db.paging import Page
from anb.media.renditions import MADE
from anb.videos import removal, store
from anb.videos.domain import OpenToVotes, VideoNotFound
from support.browser_client import browser_client, published
from support.leaving import close, ranked, vote, votes_of, withdraw
from support.publishing import publish
from support.worlds import Player, World


@pytest.fixture
def owner(world: World) -> Player:
    return world.player()


@pytest.fixture
def clip(world: World, owner: Player) -> UUID:
    return published(world, owner)


class TestWhatDisappears:
    def test_nobody_sees_it_or_its_files_from_that_moment(self, world: World, owner: Player, clip: UUID) -> None:
        files = [f"/api/videos/{clip}/{each}" for each in (*MADE, "original")]
        signed = world.client.get(f"/api/videos/{clip}", headers=owner.headers).json()["original_url"]
        assert withdraw(world, owner, clip) == (
            200,
            {"message": "El video ha sido retirado exitosamente.", "video_id": str(clip), "voided_votes": 0},
        )
        assert world.files() == []
        assert world.client.get("/api/public/videos").json() == []
        assert world.client.get("/api/videos", headers=owner.headers).json() == []
        for path in (*files, signed, f"/api/videos/{clip}"):
            assert world.client.get(path, headers=owner.headers).status_code == 404, path
        for player in (owner, None):
            with browser_client(world, player) as visitor:
                assert visitor.get(f"/videos/{clip}").status_code == 404
        assert ranked(world) == []

    def test_open_lists_learn_of_it_however_many_clips_are_newer(self, world: World, owner: Player, clip: UUID) -> None:
        with world.uow() as uow:  # older than the clips by which lists are recognized
            uow.execute(text("update videos set published_at = '2020-01-01'"))
            uow.execute(
                text(
                    "insert into videos (owner_id, title, status, original_key, original_bytes, original_sha256,"
                    " duration_seconds, processed_at, published_at)"
                    " select :o, 'x', 'processed', 'k' || n, 1, 'x', 22, now(), now() from generate_series(1, 64) n"
                ),
                {"o": owner.id},
            )
            before = contest.version(uow)
        withdraw(world, owner, clip)
        with world.uow() as uow:
            assert contest.version(uow) != before

    def test_a_client_that_remembers_its_upload_starts_anew(self, world: World, owner: Player, clip: UUID) -> None:
        with world.uow() as uow:
            uow.execute(
                text(
                    "insert into uploads (owner_id, title, bytes, received, part_key, state, video_id, job_id,"
                    " expires_at) values (:o, 'x', 1, 1, 'k', 'accepted', :v, :j, now() + interval '1 day')"
                ),
                {"o": owner.id, "v": clip, "j": uuid4()},
            )
        withdraw(world, owner, clip)
        with world.uow() as uow:
            assert uow.execute(text("select video_id from uploads")).scalar_one() is None

    def test_its_original_no_longer_fills_the_quota(self, world: World, owner: Player, clip: UUID) -> None:
        with world.uow() as uow:
            before = store.weigh(uow, owner.id).bytes
        withdraw(world, owner, clip)
        with world.uow() as uow:
            assert (before > 0, store.weigh(uow, owner.id).bytes) == (True, 0)


class TestWhatCounts:
    def test_votes_of_the_open_season_are_voided_and_kept(self, world: World, owner: Player, clip: UUID) -> None:
        other = published(world, owner, "otro")
        voters = [world.player(f"Votante V{n}") for n in range(3)]
        for voter in voters:
            assert vote(world, voter, clip) == 200
        assert vote(world, voters[0], other) == 200
        assert withdraw(world, owner, clip)[1]["voided_votes"] == 3
        assert votes_of(world, clip) == [(True, "withdrawn")] * 3
        assert votes_of(world, other) == [(False, None)]
        assert ranked(world) == [("lucia.rios", 1)]

    def test_after_the_close_the_files_go_and_the_count_stays(self, world: World, owner: Player, clip: UUID) -> None:
        assert vote(world, world.player("Ana Paz"), clip) == 200
        close(world)
        assert withdraw(world, owner, clip)[1]["voided_votes"] == 0
        assert votes_of(world, clip) == [(False, None)]
        assert world.files() == []
        assert ranked(world) == [("lucia.rios", 1)]
        with world.uow() as uow:
            assert contest.rank(uow, Page()).total == 1
            assert contest.list_public(uow, Page()).total == 0

    def test_in_a_season_after_the_one_of_the_clip_its_votes_stay(
        self, world: World, owner: Player, clip: UUID
    ) -> None:
        assert vote(world, world.player("Ana Paz"), clip) == 200
        world.season(moderated=False)
        assert vote(world, world.player("Eva Paz"), clip) == 400
        assert withdraw(world, owner, clip)[1]["voided_votes"] == 0
        assert votes_of(world, clip) == [(False, None)]

    def test_the_same_file_is_another_clip_which_the_same_people_may_vote_for(
        self, world: World, owner: Player
    ) -> None:
        voter, body = world.player("Ana Paz"), b"\0\0\0\x18ftypisom the same"
        first, third = owner.upload(body=body), None
        publish(world, first)
        assert vote(world, voter, first.video_id) == 200
        withdraw(world, owner, first.video_id)
        assert vote(world, voter, first.video_id) == 404
        files = {"video_file": ("clip.mp4", body, "video/mp4")}
        again = world.client.post(
            "/api/videos/upload", files=files, data={"title": "otra vez"}, headers=owner.headers
        ).json()
        assert again["same_as"] is None
        third = UUID(again["video_id"])
        with world.uow() as uow:
            assert not contest.has_voted(uow, voter.id, third)


class TestWhoMay:
    def test_only_its_owner(self, world: World, clip: UUID) -> None:
        assert withdraw(world, world.organizer(), clip)[0] == 403
        assert withdraw(world, world.player("Ana Paz"), uuid4())[0] == 404
        assert world.client.post(f"/api/videos/{clip}/withdraw").status_code == 401

    def test_what_was_never_public_is_deleted_instead(self, world: World, owner: Player) -> None:
        status, body = withdraw(world, owner, owner.upload().video_id)
        assert (status, body["code"]) == (400, "never-public")

    def test_again_it_is_the_same_and_voids_nothing(self, world: World, owner: Player, clip: UUID) -> None:
        assert vote(world, world.player("Ana Paz"), clip) == 200
        assert [withdraw(world, owner, clip)[1]["voided_votes"] for _ in range(2)] == [1, 0]

    @pytest.mark.parametrize("hidden", ["update videos set published_at = null", None])
    def test_what_was_public_once_is_never_deleted(
        self, world: World, owner: Player, clip: UUID, hidden: str | None
    ) -> None:
        if hidden:
            with world.uow() as uow:
                uow.execute(text(hidden))
        else:
            withdraw(world, owner, clip)
        refused = world.client.delete(f"/api/videos/{clip}", headers=owner.headers)
        assert (refused.status_code, refused.json()["detail"]) == (400, OpenToVotes().text("es"))

    def test_a_hidden_clip_is_withdrawn_too(self, world: World, owner: Player, clip: UUID) -> None:
        with world.uow() as uow:
            uow.execute(text("update videos set published_at = null"))
        assert withdraw(world, owner, clip)[0] == 200
        assert world.files() == []

    def test_pages_ask_before_and_tell_after(self, world: World, owner: Player, clip: UUID) -> None:
        with browser_client(world, owner) as visitor:
            page = visitor.get(f"/videos/{clip}").text
            assert "dejan de contar" in page
            close(world)
            assert "se conservan" in visitor.get(f"/videos/{clip}").text
            gone = visitor.post(f"/videos/{clip}/withdraw")
            assert gone.headers["location"] == "/me?withdrawn=1"
            assert "fue retirado" in visitor.get("/me?withdrawn=1").text
        with browser_client(world, world.player("Ana Paz")) as visitor:
            other = published(world, owner)
            assert "/withdraw" not in visitor.get(f"/videos/{other}").text


def test_a_clip_that_is_not_withdrawn_is_deleted_as_ever(world: World, owner: Player) -> None:
    clip = owner.upload().video_id
    with world.uow() as uow:
        removal.delete(uow, world.ports, clip, owner.id)
    with pytest.raises(VideoNotFound), world.uow() as uow:
        removal.delete(uow, world.ports, clip, owner.id)
