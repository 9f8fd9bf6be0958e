"""Lists of public clips: the orders, the search, and what changes them."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from anb.accounts.domain import fold
from anb.contest import list_store, periodic
from anb.contest import service as contest
from anb.contest.listing import Shuffle
from support import crowd_of_clips
from support.browser_client import published
from support.leaving import erase
from support.worlds import World

PATH = "/api/public/videos"


def titles(world: World, query: str) -> list[str]:
    answer = world.client.get(f"{PATH}?{query}")
    assert answer.status_code == 200, answer.text
    return [clip["title"] for clip in answer.json()]


def walk(world: World, path: str) -> list[str]:
    """Follow a list's links; return the ids of its clips."""
    seen: list[str] = []
    while path:
        answer = world.client.get(path)
        assert answer.status_code == 200, answer.text
        seen += [clip["video_id"] for clip in answer.json()]
        path = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
    return seen


def everything(world: World) -> list[str]:
    with world.uow() as uow:
        return [
            str(each) for each in uow.execute(text("select id from videos where published_at is not null")).scalars()
        ]


class TestSearch:
    @pytest.mark.parametrize("typed", ["mate", "MATÉ", "espalda mat", "josé", "jose munoz", "Muñ mate", "mate, ¡José!"])
    def test_words_of_title_and_player_are_found_by_their_beginning(self, world: World, typed: str) -> None:
        published(world, world.player("José Muñoz"), "Mate de espaldas")
        published(world, world.player("Ana Paz"), "Triple")
        assert titles(world, f"q={typed}") == ["Mate de espaldas"]

    @pytest.mark.parametrize("typed", ["spaldas", "mate triple", "mate' | 'triple", "mate:* & !x", "muñozz"])
    def test_each_word_must_be_there(self, world: World, typed: str) -> None:
        published(world, world.player("José Muñoz"), "Mate de espaldas")
        published(world, world.player("Ana Paz"), "Triple")
        assert world.client.get(PATH, params={"q": typed}).json() == []

    def test_a_city_and_words_together(self, world: World) -> None:
        published(world, world.player("Ana Paz", "Cali"), "Mate uno")
        published(world, world.player("Eva Paz", "Bogotá"), "Mate dos")
        assert titles(world, "q=mate&city=cali") == ["Mate uno"]

    def test_a_past_season_is_searched_by_its_slug(self, world: World) -> None:
        published(world, world.player("Ana Paz"), "Mate")
        world.season()
        assert titles(world, "q=mate") == []
        assert titles(world, "q=mate&season=temporada-de-prueba") == ["Mate"]

    def test_whose_public_name_is_another_is_not_found_by_the_real_one(self, world: World) -> None:
        player = world.player("Josefina Muñoz")
        published(world, player, "Mate")
        with world.uow() as uow:
            before = contest.version(uow)
        rename(world, player.id, "Rayo")
        assert titles(world, "q=josefina") == []
        assert titles(world, "q=rayo") == ["Mate"]
        with world.uow() as uow:
            assert contest.version(uow) != before

    def test_who_was_erased_is_not_found(self, world: World) -> None:
        player = world.player("Josefina Muñoz")
        published(world, player, "Mate")
        erase(world, player)
        assert titles(world, "q=josefina") == titles(world, "q=mate") == []

    def test_a_hidden_clip_is_not_found_and_a_restored_one_is(self, world: World) -> None:
        clip = published(world, world.player(), "Mate")
        show(world, clip, public=False)
        assert titles(world, "q=mate") == []
        show(world, clip, public=True)
        assert titles(world, "q=mate") == ["Mate"]

    @pytest.mark.parametrize("typed", ["muy rara", "jugada"])
    def test_pages_of_rare_and_of_common_words_give_each_once_newest_first(
        self, world: World, monkeypatch: pytest.MonkeyPatch, typed: str
    ) -> None:
        monkeypatch.setattr(list_store, "WALK", 40)
        crowd_of_clips.fill(world, 10, 30)
        with world.uow() as uow:
            uow.execute(text("update videos set title = 'Jugada muy rara' where md5(id::text) < '10'"))
            find = text("select id from videos where title like :like order by published_at desc, id desc")
            wanted = [str(each) for each in uow.execute(find, {"like": f"%{typed[1:]}%"}).scalars()]
        assert walk(world, f"{PATH}?limit=7&q={typed}") == wanted
        assert [clip["video_id"] for clip in world.client.get(f"{PATH}?limit=5&page=2&q={typed}").json()] == wanted[
            5:10
        ]

    def test_it_says_no_length(self, world: World) -> None:
        assert "x-total-count" not in world.client.get(f"{PATH}?q=mate").headers

    @settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(said=st.text(st.characters(max_codepoint=0x24F, exclude_categories=["Cs", "Cc"]), max_size=30))
    def test_the_database_folds_words_as_python_does(self, world: World, said: str) -> None:
        with world.database.reading() as uow:
            found = uow.execute(text("select folded_words(:said)"), {"said": said}).scalar_one()
        assert set(found) == set(split(fold(said)))


def split(folded: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in folded).split()


