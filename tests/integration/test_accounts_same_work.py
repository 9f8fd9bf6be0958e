"""A failed sign-in never reveals what was wrong: the same answer, after the same work."""

import pytest
from argon2 import Parameters, PasswordHasher, extract_parameters

from anb.adapters.credentials import Argon2Passwords
from anb.settings.passwords import PasswordSettings
from support.browser_client import browser_client, form
from support.worlds import World

KNOWN, UNKNOWN = "lucia@example.com", "nadie@example.com"
# As most machines type it, and in a form of Unicode that needs two comparisons: composed, and as it is.
PASSWORDS = {"otra-cosa-9": 1, "balo\u0301n-rojo": 2}


@pytest.fixture
def hashed(world: World, monkeypatch: pytest.MonkeyPatch) -> list[Parameters]:
    """The costs of each hash that a sign-in asked for, with the real adapter; one account exists."""
    real, costs, verify = Argon2Passwords(), list[Parameters](), PasswordHasher.verify
    for name in ("hash", "matches", "is_outdated"):
        monkeypatch.setattr(world.ports.passwords, name, getattr(real, name))

    def counted(hasher: PasswordHasher, hashed: str, password: str) -> bool:
        costs.append(extract_parameters(hashed))
        return verify(hasher, hashed, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    assert world.client.post("/api/auth/signup", json=form(email=KNOWN)).status_code == 201
    return costs


@pytest.mark.parametrize(("password", "times"), PASSWORDS.items())
def test_an_unknown_e_mail_takes_the_work_of_a_wrong_password(
    world: World, hashed: list[Parameters], password: str, times: int
) -> None:
    seen = []
    for email in (KNOWN, UNKNOWN):
        hashed.clear()
        refused = world.client.post("/api/auth/login", json={"email": email, "password": password})
        seen.append((refused.status_code, refused.text, sorted(refused.headers), list(hashed)))
    assert seen[0] == seen[1]
    assert (seen[0][0], len(seen[0][3])) == (401, times)


@pytest.mark.parametrize(("password", "times"), PASSWORDS.items())
def test_so_it_is_on_the_page(world: World, hashed: list[Parameters], password: str, times: int) -> None:
    seen = []
    with browser_client(world) as visitor:
        for email in (KNOWN, UNKNOWN):
            hashed.clear()
            page = visitor.post("/login", data={"email": email, "password": password})
            seen.append((page.status_code, page.text.replace(email, "…"), sorted(page.headers), list(hashed)))
    assert seen[0] == seen[1]
    assert (seen[0][0], len(seen[0][3])) == (400, times)


def test_who_signs_in_has_no_less_work_done(world: World, hashed: list[Parameters]) -> None:
    made = world.client.post("/api/auth/login", json={"email": KNOWN, "password": "balon-naranja-7"})
    assert (made.status_code, len(hashed)) == (200, 1)


def test_a_hash_of_other_parameters_is_made_anew_at_the_next_sign_in(
    world: World, hashed: list[Parameters], monkeypatch: pytest.MonkeyPatch
) -> None:
    dearer = Argon2Passwords(PasswordSettings(argon2_passes=3, argon2_kib=64))
    for name in ("hash", "matches", "is_outdated"):
        monkeypatch.setattr(world.ports.passwords, name, getattr(dearer, name))
    seen = []
    for password in ("otra-cosa-9", "balon-naranja-7", "balon-naranja-7"):
        hashed.clear()
        status = world.client.post("/api/auth/login", json={"email": KNOWN, "password": password}).status_code
        seen.append((status, [(costs.time_cost, costs.memory_cost) for costs in hashed]))
    assert seen == [(401, [(2, 19 * 1024)]), (200, [(2, 19 * 1024)]), (200, [(3, 64)])]
