"""The page of devices: where one is signed in, without a script, and the buttons that end it."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from anb.db.tables_sessions import sessions as rows
from support.browser_client import browser_client
from support.worlds import Player, World

PAGE = "/account/devices"
PHONE = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"


@pytest.fixture
def player(world: World) -> Player:
    return world.player()


def rename(world: World, session_id: UUID, device: str) -> None:
    with world.uow() as uow:
        uow.execute(update(rows).where(rows.c.id == session_id).values(device=device))


class TestPage:
    def test_each_device_is_named_as_people_do(self, world: World, player: Player) -> None:
        with browser_client(world) as phone:
            form = {"email": player.email, "password": "balon-naranja-7"}
            assert phone.post("/login", data=form, headers={"User-Agent": PHONE}).status_code == 303
            page = phone.get(PAGE).text
        assert "<bdi>Chrome en Android</bdi>" in page
        assert "Programa: Firefox" in page
        assert page.count("Este dispositivo") == 1
        assert page.index("Chrome en Android") < page.index("Este dispositivo") < page.index("Programa: Firefox")

    @pytest.mark.parametrize(
        ("device", "name"), [("", "Un navegador"), ("Opera", "Opera"), ("Safari/iPhone", "Safari en iPhone")]
    )
    def test_a_browser_of_which_little_is_known_is_shown_too(
        self, world: World, player: Player, device: str, name: str
    ) -> None:
        rename(world, world.open(player.id).id, device)
        with browser_client(world, player) as visitor:
            assert f"<bdi>{name}</bdi>" in visitor.get(PAGE).text

    def test_and_a_program_without_a_name(self, world: World, player: Player) -> None:
        with world.uow() as uow:
            uow.execute(update(rows).where(rows.c.kind == "program").values(device=""))
        with browser_client(world, player) as visitor:
            assert "<bdi>Un programa</bdi>" in visitor.get(PAGE).text

    @pytest.mark.parametrize(("language", "name"), [("en", "Firefox on Linux"), ("pt", "Firefox no Linux")])
    def test_in_every_language(self, world: World, player: Player, language: str, name: str) -> None:
        with browser_client(world, player) as visitor:
            assert name in visitor.get(PAGE, headers={"Accept-Language": language}).text

    def test_a_visitor_is_led_to_the_sign_in(self, world: World) -> None:
        with browser_client(world) as visitor:
            assert visitor.get(PAGE).headers["location"].startswith("/login")

    def test_the_account_leads_there(self, world: World, player: Player) -> None:
        with browser_client(world, player) as visitor:
            assert f'href="{PAGE}"' in visitor.get("/account").text


class TestButtons:
    def test_one_session_ends(self, world: World, player: Player) -> None:
        other = world.open(player.id)
        with browser_client(world, player) as visitor:
            done = visitor.post(PAGE, data={"which": str(other.id)})
            assert (done.status_code, done.headers["location"]) == (303, f"{PAGE}?done=one")
            page = visitor.get(done.headers["location"]).text
        assert "esa sesión está cerrada" in page
        assert str(other.id) not in page

    def test_all_others_end(self, world: World, player: Player) -> None:
        with browser_client(world, player) as visitor:
            done = visitor.post(PAGE, data={"which": "others"})
            page = visitor.get(done.headers["location"]).text
        assert "solo queda abierto este dispositivo" in page
        assert "Cerrar las demás sesiones" not in page
        assert world.client.get("/api/videos", headers=player.headers).status_code == 401

    @pytest.mark.parametrize("which", ["", "all", str(UUID(int=7))])
    def test_what_is_no_session_of_ones_own_is_404(self, world: World, player: Player, which: str) -> None:
        with browser_client(world, player) as visitor:
            assert visitor.post(PAGE, data={"which": which}).status_code == 404

    def test_another_site_ends_nothing(self, world: World, player: Player) -> None:
        with browser_client(world, player) as visitor:
            asked = visitor.post(PAGE, data={"which": "others"}, headers={"Sec-Fetch-Site": "cross-site"})
        assert asked.status_code == 403
        assert world.client.get("/api/videos", headers=player.headers).status_code == 200

    def test_after_a_while_the_password_is_asked_for_first(self, world: World, player: Player) -> None:
        with browser_client(world, player) as visitor:
            with world.uow() as uow:
                earlier = rows.c.authenticated_at - timedelta(minutes=16)
                uow.execute(update(rows).values(authenticated_at=earlier))
            asked = visitor.post(PAGE, data={"which": "others"})
        assert asked.headers["location"] == "/account/confirm-password?next=%2Faccount%2Fdevices"
        assert world.client.get("/api/videos", headers=player.headers).status_code == 200
