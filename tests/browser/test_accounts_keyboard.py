"""The pages of an account from the keyboard alone: each element can be reached, each form filled in and sent."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, expect

from support.browser import Visitor, visiting
from support.consenting import MARTA
from support.keyboard import tab_to, walk
from support.served import served
from support.worlds import World

pytestmark = pytest.mark.browser

WORD, OTHER = "balon-naranja-7", "cesta-de-tres-9"


class Step(NamedTuple):
    """A page, what is pressed or typed where, in the order of Tab, and what is then read."""

    path: str
    keys: dict[str, str]  # by selector; the last one sends the form
    read: str


STEPS = (
    Step("/account", {'main a[href="/account/profile"]': "Enter"}, "Tu perfil"),
    Step(
        "/account/profile",
        {"[name=public_name]": "El Rayo", "main .button >> nth=0": "Enter"},
        "Guardamos los cambios.",
    ),
    Step(
        "/account/consent",
        {
            "[name=birth_year]": "2012",
            "[name=agree]": "Space",
            "[name=guardian_name]": "Marta",
            "[name=guardian_email]": MARTA,
            "main .button": "Enter",
        },
        "Esperamos la respuesta de tu madre, padre o representante",
    ),
    Step("/account/mail", {"main [type=checkbox] >> nth=0": "Space", "main .button": "Enter"}, "Guardado"),
    Step("/account/export", {"main .button": "Enter"}, "preparando"),
    Step("/account/email", {"[name=email]": "nueva@example.com", "main .button": "Enter"}, "confirma el cambio"),
    Step("/account/devices", {"main .entries button >> nth=0": "Enter"}, "esa sesión está cerrada"),
    Step("/account/security", {"main .button >> nth=-1": "Enter"}, "Configura tu aplicación"),
    Step(
        "/account/password",
        {"[name=password]": WORD, "[name=password1]": OTHER, "[name=password2]": OTHER, "main .button": "Enter"},
        "Cambiaste tu contraseña",
    ),
    Step("/account/erase", {"main .button": "Enter"}, "Recibimos tu solicitud"),
)


@pytest.fixture
def signed_in(browser: Browser, world: World) -> Iterator[Visitor]:
    """A player with two devices, in a season that asks for consent."""
    world.season(asks_consent=True)
    player = world.player()
    world.open(player.id)
    secret = world.open(player.id).secret
    with served(world) as site, visiting(browser, site, reduced_motion="reduce") as visitor:
        visitor.enter(secret)
        yield visitor


def test_each_page_of_an_account_is_walked_and_sent(signed_in: Visitor) -> None:
    page = signed_in.page
    for step in STEPS:
        signed_in.go(step.path)
        walk(signed_in)
        signed_in.go(step.path)
        for selector, keys in step.keys.items():
            tab_to(signed_in, page.locator(selector))
            (page.keyboard.press if keys in {"Enter", "Space"} else page.keyboard.type)(keys)
        expect(page.locator("main")).to_contain_text(step.read)
    assert signed_in.complaints == []
