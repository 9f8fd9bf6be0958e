"""Second factors on our pages, without a script: enrolling, the second step, and ways around it that are closed."""

from collections.abc import Iterator
from datetime import timedelta

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient

from anb.factors import service as factors
from support.authenticator import Authenticator
from support.browser_client import browser_client
from support.factor_pages import HOME, PASSWORD, entered, is_signed_in, password
from support.factors import age_ceremonies, code_at, enrolled
from support.inbox import inbox
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


class TestSecondStep:
    def test_a_code_after_the_password_signs_in(
        self, world: World, browser: TestClient, player: Player, secret: str
    ) -> None:
        first = password(browser, player, next="/upload")
        assert first.headers["location"] == "/login/second?next=%2Fupload"
        assert "__Host-anb-step" in first.cookies
        assert "__Host-anb" not in first.cookies
        asked = browser.get("/login/second?next=/upload")
        assert 'name="code"' in asked.text
        assert asked.headers["cache-control"] == "private, no-store"
        second = browser.post("/login/second", data={"code": code_at(world, secret), "next": "/upload"})
        assert (second.status_code, second.headers["location"]) == (303, "/upload")
        assert is_signed_in(browser)

    def test_the_password_alone_does_not(self, browser: TestClient, player: Player, secret: str) -> None:  # noqa: ARG002
        password(browser, player)
        for path in ("/me", "/upload", HOME, "/account"):
            assert browser.get(path).headers["location"].startswith("/login?"), path
        assert browser.get("/api/videos").status_code == 401

    def test_the_step_s_cookie_opens_no_session(self, browser: TestClient, player: Player, secret: str) -> None:  # noqa: ARG002
        token = password(browser, player).cookies["__Host-anb-step"]
        browser.cookies.set("__Host-anb", token)
        assert browser.get("/api/videos").status_code == 401
        assert browser.get("/api/videos", headers={"Authorization": f"Bearer {token}"}).status_code == 401

    def test_another_browser_cannot_finish_it(
        self, world: World, browser: TestClient, player: Player, secret: str
    ) -> None:
        password(browser, player)
        with browser_client(world) as other:
            refused = other.post("/login/second", data={"code": code_at(world, secret)})
            assert refused.headers["location"].startswith("/login?done=sign-in-over")
            assert not is_signed_in(other)
        assert browser.post("/login/second", data={"code": code_at(world, secret)}).headers["location"] == "/"

    def test_a_wrong_code_is_told_and_the_fifth_ends_it(
        self, world: World, browser: TestClient, player: Player, secret: str
    ) -> None:
        world.change(rate_code="", rate_code_account="")
        password(browser, player)
        for _ in range(5):
            refused = browser.post("/login/second", data={"code": "000000"})
            assert refused.status_code == 400
            assert "El código no es correcto" in refused.text
        over = browser.post("/login/second", data={"code": code_at(world, secret)})
        assert over.headers["location"].startswith("/login?done=sign-in-over")
        assert "Este intento ya terminó" in browser.get(over.headers["location"]).text
        assert not is_signed_in(browser)

    def test_after_five_minutes_the_password_is_asked_again(
        self, world: World, browser: TestClient, player: Player, secret: str
    ) -> None:
        password(browser, player)
        age_ceremonies(world, minutes=6)
        assert browser.get("/login/second").headers["location"].startswith("/login?")
        refused = browser.post("/login/second", data={"code": code_at(world, secret)})
        assert refused.headers["location"].startswith("/login?")

    def test_a_finished_step_finishes_nothing_again(
        self, world: World, browser: TestClient, player: Player, secret: str
    ) -> None:
        token = password(browser, player).cookies["__Host-anb-step"]
        browser.post("/login/second", data={"code": code_at(world, secret)})
        with browser_client(world) as thief:
            thief.cookies.set("__Host-anb-step", token)
            thief.post("/login/second", data={"code": code_at(world, secret, steps=1)})
            assert not is_signed_in(thief)

    def test_another_site_cannot_send_the_form(self, world: World, browser: TestClient, secret: str) -> None:  # noqa: ARG002
        for path in ("/login/second", "/login/passkey", "/login/passkey/options", f"{HOME}/totp", "/account/factor"):
            assert browser.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403, path


