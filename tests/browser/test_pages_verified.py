"""A stranger counts the votes of a season again in the browser, and finds what was tampered with."""

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Route, expect
from sqlalchemy import text

from anb.contest import service as contest
from anb.contest.domain import VoidReason
from support.browser import PHONE, Visitor, visiting
from support.closing import settled
from support.counting import seal
from support.jury import clips_for, judged, seated
from support.leaving import vote
from support.served import served
from support.site import Site
from support.worlds import World

pytestmark = pytest.mark.browser

RESULTS, LOG = "**/api/public/seasons/*/results.json*", "**/api/public/log/*/"
Tamper = Callable[[str], str]


@pytest.fixture
def site(world: World) -> Iterator[Site]:
    """A season that closed with two clips, a tie, a juror's scores, a void vote and one that was restored."""
    judged(world)
    clips = clips_for(world, 3)
    juror, fans = seated(world), [world.player(name) for name in ("Ana Paz", "Eva Gil", "Luz Mar")]
    for fan in fans:
        for clip in clips[:2]:
            assert vote(world, fan, clip) == 200
        seal(world)
    for clip in clips:
        juror.give(clip)
    with world.uow() as uow:
        cast = list(uow.execute(text("select id from votes order by id")).scalars())
        assert contest.void_votes_of(uow, cast[:2], VoidReason.FRAUD) == 2
    seal(world)
    with world.uow() as uow:
        assert contest.restore_votes_of(uow, cast[:1]) == 1
    seal(world)
    settled(world)
    with served(world) as running:
        yield running


def counted(visitor: Visitor) -> None:
    """Open the results, and count again."""
    visitor.go("/results")
    visitor.page.get_by_role("button", name="Volver a contar aquí").press("Enter")


def test_a_stranger_counts_again(browser: Browser, site: Site) -> None:
    with visiting(browser, site, size=PHONE) as visitor:
        counted(visitor)
        told = visitor.page.locator("[data-verify] [role=status]")
        expect(told).to_contain_text("Todo coincide. Se contaron de nuevo 6 votos")
        assert visitor.overflow() <= 0
        assert visitor.barriers() == []
        assert visitor.complaints == []


def _winner(body: str) -> str:
    whole = json.loads(body)
    whole["results"]["places"][0]["winner"] = False
    return json.dumps(whole)


def _name(body: str) -> str:
    whole = json.loads(body)
    whole["names"][0]["name"] = "Otra Persona"
    return json.dumps(whole)


@pytest.mark.parametrize(
    ("address", "tamper", "said"),
    [
        (RESULTS, _winner, "Una firma no es correcta."),
        (RESULTS, _name, "El nombre Otra Persona no es el que se firmó."),
        (f"{LOG}checkpoint", lambda body: body.replace("\n", "\nAAAA", 1), "Una firma no es correcta."),
        (f"{LOG}key", lambda body: body.replace("+", "+0", 1), "La clave del registro no es válida."),
    ],
    ids=["winner", "name", "checkpoint", "key"],
)
def test_it_finds_what_was_changed(browser: Browser, site: Site, address: str, tamper: Tamper, said: str) -> None:
    def changed(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=tamper(answer.text()))

    with visiting(browser, site, size=PHONE) as visitor:
        visitor.page.context.route(address, changed)
        counted(visitor)
        expect(visitor.page.locator("[data-verify] [role=status]")).to_contain_text(f"No coincide. {said}")


@pytest.mark.parametrize(
    ("place", "said"),
    [(-1, "Las entradas no son las que se firmaron."), (2, "no puede estar en un registro correcto.")],
    ids=["last-byte", "kind"],
)
def test_it_finds_a_changed_leaf(browser: Browser, site: Site, place: int, said: str) -> None:
    def changed(route: Route) -> None:
        answer = route.fetch()
        body = bytearray(answer.body())
        body[place] ^= 0x40
        route.fulfill(response=answer, body=bytes(body))

    with visiting(browser, site, size=PHONE) as visitor:
        visitor.page.context.route(f"{LOG}tile/**", changed)
        counted(visitor)
        expect(visitor.page.locator("[data-verify] [role=status]")).to_contain_text(said)
