"""Signing up, in and out by a form: kept by a cookie, and sent only from our own pages."""

import re

import pytest

from support.browser_client import browser_client, form
from support.worlds import World


class TestEntrance:
    def test_signing_up_signs_in_and_leads_to_the_upload(self, world: World) -> None:
        with browser_client(world) as visitor:
            made = visitor.post("/signup", data=form())
            assert (made.status_code, made.headers["location"]) == (303, "/upload")
            assert visitor.get("/me").status_code == 200

    @pytest.mark.parametrize(
        ("place", "name", "age"),
        [
            (0, "__Host-anb", 30 * 24 * 3600),
            (1, "__Host-anb-known", 180 * 24 * 3600),
            (2, "__Host-anb-device", 365 * 24 * 3600),
        ],
    )
    def test_cookies_are_bound_to_this_host_and_out_of_reach_of_scripts(
        self, world: World, place: int, name: str, age: int
    ) -> None:
        with browser_client(world) as visitor:
            cookie = visitor.post("/signup", data=form()).headers.get_list("set-cookie")[place]
        assert cookie.startswith(f"{name}=")
        assert {part.strip() for part in cookie.split(";")[1:]} == {
            "HttpOnly", f"Max-Age={age}", "Path=/", "SameSite=lax", "Secure"}  # fmt: skip

    def test_without_tls_cookies_have_their_plain_names(self, world: World) -> None:
        with browser_client(world, scheme="http") as visitor:
            session, known, device = visitor.post("/signup", data=form()).headers.get_list("set-cookie")
        assert session.startswith("anb=")
        assert known.startswith("anb-known=")
        assert device.startswith("anb-device=")
        assert "Secure" not in session + known + device

    @pytest.mark.parametrize("path", ["/signup", "/login", "/logout"])
    def test_another_site_cannot_send_our_forms(self, world: World, path: str) -> None:
        with browser_client(world) as visitor:
            refused = visitor.post(path, data=form(), headers={"Sec-Fetch-Site": "cross-site"})
        assert refused.status_code == 403
        assert "set-cookie" not in refused.headers

    def test_a_form_keeps_what_was_typed_but_no_password(self, world: World) -> None:
        with browser_client(world) as visitor:
            page = visitor.post("/signup", data=form(email="no-es-un-correo", city=""))
        assert page.status_code == 400
        assert 'value="no-es-un-correo"' in page.text
        assert 'value="Lucía"' in page.text
        assert "balon-naranja-7" not in page.text
        assert re.search(r'id="error-city">Escríbelo para seguir\.<', page.text)

    def test_an_email_that_is_taken_is_told_beside_the_field(self, world: World) -> None:
        taken = world.player().email
        with browser_client(world) as visitor:
            page = visitor.post("/signup", data=form(email=taken))
        assert page.status_code == 400
        assert 'id="error-email">Ya existe una cuenta con este correo.<' in page.text

    def test_passwords_that_differ_are_told_beside_the_second(self, world: World) -> None:
        with browser_client(world) as visitor:
            page = visitor.post("/signup", data=form(password2="otra-cosa-9"))
        assert 'id="error-password2">Las contraseñas no coinciden.<' in page.text

    def test_wrong_credentials_are_refused_without_saying_which(self, world: World) -> None:
        email = world.player().email
        with browser_client(world) as visitor:
            page = visitor.post("/login", data={"email": email, "password": "otra"})
        assert page.status_code == 400
        assert "Correo o contraseña incorrectos." in page.text

    @pytest.mark.parametrize(("wish", "place"), [("/ranking", "/ranking"), ("//evil.example", "/"), ("", "/")])
    def test_signing_in_leads_back_but_only_within_the_site(self, world: World, wish: str, place: str) -> None:
        email = world.player().email
        with browser_client(world) as visitor:
            done = visitor.post("/login", data={"email": email, "password": "balon-naranja-7", "next": wish})
        assert (done.status_code, done.headers["location"]) == (303, place)

    def test_signing_out_forgets_the_session(self, world: World) -> None:
        with browser_client(world, world.player()) as player:
            assert player.get("/me").status_code == 200
            forgotten = player.post("/logout").headers["set-cookie"]
        assert forgotten.startswith('__Host-anb="";')
        assert "Max-Age=0" in forgotten

    def test_a_form_larger_than_anybody_types_is_refused(self, world: World) -> None:
        with browser_client(world) as visitor:
            assert visitor.post("/login", data={"email": "x" * 20_000}).status_code == 400
