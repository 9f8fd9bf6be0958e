"""A juror's queue: an order of one's own, nothing that tells whose a clip is, and only clips that can be scored."""

from collections import Counter
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from anb.accounts.domain import Role
from anb.jury import service
from anb.jury.clip_names import clip_of, name_of
from anb.jury.domain import Juror, NoJury, queue_key
from anb.videos.domain import VideoNotFound
from support.browser_client import browser_client, published
from support.jury import JURY, SeatedJuror, clips_for, judged, season_of, seated
from support.leaving import withdraw
from support.worlds import World


@pytest.fixture
def juror(world: World) -> SeatedJuror:
    judged(world)
    return seated(world)


def juror_of(world: World, juror: SeatedJuror, place: int = 0) -> Juror:
    return Juror(season_of(world).id, juror.player.id, place, None)


class TestOrder:
    def test_it_is_stable_and_what_the_domain_says(self, world: World, juror: SeatedJuror) -> None:
        clips = clips_for(world, 6)
        first = juror.queue()["next"]["clip"]
        assert clip_of(world.ports, first) == clip_of(world.ports, juror.queue()["next"]["clip"])
        expected = sorted(clips, key=lambda one: queue_key(juror_of(world, juror), one))
        assert juror.whole_queue() == expected
        assert "next" not in juror.queue()

    def test_each_juror_has_a_place_and_with_it_another_beginning(self, world: World, juror: SeatedJuror) -> None:
        others = [juror, *(seated(world, f"Jurado {number}") for number in range(3))]
        for one in others:
            one.queue()
        answer = world.client.get(f"/api/admin/seasons/{season_of(world).slug}/jury/jurors", headers=organizer(world))
        assert [UUID(row["account_id"]) for row in answer.json()] == [one.player.id for one in others]
        starts = [juror_of(world, one, place).start for place, one in enumerate(others)]
        assert len(set(starts)) == len(starts)

    @pytest.mark.parametrize("jurors", [2, 3, 5, 8])
    def test_clips_get_scores_evenly_when_no_juror_finishes(self, jurors: int) -> None:
        season, clips = uuid4(), [uuid4() for _ in range(800)]
        counts = Counter(dict.fromkeys(clips, 0))
        for place in range(jurors):
            one = Juror(season, uuid4(), place, None)
            counts.update(sorted(clips, key=lambda clip, one=one: queue_key(one, clip))[:400])  # type: ignore[misc]
        assert max(counts.values()) - min(counts.values()) <= 2  # by chance alone it would be up to `jurors`

    def test_a_clip_left_for_later_comes_after_the_others(self, world: World, juror: SeatedJuror) -> None:
        clips = clips_for(world, 3)
        order = sorted(clips, key=lambda one: queue_key(juror_of(world, juror), one))
        seen, after = [], None
        for _ in range(4):
            address = "/api/jury" + (f"?after={after}" if after else "")
            after = juror.ask("GET", address).json()["next"]["clip"]
            seen.append(clip_of(world.ports, after))
        assert seen == [*order, order[0]]


