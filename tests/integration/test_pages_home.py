"""The home page: orders of the clips, the reader's marks, the season's phase, and the way to watch on from a card."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from support.browser_client import browser_client, published
from support.worlds import World

CARD = re.compile(r'<article class="card">.*?</article>', re.DOTALL)


def cards(page: str) -> list[tuple[UUID, str]]:
    """Return the clip of each card, and its address."""
    found = [re.search(r'href="(/videos/([0-9a-f-]+)[^"]*)"', card) for card in CARD.findall(page)]
    return [(UUID(each[2]), each[1].replace("&amp;", "&")) for each in found if each]


def test_each_order_shows_every_clip_and_its_cards_lead_on_in_that_order(world: World) -> None:
    owner, fan = world.player("Ana Uno"), world.player("Bea Dos")
    clips = [published(world, owner, f"Clip {number}") for number in range(26)]
    with browser_client(world, fan) as visitor:
        visitor.post(f"/videos/{clips[3]}/vote")
        home = visitor.get("/").text
        assert [clip for clip, _ in cards(home)] == clips[:1:-1]
        orders = dict(re.findall(r'<a href="(/[^"]*)"[^>]*>(Nuevos|Más votados|Al azar)</a>', home))
        voted, shuffled = (address.replace("&amp;", "&") for address, word in orders.items() if word != "Nuevos")
        first = cards(visitor.get(voted).text)
        assert first[0] == (clips[3], f"/videos/{clips[3]}?order=votes")
        page = visitor.get(shuffled).text
        onward = re.search(r'rel="next" href="([^"]+)"', page)
        assert onward
        both = cards(page) + cards(visitor.get(onward[1].replace("&amp;", "&")).text)
        assert sorted(clip for clip, _ in both) == sorted(clips)
        assert all(address.endswith(shuffled.removeprefix("/")) for _, address in both)


def test_a_reader_sees_what_is_theirs_and_what_they_voted_for(world: World) -> None:
    fan, other = world.player("Ana Fan"), world.player("Bea Otra")
    own, voted, new = published(world, fan, "Mío"), published(world, other, "Votado"), published(world, other, "Nuevo")
    with browser_client(world, fan) as visitor:
        visitor.post(f"/videos/{voted}/vote")
        page = visitor.get("/").text
    marked = {clip: card for card in CARD.findall(page) for clip in (own, voted, new) if str(clip) in card}
    assert ["Tu clip" in marked[own], "Ya votaste" in marked[voted], "marked" in marked[new]] == [True, True, False]
    with browser_client(world) as visitor:
        assert "marked" not in visitor.get("/").text


@pytest.mark.parametrize(
    ("hours", "said"),
    [(0.9, "Queda 1 hora."), (47, "Quedan 47 horas."), (9 * 24, "Quedan 9 días.")],
    ids=["an hour", "two days", "nine days"],
)
def test_it_says_how_long_votes_are_open(world: World, hours: float, said: str) -> None:
    with world.uow() as uow:
        uow.execute(text("update seasons set closed_at = now() + :left"), {"left": timedelta(hours=hours)})
    with browser_client(world) as visitor:
        page = visitor.get("/").text
    assert "Vota hasta el " in page
    assert said in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("votes_open_at = now() + interval '2 days'", "Podrás votar desde el"),
        ("closed_at = now()", "Ahora no hay votaciones abiertas"),
    ],
    ids=["before", "after"],
)
def test_it_does_not_call_for_votes_before_they_open_and_after_the_close(world: World, change: str, said: str) -> None:
    published(world, world.player())
    with world.uow() as uow:
        uow.execute(text(f"update seasons set {change}"))  # noqa: S608 - one of the two texts above
    with browser_client(world) as visitor:
        page = visitor.get("/").text
    assert said in page
    assert "Clips abiertos a votos" not in page