class TestWeakSessions:
    def test_a_session_without_the_factor_changes_none(self, world: World, player: Player, secret: str) -> None:
        weak = world.client.post("/api/auth/login", json={"email": player.email, "password": PASSWORD}).json()
        headers = {"Authorization": f"Bearer {weak['access_token']}", "Sec-Fetch-Site": "same-origin"}
        for path in ("totp/remove", "recovery", "passkeys/options", "totp", f"passkeys/{player.id}/remove"):
            refused = world.client.post(f"{HOME}/{path}", headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (403, "second-factor-needed"), path
        assert secret

    def test_it_is_sent_to_a_page_that_takes_a_code(self, world: World, browser: TestClient, player: Player) -> None:
        entered(browser, player)
        secret = enrolled(world, player.id)  # in another browser
        world.clock.ahead = timedelta(minutes=1)
        assert browser.get(HOME).headers["location"] == "/account/factor?next=%2Faccount%2Fsecurity"
        assert browser.post("/account/factor", data={"code": "000000"}).status_code == 400
        raised = browser.post("/account/factor", data={"code": code_at(world, secret), "next": HOME})
        assert raised.headers["location"] == HOME
        assert browser.get(HOME).status_code == 200

    def test_without_any_factor_it_is_told_where_to_set_one_up(self, browser: TestClient, player: Player) -> None:
        page = entered(browser, player).get("/account/factor")
        assert f'href="{HOME}"' in page.text

    def test_after_a_while_the_password_is_asked_again(self, world: World, browser: TestClient, player: Player) -> None:
        entered(browser, player)
        world.clock.ahead = timedelta(minutes=16)
        assert browser.get(HOME).headers["location"].startswith("/account/confirm-password?next=")


class TestPasskeys:
    def register(self, browser: TestClient, device: Authenticator) -> httpx.Response:
        options = browser.post(f"{HOME}/passkeys/options")
        assert options.status_code == 200, options.text
        return browser.post(f"{HOME}/passkeys", data={"answer": device.register(options.text), "name": "Mi celular"})

    def test_one_signs_in_alone_and_strongly(self, world: World, browser: TestClient, player: Player) -> None:
        device = Authenticator()
        assert "recuperación" in self.register(entered(browser, player), device).text
        assert "Mi celular" in browser.get(HOME).text
        with browser_client(world) as later:
            assert password(later, player).headers["location"].startswith("/login/second")
            options = later.post("/login/passkey/options")
            done = later.post("/login/passkey", data={"answer": device.sign(options.text), "next": "/upload"})
            assert done.headers["location"] == "/upload"
            assert is_signed_in(later)
            assert later.get(HOME).status_code == 200

    def test_an_organizer_is_told_of_a_sign_in_on_another_device(self, world: World, browser: TestClient) -> None:
        organizer, device = world.organizer(), Authenticator()
        self.register(entered(browser, organizer), device)
        before = len(inbox(world, organizer.email))
        with browser_client(world) as elsewhere:
            elsewhere.headers["User-Agent"] = "Mozilla/5.0 (Windows NT 10.0; rv:143.0) Gecko/20100101 Firefox/143.0"
            answer = device.sign(elsewhere.post("/login/passkey/options").text)
            elsewhere.post("/login/passkey", data={"answer": answer})
            assert is_signed_in(elsewhere)
        assert [mail.kind for mail in inbox(world, organizer.email)[before:]] == ["new_device"]

    def test_an_answer_is_not_good_in_another_browser(self, world: World, browser: TestClient, player: Player) -> None:
        device = Authenticator()
        self.register(entered(browser, player), device)
        with browser_client(world) as victim, browser_client(world) as thief:
            answer = device.sign(victim.post("/login/passkey/options").text)
            thief.post("/login/passkey/options")
            refused = thief.post("/login/passkey", data={"answer": answer})
            assert refused.headers["location"].startswith("/login?done=passkey-refused")
            assert not is_signed_in(thief)

    def test_a_removed_one_is_refused(self, world: World, browser: TestClient, player: Player) -> None:
        device = Authenticator()
        self.register(entered(browser, player), device)
        with world.uow() as uow:
            known = factors.factors_of(uow, player.id).passkeys[0].id
        assert browser.post(f"{HOME}/passkeys/{known}/name", data={"name": "Otro"}).status_code == 303
        assert "Otro" in browser.get(HOME).text
        for _ in range(2):  # the second is a second click
            assert browser.post(f"{HOME}/passkeys/{known}/remove").headers["location"] == f"{HOME}?done=removed"
        options = browser.post("/login/passkey/options")
        refused = browser.post("/login/passkey", data={"answer": device.sign(options.text)})
        assert "No reconocemos esta passkey" in browser.get(refused.headers["location"]).text

    def test_a_wrong_answer_registers_nothing(self, browser: TestClient, player: Player) -> None:
        entered(browser, player).post(f"{HOME}/passkeys/options")
        assert browser.post(f"{HOME}/passkeys", data={"answer": "{}"}).status_code == 400

    def test_where_they_do_not_work_they_are_not_offered(self, world: World, player: Player) -> None:
        world.change(public_url="https://anb.example/")
        with browser_client(world) as browser:
            assert "data-passkey" not in browser.get("/login").text
            assert browser.post("/login/passkey/options").status_code == 400
            entered(browser, player)
            assert "Las passkeys solo funcionan" in browser.get(HOME).text
