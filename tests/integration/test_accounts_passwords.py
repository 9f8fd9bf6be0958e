"""Passwords that are typed in one form of Unicode and later in another, and hashes from previous releases."""

import httpx2 as httpx
import pytest
from sqlalchemy import update

from anb.accounts import service as accounts
from anb.accounts.schemas import SignUp
from anb.db.tables_accounts import users
from support.browser_client import browser_client, form
from support.worlds import World

DECOMPOSED, COMPOSED = "balo\u0301n-naranja", "bal\u00f3n-naranja"


def sign_in(world: World, email: str, password: str) -> httpx.Response:
    return world.client.post("/api/auth/login", json={"email": email, "password": password})


@pytest.mark.parametrize("made_with", [DECOMPOSED, COMPOSED])
@pytest.mark.parametrize("typed", [DECOMPOSED, COMPOSED])
def test_whoever_signs_up_here_signs_in_there(world: World, made_with: str, typed: str) -> None:
    person = form(password1=made_with, password2=typed)
    assert world.client.post("/api/auth/signup", json=person).status_code == 201
    assert sign_in(world, person["email"], typed).status_code == 200


@pytest.mark.parametrize("old", [DECOMPOSED, COMPOSED, "password", "short"])
def test_a_hash_of_before_goes_on_whatever_the_rules_say_now(world: World, old: str) -> None:
    player = world.player()
    with world.uow() as uow:
        uow.execute(update(users).where(users.c.id == player.id).values(password_hash=f"plain:{old}"))
    assert sign_in(world, player.email, old).status_code == 200
    assert sign_in(world, player.email, f"{old}x").status_code == 401


@pytest.mark.parametrize(
    ("language", "common", "personal"),
    [
        ("es", "Es una de las contraseñas más usadas: elige otra.", "No puede ser tu nombre ni tu correo."),
        (
            "en",
            "It is one of the most used passwords: choose another.",
            "It must be neither your name nor your e-mail.",
        ),
    ],
)
def test_a_refused_password_is_told_beside_its_field(world: World, language: str, common: str, personal: str) -> None:
    person = form(email="lucia@example.com")
    with browser_client(world) as visitor:
        for password, said in [("iloveyou", common), ("Lucia@Example.com", personal)]:
            words = {"password1": password, "password2": password}
            page = visitor.post("/signup", data=person | words, headers={"Accept-Language": language})
            assert (page.status_code, f'id="error-password1">{said}<' in page.text) == (400, True)
            refused = world.client.post("/api/auth/signup", json=person | words, headers={"Accept-Language": language})
            assert refused.json()["errors"] == [{"field": "password1", "message": said}]


def test_an_address_taken_while_the_password_was_hashed_is_taken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    person, hashing = form(email="lucia@example.com"), world.ports.passwords.hash

    def hash_slowly(password: str) -> str:
        monkeypatch.undo()
        accounts.sign_up(world.database, world.ports, SignUp.model_validate(person).account())
        return hashing(password)

    monkeypatch.setattr(world.ports.passwords, "hash", hash_slowly)
    refused = world.client.post("/api/auth/signup", json=person)
    assert (refused.status_code, refused.json()["code"]) == (400, "email-taken")
