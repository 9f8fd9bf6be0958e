"""A player's public page, and the links that lead there."""

import re
from uuid import uuid4

from sqlalchemy import text

from support.browser_client import browser_client, published
from support.worlds import World


def test_ranking_and_clip_lead_to_a_player_with_votes_places_and_clips(world: World) -> None:
    ahead, player = world.player("Ana Cali", "Cali"), world.player("Bea Neiva", "Neiva")
    best, clip = published(world, ahead, "Tapón"), published(world, player, "Bandeja")
    for name in ("Carla Fan", "Dora Fan"):
        with browser_client(world, world.player(name)) as fan:
            fan.post(f"/videos/{best}/vote")
    with browser_client(world, world.player("Elsa Fan")) as fan:
        fan.post(f"/videos/{clip}/vote")
        address = f"/players/{player.id}"
        for path in ("/ranking", "/fragments/ranking", f"/videos/{clip}"):
            assert f'href="{address}"' in fan.get(path).text, path
        page = fan.get(address).text
    facts = dict(re.findall(r"<dt>([^<]+)</dt>\s*<dd>(\d+)", page))
    assert facts == {"Votos": "1", "Puesto en el país": "2", "Puesto en \u2068Neiva\u2069": "1", "Clips": "1"}
    assert "Bandeja" in page
    assert "Ya votaste" in page
    assert "Tapón" not in page


def test_a_player_without_votes_wears_no_place(world: World) -> None:
    player = world.player()
    published(world, player)
    with browser_client(world) as visitor:
        visitor.get("/ranking")  # counts
        page = visitor.get(f"/players/{player.id}")
    assert page.status_code == 200
    assert "Puesto en" not in page.text


def test_the_page_is_of_a_season_and_past_ones_stay_readable(world: World) -> None:
    player = world.player()
    clip = published(world, player, "Mi mejor triple")
    with browser_client(world) as visitor:
        visitor.get("/ranking")  # counts
    with world.uow() as uow:
        slug = uow.execute(text("select slug from seasons")).scalar_one()
    world.season()
    with browser_client(world) as visitor:
        address = f"/players/{player.id}?season={slug}"
        assert f'href="{address}"' in visitor.get(f"/videos/{clip}").text
        assert f'href="{address}"' in visitor.get(f"/ranking?season={slug}").text
        assert "Mi mejor triple" in visitor.get(address).text
        assert visitor.get(f"/players/{player.id}").status_code == 404
        assert visitor.get(f"/players/{uuid4()}").status_code == 404
