"""Accounts, roles and tokens of the last release work after the migrations of this one."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from alembic import command
from argon2 import PasswordHasher
from sqlalchemy import text

from anb.accounts import service as accounts
from anb.adapters.credentials import Argon2Passwords
from anb.db.session import connect
from anb.settings.passwords import PasswordSettings
from support.browser_client import browser_client, published
from support.migrating import move
from support.worlds import Player, World, make_world, new_database, settings_for, worker_name

LAST_RELEASE = "0005"
TYPED = "balo\u0301n-naranja-7"  # with the accent as a character of its own, as some systems type it
SIGNED_UP = """
insert into users (id, email, username, first_name, last_name, city, city_key, country, password_hash, role)
values (:id, :email, :username, 'Lucía', 'Ríos', 'Bogotá', 'bogota', 'Colombia', :hash, :role)
"""


@pytest.fixture(scope="module")
def hashed() -> str:
    """A password as the last release kept it: 19 MiB, two passes, one lane, and the password as it was typed."""
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1).hash(TYPED)


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory, redis_url: str, hashed: str) -> Iterator[dict[str, Player]]:
    """The accounts of the last release, one of each role, in a world that was migrated since."""
    url = new_database(f"anb_accounts_before_{worker_name()}")
    folder = tmp_path_factory.mktemp("upgraded")
    with make_world(folder, url, redis_url) as world:
        old = connect(settings_for(folder, url, redis_url))
        try:
            move(old, command.downgrade, LAST_RELEASE)
            people = {role: old_account(world, role) for role in ("player", "juror", "organizer")}
            with old.transaction() as uow:
                for role, player in people.items():
                    row = {"id": player.id, "email": player.email, "username": role, "role": role, "hash": hashed}
                    uow.execute(text(SIGNED_UP), row)
            move(old, command.upgrade, "head")
        finally:
            old.close()
        yield people


def old_account(world: World, role: str) -> Player:
    account_id = uuid4()
    token = world.ports.tokens.issue(account_id)  # without a session, as the last release issued them
    return Player(world, account_id, f"{role}@example.com", {"Authorization": f"Bearer {token}"})


def with_argon2(world: World, monkeypatch: pytest.MonkeyPatch, costs: PasswordSettings) -> None:
    real = Argon2Passwords(costs)
    for name in ("hash", "matches", "is_outdated"):
        monkeypatch.setattr(world.ports.passwords, name, getattr(real, name))


@pytest.mark.parametrize(
    "costs",
    [PasswordSettings(), PasswordSettings(argon2_passes=3, argon2_kib=64)],
    ids=["same costs", "other costs"],
)
def test_each_signs_in_with_the_password_it_had(
    upgraded: dict[str, Player], monkeypatch: pytest.MonkeyPatch, costs: PasswordSettings
) -> None:
    for player in upgraded.values():
        with_argon2(player.world, monkeypatch, costs)
        typed = {"email": player.email, "password": TYPED}
        for _ in range(2):  # the second time with the hash that the first sign-in may have made anew
            answer = player.world.client.post("/api/auth/login", json=typed)
            assert answer.status_code == 200, answer.text
        with browser_client(player.world) as browser:
            assert browser.post("/login", data=typed).status_code == 303
            assert browser.get("/account").status_code == 200
        assert player.world.client.post("/api/auth/login", json=typed | {"password": "otra-cosa-9"}).status_code == 401


def test_each_keeps_its_token_its_role_and_what_it_may_do(upgraded: dict[str, Player]) -> None:
    player, juror, organizer = upgraded.values()
    world = player.world
    clip: UUID = published(world, player)  # uploaded with the token from before
    assert world.client.get("/api/admin/jobs", headers=organizer.headers).status_code == 200
    votes = [
        world.client.post(f"/api/public/videos/{clip}/vote", headers=voter.headers).status_code
        for voter in (juror, organizer, player)
    ]
    assert votes == [200, 200, 400]  # players do not vote for their own clips
    (rank,) = world.client.get("/api/public/rankings").json()
    assert (rank["votes"], rank["jury_votes"]) == (1, 1)


def test_none_is_confirmed_and_none_counts_as_old(upgraded: dict[str, Player]) -> None:
    world = upgraded["player"].world
    with world.uow() as uow:
        assert not any(accounts.who(uow, player.id).is_confirmed for player in upgraded.values())
        assert uow.execute(text("select bool_and(now() - confirmable_at < '1 hour') from users")).scalar_one()
