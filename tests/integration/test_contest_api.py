"""Endpoints 7 to 9 of the contract: the public list, votes, the ranking."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from anb.accounts.domain import Role
from anb.contest import service as contest
from anb.contest.domain import SeasonClosed, SeasonOpenAlready
from support.browser_client import published
from support.worlds import OPERATOR, Player, World


def vote(world: World, voter: Player, video_id: UUID) -> tuple[int, str]:
    answer = world.client.post(f"/api/public/videos/{video_id}/vote", headers=voter.headers)
    body = answer.json()
    return answer.status_code, body.get("message") or body["detail"]


class TestPublicList:
    def test_only_what_is_open_to_votes_newest_first(self, world: World) -> None:
        player = world.player()
        first, second = published(world, player, "uno"), published(world, player, "dos")
        player.upload("tres")
        listed = world.client.get("/api/public/videos").json()
        assert [video["video_id"] for video in listed] == [str(second), str(first)]
        assert listed[0]["processed_url"].endswith(f"/api/videos/{second}/processed")

    def test_a_city_is_found_however_it_is_spelled(self, world: World) -> None:
        published(world, world.player(city="Bogotá"))
        published(world, world.player("Ana Paz", "Cali"))
        assert [one["city"] for one in world.client.get("/api/public/videos?city=BOGOTA").json()] == ["Bogotá"]
        assert world.client.get("/api/public/videos?city=Leticia").json() == []

    def test_pages_by_link_give_each_once(self, world: World) -> None:
        player = world.player()
        ids = [str(published(world, player)) for _ in range(5)]
        seen, path = [], "/api/public/videos?limit=2"
        while path:
            answer = world.client.get(path)
            seen += [video["video_id"] for video in answer.json()]
            assert answer.headers["x-total-count"] == "5"
            path = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
        assert seen == ids[::-1]

    def test_it_is_the_same_for_everybody_and_may_be_shared_for_a_second(self, world: World) -> None:
        published(world, world.player())
        nobody = world.client.get("/api/public/videos")
        somebody = world.client.get("/api/public/videos", headers=world.player("Ana Paz").headers)
        assert nobody.json() == somebody.json()
        assert nobody.headers["cache-control"] == "public, max-age=1"


class TestVote:
    def test_it_counts_once(self, world: World) -> None:
        video, voter = published(world, world.player()), world.player("Ana Paz")
        assert vote(world, voter, video) == (200, "Voto registrado exitosamente.")
        assert vote(world, voter, video) == (400, "Ya has votado por este video.")
        assert world.client.get("/api/public/videos").json()[0]["votes"] == 1

    def test_many_at_once_by_one_user_count_once(self, world: World) -> None:
        video, voter = published(world, world.player()), world.player("Ana Paz")
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _: vote(world, voter, video)[0], range(48)))
        assert answers.count(200) == 1
        assert set(answers) <= {200, 400, 429}  # repeating this fast gets 429
        assert world.client.get("/api/public/videos").json()[0]["votes"] == 1

    def test_for_as_many_videos_as_one_likes(self, world: World) -> None:
        player, voter = world.player(), world.player("Ana Paz")
        assert {vote(world, voter, published(world, player))[0] for _ in range(3)} == {200}

    def test_for_ones_own_video_is_400(self, world: World) -> None:
        player = world.player()
        assert vote(world, player, published(world, player))[0] == 400

    def test_outside_the_season_is_400(self, world: World) -> None:
        video, voter = published(world, world.player()), world.player("Ana Paz")
        with world.uow() as uow:
            contest.close_season(uow, OPERATOR)
        assert vote(world, voter, video)[0] == 400

    def test_a_season_that_closes_at_the_moment_of_the_insert_is_400(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        video, voter = published(world, world.player()), world.player("Ana Paz")
        monkeypatch.setattr("anb.contest.store.add_vote", lambda *_, **__: None)  # so the database answers then
        answer = world.client.post(f"/api/public/videos/{video}/vote", headers=voter.headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "season-closed")

    def test_for_what_is_not_public_is_404(self, world: World) -> None:
        hidden, voter = world.player().upload(), world.player("Ana Paz")
        assert vote(world, voter, hidden.video_id)[0] == 404
        assert vote(world, voter, uuid4())[0] == 404

    def test_by_nobody_is_401(self, world: World) -> None:
        assert world.client.post(f"/api/public/videos/{uuid4()}/vote").status_code == 401

    def test_by_somebody_whose_account_is_no_more_is_401(self, world: World) -> None:
        headers = {"Authorization": f"Bearer {world.ports.tokens.issue(uuid4())}"}
        video = published(world, world.player())
        assert world.client.post(f"/api/public/videos/{video}/vote", headers=headers).status_code == 401

    def test_a_jurors_is_counted_apart(self, world: World) -> None:
        video, juror = published(world, world.player()), world.promoted(world.player("Julia Jurado"), Role.JUROR)
        assert vote(world, juror, video)[0] == 200
        shown = world.client.get("/api/public/videos").json()[0]
        assert (shown["votes"], shown["jury_votes"]) == (0, 1)


class TestRanking:
    def test_a_player_a_row_with_the_votes_of_all_their_videos(self, world: World) -> None:
        lucia, ana = world.player(), world.player("Ana Paz", "Cali")
        voters = [world.player(f"Votante V{n}") for n in range(3)]
        one, two, other = published(world, lucia), published(world, lucia), published(world, ana)
        for voter, video in [(voters[0], one), (voters[1], two), (voters[2], two), (voters[0], other)]:
            assert vote(world, voter, video)[0] == 200
        ranks = world.client.get("/api/public/rankings").json()
        assert [(rank["position"], rank["username"], rank["city"], rank["votes"]) for rank in ranks] == [
            (1, "lucia.rios", "Bogotá", 3),
            (2, "ana.paz", "Cali", 1),
        ]
        assert [rank["position"] for rank in world.client.get("/api/public/rankings?city=cali").json()] == [1]

    def test_a_tie_goes_to_whoever_had_the_votes_first(self, world: World) -> None:
        late, early, voter = world.player("Tarde Paz"), world.player("Pronto Paz"), world.player("Votante Uno")
        second, first = published(world, late), published(world, early)
        for video in (first, second):
            vote(world, voter, video)
        ranks = world.client.get("/api/public/rankings").json()
        assert [rank["username"] for rank in ranks] == ["pronto.paz", "tarde.paz"]

    def test_pages_by_link_give_each_once_in_order(self, world: World) -> None:
        for n in range(5):
            published(world, world.player(f"Jugador J{n}"))
        seen, path = [], "/api/public/rankings?limit=2"
        while path:
            answer = world.client.get(path)
            seen += [rank["position"] for rank in answer.json()]
            path = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
        assert seen == [1, 2, 3, 4, 5]

    @pytest.mark.parametrize("query", ["city=", "city=%00", "limit=0", "page=x", "cursor=xx"])
    def test_a_parameter_that_cannot_be_is_400(self, world: World, query: str) -> None:
        assert world.client.get(f"/api/public/rankings?{query}").status_code == 400


class TestSeason:
    def test_there_is_one_at_a_time(self, world: World) -> None:
        with pytest.raises(SeasonOpenAlready), world.uow() as uow:
            contest.open_season(uow, OPERATOR, "Otra")
        with world.uow() as uow:
            contest.close_season(uow, OPERATOR)
        with pytest.raises(SeasonClosed), world.uow() as uow:
            contest.close_season(uow, OPERATOR)

    def test_the_first_opens_by_itself_only_where_there_never_was_one(self, world: World) -> None:
        with world.uow() as uow:
            assert contest.open_first_season(uow, OPERATOR, "Otra") is None
            contest.close_season(uow, OPERATOR)
            assert contest.open_first_season(uow, OPERATOR, "Otra") is None
