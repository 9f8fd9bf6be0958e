"""Watching clip after clip: the answer to a vote, the way to the next clip, a vote begun before signing in."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from anb.accounts.domain import Role
from anb.contest import service as contest
from anb.pages import ballots
from support.browser_client import browser_client, form, published
from support.worlds import OPERATOR, Player, World

VOTE_COOKIE = "__Host-anb-vote"


def onward(page: str) -> str:
    """Return the address that a clip's page offers next; "" without one."""
    link = re.search(r'class="\w+ onto" href="([^"]+)" rel="next"', page)
    return link[1].replace("&amp;", "&") if link else ""


def clip_of(address: str) -> UUID:
    return UUID(urlsplit(address).path.split("/")[2])


@contextmanager
def pressed(world: World, clip: UUID) -> Iterator[TestClient]:
    """Open the browser of a visitor who has pressed the vote for a clip."""
    with browser_client(world) as visitor:
        answer = visitor.post(f"/videos/{clip}/vote")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next=%2Fvideos%2F{clip}%2Fvote")
        yield visitor


def enter(world: World, visitor: TestClient, player: Player) -> None:
    """Sign a visitor's browser in."""
    visitor.cookies.set("__Host-anb", world.open(player.id).secret)


class TestAnswer:
    def test_the_answer_stands_in_the_buttons_place_with_the_servers_count_and_place(self, world: World) -> None:
        clip = published(world, world.player(city="Quibdó"))
        for name in ("Ana Uno", "Ana Dos"):
            with browser_client(world, world.player(name)) as fan:
                page = fan.get(fan.post(f"/videos/{clip}/vote").headers["location"]).text
        turn = page[page.index("data-turn") :]
        assert re.search(r'<p class="settled">.*?¡Adentro! Van 2 votos\.', turn, re.DOTALL)
        assert "data-vote>" not in page
        assert "Puesto 1 en \u2068Quibdó\u2069" in page
        with browser_client(world) as visitor:
            fragment = visitor.get(f"/fragments/videos/{clip}").text
        assert "¡Adentro! Van 2 votos." in fragment
        assert "Puesto 1 en \u2068Quibdó\u2069" in fragment

    def test_a_juror_is_told_that_the_vote_is_counted_apart_and_no_number_of_the_public(self, world: World) -> None:
        clip = published(world, world.player())
        with browser_client(world, world.promoted(world.player("Judith Justa"), Role.JUROR)) as juror:
            page = juror.get(juror.post(f"/videos/{clip}/vote").headers["location"]).text
        assert "Tu voto de jurado se cuenta aparte" in page
        assert "Van 0 votos" not in page

    def test_who_votes_no_player_is_shown_a_place_without_votes(self, world: World) -> None:
        clip = published(world, world.player(city="Quibdó"))
        with browser_client(world) as visitor:
            assert 'class="place"' not in visitor.get(f"/videos/{clip}").text