class TestWhatIsInIt:
    def test_ones_own_hidden_and_withdrawn_clips_are_not(self, world: World, juror: SeatedJuror) -> None:
        own = published(world, juror.player)
        owner = world.player()
        gone, hidden, stays = (published(world, owner) for _ in range(3))
        assert withdraw(world, owner, gone)[0] == 200
        by = organizer(world)
        address = f"/api/admin/moderation/{hidden}"
        assert world.client.post(f"{address}/hide", json={"reason": "x"}, headers=by).status_code == 200
        assert (juror.queue()["scored"], juror.queue()["total"]) == (0, 1)
        for clip in (gone, hidden, uuid4()):
            assert juror.score(name_of(world.ports, clip)).json()["code"] == "video-not-found"
        assert juror.score(name_of(world.ports, own)).json()["code"] == "own-clip"
        assert juror.whole_queue() == [stays]
        assert world.client.post(f"{address}/approve", json={}, headers=by).status_code == 200
        assert juror.whole_queue() == [hidden]

    def test_without_a_jury_there_is_no_queue(self, world: World) -> None:
        juror = seated(world)
        clip = clips_for(world, 1)[0]
        assert juror.ask("GET", "/api/jury").json()["code"] == "no-jury"
        assert juror.score(name_of(world.ports, clip)).status_code == 404
        assert juror.ask("GET", f"/api/jury/clips/{name_of(world.ports, clip)}").status_code == 404
        organizers = f"/api/admin/seasons/{season_of(world).slug}/jury/clips"
        assert world.client.get(organizers, headers=organizer(world)).json() == []
        with pytest.raises(NoJury):
            service._rules(season_of(world))

    def test_a_jury_that_is_gone_meanwhile_takes_no_score(self, world: World) -> None:
        clip = clips_for(world, 1)[0]
        with world.uow() as uow:
            assert isinstance(service._refusal(uow, Juror(uuid4(), uuid4(), 0, None), clip), VideoNotFound)

    def test_scores_are_listed_page_by_page_the_latest_first(self, world: World, juror: SeatedJuror) -> None:
        clips_for(world, 3)
        order = juror.whole_queue()
        first = juror.ask("GET", "/api/jury/scores?limit=2")
        rest = juror.ask("GET", first.headers["link"].partition(">")[0].lstrip("<"))
        listed = [clip_of(world.ports, row["clip"]) for row in first.json() + rest.json()]
        assert listed == order[::-1]

    def test_who_loses_the_role_is_let_in_no_more(self, world: World, juror: SeatedJuror) -> None:
        clip = name_of(world.ports, clips_for(world, 1)[0])
        world.promoted(juror.player, Role.PLAYER)
        assert juror.ask("GET", "/api/jury").json()["code"] == "jurors-only"
        assert juror.score(clip).json()["code"] == "jurors-only"


class TestBlind:
    def test_nothing_tells_whose_a_clip_is(self, world: World, juror: SeatedJuror) -> None:
        owner = world.player("Leopoldina Zapata", "Zipaquirá")
        clip = published(world, owner, "El triple de Leopoldina")
        juror.player.world.client.post(f"/api/public/videos/{clip}/vote", headers=world.player("Ana Paz").headers)
        name = juror.queue()["next"]["clip"]
        answers = [juror.ask("GET", path) for path in ("/api/jury", f"/api/jury/clips/{name}")]
        juror.score(name)
        answers += [juror.ask("GET", "/api/jury/scores")]
        files = [juror.ask("GET", f"/api/jury/clips/{name}/{one}") for one in ("processed", "light", "poster")]
        with browser_client(world, juror.player) as browser:
            pages = [browser.get(path) for path in ("/jury", f"/jury/{name}", "/jury/scores")]
        for answer in [*answers, *files, *pages]:
            assert answer.status_code == 200
            said = f"{answer.text} {answer.headers.get('content-disposition')}".lower()
            for word in ("leopoldina", "zapata", "zipaquir", "triple", str(clip), clip.hex, str(owner.id)):
                assert word not in said, word
            assert '"votes"' not in said
            assert "data-votes" not in said

    def test_a_jury_that_is_not_blind_sees_it(self, world: World) -> None:
        judged(world, replace(JURY, blind=False))
        clip = published(world, world.player("Leopoldina Zapata", "Zipaquirá"), "El triple de Leopoldina")
        juror = seated(world)
        shown = juror.queue()["next"]
        assert (shown["title"], shown["city"], shown["votes"]) == ("El triple de Leopoldina", "Zipaquirá", 0)
        assert clip_of(world.ports, shown["clip"]) == clip

    def test_a_name_that_we_did_not_make_is_no_clip(self, world: World, juror: SeatedJuror) -> None:
        clip = clips_for(world, 1)[0]
        good = name_of(world.ports, clip)
        for name in (str(clip), "x", good[:-4] + "AAAA", good[:-1], "%00"):
            assert juror.ask("GET", f"/api/jury/clips/{name}").status_code == 404


def organizer(world: World) -> dict[str, str]:
    return world.organizer().headers
