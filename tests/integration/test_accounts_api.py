"""Signing up and signing in, as clients of the contract use them."""

from datetime import timedelta

import jwt
import pytest

from anb.accounts import service as accounts
from anb.accounts.domain import AccountNotFound, Role
from support.worlds import World

FORM = {
    "first_name": "Lucía",
    "last_name": "Ríos",
    "email": "Lucia@Example.com",
    "password1": "balon-naranja-7",
    "password2": "balon-naranja-7",
    "city": "Bogotá",
    "country": "Colombia",
}


class TestSignUp:
    def test_it_answers_the_contracts_message(self, world: World) -> None:
        made = world.client.post("/api/auth/signup", json=FORM)
        assert made.status_code == 201
        assert made.json()["message"] == "Usuario creado exitosamente."

    def test_an_address_is_taken_in_any_case(self, world: World) -> None:
        world.client.post("/api/auth/signup", json=FORM)
        again = world.client.post("/api/auth/signup", json=FORM | {"email": "LUCIA@example.COM"})
        assert again.status_code == 400
        assert again.json()["code"] == "email-taken"
        assert again.headers["content-type"] == "application/problem+json"

    def test_no_password_is_hashed_for_an_address_that_is_taken(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.client.post("/api/auth/signup", json=FORM)
        hashed: list[str] = []
        monkeypatch.setattr(world.ports.passwords, "hash", hashed.append)
        assert world.client.post("/api/auth/signup", json=FORM).json()["code"] == "email-taken"
        assert hashed == []

    def test_namesakes_get_public_names_of_their_own(self, world: World) -> None:
        names = [
            world.client.post("/api/auth/signup", json=FORM | {"email": f"{n}@example.com"}).json()["username"]
            for n in range(3)
        ]
        assert names == ["lucia.rios", "lucia.rios2", "lucia.rios3"]

    def test_a_name_without_latin_letters_gets_a_public_name_too(self, world: World) -> None:
        made = world.client.post("/api/auth/signup", json=FORM | {"first_name": "李", "last_name": "雷"})
        assert made.json()["username"] == "player"

    def test_passwords_that_differ_are_refused(self, world: World) -> None:
        refused = world.client.post("/api/auth/signup", json=FORM | {"password2": "otra"})
        assert (refused.status_code, refused.json()["code"]) == (400, "passwords-differ")

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("email", "no-es-un-correo"),
            ("email", "a\x00b@example.com"),
            ("first_name", "   "),
            ("last_name", "Rí\x00os"),
            ("city", ""),
            ("country", "x" * 101),
            ("password1", "corta"),
            ("password1", 7),
        ],
    )
    def test_a_wrong_field_is_named(self, world: World, field: str, value: object) -> None:
        refused = world.client.post("/api/auth/signup", json=FORM | {field: value})
        assert refused.status_code == 400
        assert [error["field"] for error in refused.json()["errors"]] == [field]

    @pytest.mark.parametrize("field", list(FORM))
    def test_a_missing_field_is_named(self, world: World, field: str) -> None:
        refused = world.client.post("/api/auth/signup", json={name: FORM[name] for name in FORM if name != field})
        assert refused.status_code == 400
        assert refused.json()["errors"] == [{"field": field, "message": "Este campo es obligatorio."}]

    def test_a_body_that_is_no_json_is_400(self, world: World) -> None:
        refused = world.client.post("/api/auth/signup", content=b"{", headers={"content-type": "application/json"})
        assert refused.status_code == 400

    def test_english_is_spoken_to_who_prefers_it(self, world: World) -> None:
        refused = world.client.post("/api/auth/signup", json={}, headers={"accept-language": "en-GB,es;q=0.5"})
        assert refused.json()["errors"][0]["message"] == "This field is required."


class TestSignIn:
    def test_it_answers_a_bearer_token_of_an_hour(self, world: World) -> None:
        world.client.post("/api/auth/signup", json=FORM)
        made = world.client.post("/api/auth/login", json={"email": "lucia@example.com", "password": "balon-naranja-7"})
        assert made.status_code == 200
        assert (made.json()["token_type"], made.json()["expires_in"]) == ("Bearer", 3600)
        headers = {"Authorization": f"Bearer {made.json()['access_token']}"}
        assert world.client.get("/api/videos", headers=headers).json() == []

    @pytest.mark.parametrize(
        "body",
        [
            {"email": "lucia@example.com", "password": "otra"},
            {"email": "nadie@example.com", "password": "balon-naranja-7"},
        ],
    )
    def test_wrong_credentials_are_401_and_do_not_say_which(self, world: World, body: dict[str, str]) -> None:
        world.client.post("/api/auth/signup", json=FORM)
        refused = world.client.post("/api/auth/login", json=body)
        assert (refused.status_code, refused.json()["code"]) == (401, "wrong-credentials")

    def test_an_address_that_cannot_be_stored_is_400(self, world: World) -> None:
        refused = world.client.post("/api/auth/login", json={"email": "a\x00b", "password": "x"})
        assert refused.status_code == 400


class TestRoles:
    def test_only_who_is_known_gets_one(self, world: World) -> None:
        with pytest.raises(AccountNotFound), world.uow() as uow:
            accounts.give_role(uow, "nadie@example.com", Role.JUROR)


class TestTokens:
    def test_without_one_nothing_of_a_players_is_answered(self, world: World) -> None:
        for path in ("/api/videos", f"/api/videos/{'0' * 8}-0000-7000-8000-{'0' * 12}"):
            refused = world.client.get(path)
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"] == "Bearer"

    def test_an_expired_one_is_401(self, world: World) -> None:
        player = world.player()
        world.clock.ahead = timedelta(hours=-2)
        old = world.ports.tokens.issue(player.id)
        assert world.client.get("/api/videos", headers={"Authorization": f"Bearer {old}"}).status_code == 401

    @pytest.mark.parametrize("algorithm", ["none", "HS512"])
    def test_one_of_another_algorithm_is_401(self, world: World, algorithm: str) -> None:
        player = world.player()
        good = player.headers["Authorization"].split()[1]
        claims = jwt.decode(good, options={"verify_signature": False})
        key = "" if algorithm == "none" else "k" * 64
        forged = jwt.encode(claims, key, algorithm=algorithm)
        assert world.client.get("/api/videos", headers={"Authorization": f"Bearer {forged}"}).status_code == 401

    def test_a_signature_of_an_address_is_no_token_and_one_changed_letter_none_either(self, world: World) -> None:
        good = world.player().headers["Authorization"]
        assert world.client.get("/api/videos", headers={"Authorization": good}).status_code == 200
        assert world.client.get("/api/videos", headers={"Authorization": good[:-3] + "abc"}).status_code == 401


class TestCookie:
    def test_it_signs_in_from_our_pages_only(self, world: World) -> None:
        player = world.player()
        cookie = {"Cookie": "__Host-anb=" + player.headers["Authorization"].split()[1]}
        path = f"/api/public/videos/{player.id}/vote"
        assert world.client.get("/api/videos", headers=cookie).status_code == 200
        assert world.client.post(path, headers=cookie | {"Sec-Fetch-Site": "cross-site"}).status_code == 403
        assert world.client.post(path, headers=cookie | {"Origin": "https://evil.example"}).status_code == 403
        assert world.client.post(path, headers=cookie).status_code == 403
        assert world.client.post(path, headers=cookie | {"Sec-Fetch-Site": "same-origin"}).status_code == 404
        assert world.client.post(path, headers=cookie | {"Origin": "https://testserver"}).status_code == 404