class TestOnward:
    @pytest.mark.parametrize(
        ("query", "count"),
        [
            pytest.param("", 5, marks=pytest.mark.slow),
            pytest.param("?order=votes", 5, marks=pytest.mark.slow),
            pytest.param("?order=shuffle&seed=x7", 5, marks=pytest.mark.slow),
            ("?order=shuffle", 5),
            ("?city=Cali", 3),
        ],
        ids=["newest", "votes", "shuffle", "shuffle without a seed", "city"],
    )
    def test_a_visitor_comes_through_the_whole_list_and_back_to_its_beginning(
        self, world: World, query: str, count: int
    ) -> None:
        owners = [world.player("Ana Cali", "Cali"), world.player("Bea Neiva", "Neiva")]
        clips = [published(world, owners[number % 2], f"Clip {number}") for number in range(5)]
        seen = []
        with browser_client(world) as visitor:
            address = f"/videos/{clips[0]}{query}"
            for _ in range(count):
                seen.append(clip_of(address))
                address = onward(visitor.get(address).text)
            assert clip_of(address) == seen[0]
        assert len(set(seen)) == count
        assert set(parse_qs(urlsplit(address).query)) <= {"order", "seed", "city"}

    def test_a_voter_is_led_past_own_and_voted_clips_and_to_the_very_next_one_at_last(self, world: World) -> None:
        fan, other = world.player("Ana Fan"), world.player("Bea Otra")
        last, own, middle, first = (published(world, each) for each in (other, fan, other, other))
        with browser_client(world, fan) as visitor:
            visitor.post(f"/videos/{middle}/vote")
            assert clip_of(onward(visitor.get(f"/videos/{first}").text)) == last
            visitor.post(f"/videos/{last}/vote")
            assert clip_of(onward(visitor.get(f"/videos/{first}").text)) == middle
            assert clip_of(onward(visitor.get(f"/videos/{own}").text)) == first

    def test_the_only_clip_leads_back_to_its_list(self, world: World) -> None:
        clip = published(world, world.player(city="Mocoa"))
        published(world, world.player(city="Neiva"))
        with browser_client(world) as visitor:
            page = visitor.get(f"/videos/{clip}?city=Mocoa").text
        assert onward(page) == ""
        assert 'href="/?city=Mocoa"' in page

    def test_a_vote_keeps_the_way(self, world: World) -> None:
        owner = world.player()
        clip, _ = published(world, owner), published(world, owner)
        with browser_client(world, world.player("Ana Fan")) as fan:
            page = fan.get(f"/videos/{clip}?order=votes&city=Bogotá").text
            action = re.search(r'action="([^"]+)" data-vote', page)
            assert action
            voted = fan.post(action[1].replace("&amp;", "&")).headers["location"]
            assert voted == f"/videos/{clip}?order=votes&city=Bogot%C3%A1&done=vote"
            assert onward(fan.get(voted).text).endswith("?order=votes&city=Bogot%C3%A1")


