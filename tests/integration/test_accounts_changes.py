"""Changing one's password, and giving it again for what matters, by our pages."""

import pytest
from sqlalchemy import text

from anb.accounts import changes
from anb.accounts.domain import WrongPassword
from support.browser_client import browser_client
from support.inbox import inbox
from support.worlds import World

OLD, NEW = "balon-naranja-7", "otra-cosa-9"
WORDS = {"password": OLD, "password1": NEW, "password2": NEW}


def sign_in(world: World, email: str, password: str) -> int:
    return world.client.post("/api/auth/login", json={"email": email, "password": password}).status_code


def age_sessions(world: World) -> None:
    """Let an hour pass since the password was given."""
    with world.uow() as uow:
        uow.execute(text("update sessions set authenticated_at = now() - interval '1 hour'"))


class TestPassword:
    def test_it_changes_and_other_devices_are_signed_out(self, world: World) -> None:
        player = world.player()
        with browser_client(world, player) as here, browser_client(world, player) as there:
            done = here.post("/account/password", data=WORDS)
            assert (done.status_code, done.headers["location"]) == (303, "/account?done=password")
            assert "Cambiaste tu contraseña." in here.get("/account?done=password").text
            assert there.get("/account").status_code == 303
        assert [sign_in(world, player.email, word) for word in (OLD, NEW)] == [401, 200]
        assert inbox(world, player.email)[-1].kind == "password_changed"

    @pytest.mark.parametrize(
        ("wrong", "field", "text"),
        [
            ({"password": "x"}, "password", "Esa no es tu contraseña."),
            ({"password": ""}, "password", "Escríbelo para seguir."),
            ({"password1": "corta"}, "password1", "Demasiado corto: mínimo 8."),
            ({"password2": "otra"}, "password2", "Las contraseñas no coinciden."),
            (
                {"password1": "lucía ríos", "password2": "lucía ríos"},
                "password1",
                "No puede ser tu nombre ni tu correo.",
            ),
        ],
    )
    def test_mistakes_are_told_beside_their_fields(
        self, world: World, wrong: dict[str, str], field: str, text: str
    ) -> None:
        player = world.player("Lucía Ríos")
        with browser_client(world, player) as browser:
            page = browser.post("/account/password", data=WORDS | wrong)
            assert page.status_code == 400
            assert f'id="error-{field}">{text}<' in page.text
            assert NEW not in page.text
        assert sign_in(world, player.email, OLD) == 200

    def test_a_form_of_unicode_is_the_same_password(self, world: World) -> None:
        player = world.player()
        with browser_client(world, player) as browser:
            words = {"password": OLD, "password1": "balo\u0301n-azul", "password2": "bal\u00f3n-azul"}
            assert browser.post("/account/password", data=words).status_code == 303
        assert sign_in(world, player.email, "bal\u00f3n-azul") == 200

    def test_guesses_at_the_old_one_are_limited(self, world: World) -> None:
        world.change(rate_exempt_networks="", rate_password="2/hour")
        with browser_client(world, world.player()) as browser:
            answers = [browser.post("/account/password", data=WORDS | {"password": "x"}) for _ in range(3)]
        assert [page.status_code for page in answers] == [400, 400, 429]

    def test_managers_of_passwords_are_told_which_is_which(self, world: World) -> None:
        player = world.player()
        with browser_client(world, player) as browser:
            page = browser.get("/account/password").text
        assert f'autocomplete="username" value="{player.email}"' in page
        assert page.count('autocomplete="current-password"') == 1
        assert page.count('autocomplete="new-password"') == 2


class TestPasswordAgain:
    def test_it_leads_back_to_where_one_was(self, world: World) -> None:
        with browser_client(world, world.player()) as browser:
            age_sessions(world)
            asked = browser.get("/account/email")
            assert (asked.status_code, asked.headers["location"]) == (
                303, "/account/confirm-password?next=%2Faccount%2Femail")  # fmt: skip
            assert 'name="next" value="/account/email"' in browser.get(asked.headers["location"]).text
            wrong = browser.post("/account/confirm-password", data={"password": "x", "next": "/account/email"})
            assert (wrong.status_code, 'value="/account/email"' in wrong.text) == (400, True)
            assert browser.get("/account/email").status_code == 303
            done = browser.post("/account/confirm-password", data={"password": OLD, "next": "/account/email"})
            assert (done.status_code, done.headers["location"]) == (303, "/account/email")
            assert browser.get("/account/email").status_code == 200

    def test_it_leads_nowhere_else(self, world: World) -> None:
        with browser_client(world, world.player()) as browser:
            done = browser.post("/account/confirm-password", data={"password": OLD, "next": "//evil.example"})
        assert done.headers["location"] == "/account"

    def test_a_token_of_before_there_were_sessions_has_none_to_mark(self, world: World) -> None:
        changes.authenticate_again(world.database, world.ports, world.player().id, None, OLD)
        with pytest.raises(WrongPassword):
            changes.authenticate_again(world.database, world.ports, world.player("Eva Dos").id, None, NEW)
