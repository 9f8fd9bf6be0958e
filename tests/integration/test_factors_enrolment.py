"""Setting up and removing second factors on our pages, without a script."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from anb.accounts import service as accounts
from anb.accounts.domain import Role
from anb.factors import service as factors
from support.browser_client import browser_client
from support.factor_pages import HOME, enrol, entered, is_signed_in, password
from support.factors import enrolled
from support.worlds import Player, World


@pytest.fixture
def player(world: World) -> Player:
    world.clock.stop()
    return world.player()


@pytest.fixture
def secret(world: World, player: Player) -> str:
    made = enrolled(world, player.id)
    world.clock.ahead = timedelta(minutes=1)
    return made


@pytest.fixture
def browser(world: World) -> Iterator[TestClient]:
    with browser_client(world) as client:
        yield client


class TestEnrolment:
    def test_an_app_by_its_first_code_with_recovery_codes(
        self, world: World, browser: TestClient, player: Player
    ) -> None:
        secret, codes = enrol(world, entered(browser, player))
        assert len(codes) == 10
        with browser_client(world) as later:
            world.clock.ahead = timedelta(minutes=2)
            assert password(later, player).headers["location"].startswith("/login/second")
            assert later.post("/login/second", data={"code": codes[0]}).headers["location"] == "/"
            assert "Te quedan 9 códigos" in later.get(HOME).text
        assert secret not in browser.get(HOME).text
        assert browser.get(f"{HOME}/totp").headers["location"] == HOME

    def test_a_wrong_code_enrols_nothing(self, world: World, browser: TestClient, player: Player) -> None:
        entered(browser, player).post(f"{HOME}/totp")
        assert browser.post(f"{HOME}/totp/confirm", data={"code": "000000"}).status_code == 400
        with world.uow() as uow:
            assert not factors.has_factor(uow, player.id)

    def test_the_picture_is_in_the_page_and_the_policy_stays(self, browser: TestClient, player: Player) -> None:
        entered(browser, player).post(f"{HOME}/totp")
        page = browser.get(f"{HOME}/totp")
        assert "<svg" in page.text
        assert "style=" not in page.text
        assert "img-src 'self'" in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "private, no-store"

    def test_it_makes_the_session_strong(self, world: World, browser: TestClient, player: Player) -> None:
        world.change(second_factor_roles=frozenset({"organizer"}))
        with world.uow() as uow:
            accounts.give_role(uow, player.email, Role.ORGANIZER)
        entered(browser, player)
        assert browser.get("/api/admin/jobs").status_code == 403
        enrol(world, browser)
        assert browser.get("/api/admin/jobs").status_code == 200

    def test_new_recovery_codes_replace_the_old(self, world: World, browser: TestClient, player: Player) -> None:
        _, old = enrol(world, entered(browser, player))
        new = re.findall(r"<li><code>([a-z2-7-]+)</code></li>", browser.post(f"{HOME}/recovery").text)
        assert len(new) == 10
        assert not set(old) & set(new)

    def test_a_removed_app_asks_for_no_second_step(self, world: World, browser: TestClient, player: Player) -> None:
        enrol(world, entered(browser, player))
        assert browser.post(f"{HOME}/totp/remove").headers["location"] == f"{HOME}?done=removed"
        with browser_client(world) as later:
            password(later, player)
            assert is_signed_in(later)

    @pytest.mark.parametrize(("role", "named"), [(Role.JUROR, "juror"), (Role.ADMINISTRATOR, "organizer")])
    def test_who_needs_a_factor_for_a_role_keeps_the_last_one(
        self, world: World, browser: TestClient, player: Player, role: Role, named: str
    ) -> None:
        enrol(world, entered(browser, player))
        world.change(second_factor_roles=frozenset({named}))
        with world.uow() as uow:
            accounts.give_role(uow, player.email, role)
        with browser_client(world) as juror:
            world.clock.ahead = timedelta(minutes=2)
            secret_code = factors_code(world, player)
            password(juror, player)
            juror.post("/login/second", data={"code": secret_code})
            refused = juror.post(f"{HOME}/totp/remove")
            assert refused.status_code == 400
            assert "Tu rol pide un segundo paso" in refused.text
        with world.uow() as uow:
            assert factors.has_factor(uow, player.id)


def factors_code(world: World, player: Player) -> str:
    with world.uow() as uow:
        return factors.renew_recovery_codes(uow, player.id)[0]