class TestVoteBegunBeforeSigningIn:
    def test_it_is_cast_once_after_signing_up(self, world: World) -> None:
        clip = published(world, world.player())
        with pressed(world, clip) as visitor:
            told = visitor.get(f"/login?next=%2Fvideos%2F{clip}%2Fvote").text
            assert "Apenas entres, contamos tu voto." in told
            entered = visitor.post("/signup", data=form(next=f"/videos/{clip}/vote"))
            assert entered.headers["location"] == f"/videos/{clip}/vote"
            cast = visitor.get(entered.headers["location"])
            assert (cast.status_code, cast.headers["location"]) == (303, f"/videos/{clip}?done=vote")
            assert VOTE_COOKIE not in visitor.cookies
            assert "¡Adentro! Va 1 voto." in visitor.get(cast.headers["location"]).text
            again = visitor.get(f"/videos/{clip}/vote")
            assert again.headers["location"] == f"/videos/{clip}"
            assert 'data-votes="1"' in visitor.get(f"/videos/{clip}").text

    def test_no_vote_is_cast_that_was_not_pressed_in_this_browser(self, world: World) -> None:
        owner = world.player()
        clip, other = published(world, owner), published(world, owner)
        with browser_client(world, world.player("Ana Fan")) as fan:
            led = fan.get(f"/videos/{clip}/vote", headers={"Sec-Fetch-Site": "cross-site"})
            assert led.headers["location"] == f"/videos/{clip}"
        with pressed(world, other) as visitor:
            enter(world, visitor, world.player("Bea Fan"))
            assert visitor.get(f"/videos/{clip}/vote").headers["location"] == f"/videos/{clip}"
            assert visitor.head(f"/videos/{other}/vote").headers["location"] == f"/videos/{other}"
            assert 'data-votes="0"' in visitor.get(f"/videos/{other}").text

    def test_another_site_cannot_press(self, world: World) -> None:
        clip = published(world, world.player())
        with browser_client(world) as visitor:
            sent = visitor.post(f"/videos/{clip}/vote", headers={"Sec-Fetch-Site": "cross-site"})
        assert sent.status_code == 403
        assert "set-cookie" not in sent.headers

    @pytest.mark.parametrize("kept", ["", "x.y", "123456789012.y", "{now}.", "{old}.{signature}"])
    def test_what_the_browser_keeps_is_ours_and_recent(self, world: World, kept: str) -> None:
        clip = published(world, world.player())
        now = int(world.ports.clock.now().timestamp())
        old = now - ballots.BEGUN_SECONDS - 1
        signature = world.ports.tokens.sign(f"begun-vote:{clip}:{old}")
        with browser_client(world, world.player("Ana Fan")) as fan:
            cookie = f"{VOTE_COOKIE}={kept.format(now=now, old=old, signature=signature)}"
            session = "; ".join(f"{name}={value}" for name, value in fan.cookies.items())
            led = fan.get(f"/videos/{clip}/vote", headers={"Cookie": f"{session}; {cookie}"})
        assert led.headers["location"] == f"/videos/{clip}"

    def test_a_refusal_is_told_and_ends_it(self, world: World) -> None:
        owner = world.player()
        clip = published(world, owner)
        with pressed(world, clip) as visitor:
            enter(world, visitor, owner)
            refused = visitor.get(f"/videos/{clip}/vote")
            assert refused.status_code == 400
            assert "No puedes votar por tu propio video" in refused.text
            assert VOTE_COOKIE not in visitor.cookies

    def test_a_season_that_closed_meanwhile_takes_none(self, world: World) -> None:
        clip = published(world, world.player())
        with pressed(world, clip) as visitor:
            with world.uow() as uow:
                contest.close_season(uow, OPERATOR)
            enter(world, visitor, world.player("Ana Fan"))
            assert visitor.get(f"/videos/{clip}/vote").status_code == 400

    def test_a_clip_that_does_not_exist_takes_none(self, world: World) -> None:
        with browser_client(world) as visitor:
            answer = visitor.post(f"/videos/{uuid4()}/vote")
        assert answer.status_code == 404
        assert "set-cookie" not in answer.headers


class TestSharing:
    def test_a_shared_clip_shows_its_poster_name_and_city(self, world: World) -> None:
        clip = published(world, world.player("Lucía Ríos", "Quibdó"), 'Un "triple" & más')
        with browser_client(world) as visitor:
            page = visitor.get(f"/videos/{clip}").text
        here = f"https://testserver/videos/{clip}"
        assert f'<link rel="canonical" href="{here}">' in page
        for name, content in {
            "og:url": here,
            "og:title": "Un &#34;triple&#34; &amp; más",
            "og:description": "Una jugada de \u2068Lucía Ríos\u2069, \u2068Quibdó\u2069. Mírala y vota.",
            "og:image": f"https://testserver/api/videos/{clip}/poster",
            "og:video": f"https://testserver/api/videos/{clip}/processed",
        }.items():
            assert f'<meta property="{name}" content="{content}">' in page, name
        assert 'itemtype="https://schema.org/VideoObject"' in page
        assert re.search(r'itemprop="duration" content="PT\d+S"', page)
        assert re.search(r'itemprop="uploadDate" content="\d{4}-\d\d-\d\dT[^"]+"', page)

    def test_the_owner_alone_gets_the_code_of_the_address(self, world: World) -> None:
        owner = world.player()
        clip = published(world, owner)
        code = 'aria-label="Código QR de'
        with browser_client(world, owner) as browser:
            mine = browser.get(f"/videos/{clip}").text
        assert code in mine
        assert "<svg" in mine.partition(code)[2].partition("</div>")[0]
        with browser_client(world) as visitor:
            assert code not in visitor.get(f"/videos/{clip}").text