class TestShuffle:
    @pytest.mark.parametrize(("players", "each", "limit"), [(12, 1, 5), (40, 10, 100), (20, 30, 33)])
    def test_every_page_of_one_seed_together_shows_each_clip_once(
        self, world: World, players: int, each: int, limit: int
    ) -> None:
        crowd_of_clips.fill(world, players, each)
        seen = walk(world, f"{PATH}?order=shuffle&seed=uno&limit={limit}")
        assert Counter(seen) == Counter(everything(world))
        assert seen == walk(world, f"{PATH}?order=shuffle&seed=uno&limit=100")
        assert seen != walk(world, f"{PATH}?order=shuffle&seed=dos&limit=100")

    def test_of_a_city_too(self, world: World) -> None:
        crowd_of_clips.fill(world, 50, 10, cities=2)
        seen = walk(world, f"{PATH}?order=shuffle&seed=x&limit=30&city=ciudad 1")
        assert len(seen) == len(set(seen)) == 250

    def test_clips_that_come_meanwhile_move_no_other(self, world: World) -> None:
        crowd_of_clips.fill(world, 20, 10)
        before = everything(world)
        first = world.client.get(f"{PATH}?order=shuffle&seed=x&limit=50")
        for number in range(3):
            published(world, world.player(f"Nueva N{number}"))
        rest = walk(world, first.headers["link"].partition(">")[0].removeprefix("<"))
        seen = [clip["video_id"] for clip in first.json()] + rest
        assert len(seen) == len(set(seen))
        assert set(before) <= set(seen)

    @given(clips=st.integers(0, 300_000), seed=st.text(max_size=8))
    def test_the_blocks_of_a_seed_are_all_draws_each_once(self, clips: int, seed: str) -> None:
        shuffle = Shuffle.of(seed, clips)
        assert clips < 256 or 128 <= clips / shuffle.blocks < 256
        blocks = sorted(shuffle.block(step) for step in range(shuffle.blocks))
        assert [low for low, _ in blocks] == [0, *(high for _, high in blocks[:-1])]
        assert blocks[-1][1] == 1 << 24


class TestWrongQuestions:
    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("order=oldest", "invalid-field"),
            ("order=shuffle", "invalid-list"),
            ("order=shuffle&seed=a b", "invalid-field"),
            ("order=shuffle&seed=a&q=mate", "invalid-list"),
            ("order=shuffle&seed=a&page=2", "invalid-page"),
            ("order=shuffle&seed=a&cursor=WzEsMl0", "invalid-page"),
            ("q=¡!", "invalid-list"),
            ("q=" + "x" * 101, "invalid-field"),
        ],
    )
    def test_are_400(self, world: World, query: str, code: str) -> None:
        answer = world.client.get(f"{PATH}?{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, code)


class TestSuggestions:
    def test_players_come_first_and_then_titles(self, world: World) -> None:
        for title in ("Mate", "Marcas", "Triple"):
            published(world, world.player(f"María {title}"), title)
        answer = world.client.get("/api/public/suggestions?q=ma")
        assert answer.json() == [
            {"kind": "player", "text": f"María {name}"} for name in ("Triple", "Marcas", "Mate")
        ] + [{"kind": "title", "text": title} for title in ("Marcas", "Mate")]

    def test_of_a_name_that_many_clips_have_once(self, world: World) -> None:
        player = world.player("María Paz")
        for _ in range(3):
            published(world, player, "Triple")
        assert world.client.get("/api/public/suggestions?q=mar").json() == [{"kind": "player", "text": "María Paz"}]


class TestKept:
    """What triggers keep, and what is put right later."""

    def test_a_name_that_changed_while_the_clip_became_public_is_put_right_within_a_minute(self, world: World) -> None:
        player = world.player("Josefina Muñoz")
        clip = published(world, player, "Mate")
        show(world, clip, public=False)
        with world.uow() as opening:
            opening.execute(text("update videos set published_at = now() where id = :id"), {"id": clip})
            rename(world, player.id, "Rayo")  # sees no clip
        assert titles(world, "q=josefina") == ["Mate"]
        periodic.work(world.database)
        assert titles(world, "q=josefina") == []
        assert titles(world, "q=rayo") == ["Mate"]

    def test_who_moves_takes_the_clips_of_the_open_season_along(self, world: World) -> None:
        player = world.player("Ana Paz", "Cali")
        published(world, player, "Antes")
        world.season()
        published(world, player, "Ahora")
        move(world, player.id, "Bogotá")
        assert titles(world, "city=bogota") == ["Ahora"]
        assert titles(world, "city=cali") == []
        assert titles(world, "city=cali&season=temporada-de-prueba") == ["Antes"]

    def test_two_readers_at_once_see_the_same(self, world: World) -> None:
        crowd_of_clips.fill(world, 30)
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: world.client.get(f"{PATH}?order=shuffle&seed=x").content, range(8)))
        assert len(set(answers)) == 1


def rename(world: World, account_id: UUID, name: str) -> None:
    with world.uow() as uow:
        uow.execute(text("update users set public_name = :name where id = :id"), {"name": name, "id": account_id})


def move(world: World, account_id: UUID, city: str) -> None:
    with world.uow() as uow:
        uow.execute(
            text("update users set city = :city, city_key = :key where id = :id"),
            {"city": city, "key": fold(city), "id": account_id},
        )


def show(world: World, clip: UUID, *, public: bool) -> None:
    with world.uow() as uow:
        change = "update videos set published_at = case when :public then now() end where id = :id"
        uow.execute(text(change), {"id": clip, "public": public})
