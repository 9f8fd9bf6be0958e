"""Second factors of programs: a code at sign-in, or later in a session."""

from datetime import timedelta

import httpx2 as httpx
import pytest

from anb.accounts import service as accounts
from anb.accounts.domain import Role
from anb.factors import service as factors
from support.callers import ELSEWHERE, calling
from support.factors import code_at, enrolled
from support.worlds import Player, World

ROLES = frozenset({"organizer", "juror", "administrator"})
PASSWORD = "balon-naranja-7"


@pytest.fixture
def organizer(world: World) -> Player:
    world.clock.stop()
    world.change(second_factor_roles=ROLES)
    player = world.player("Olga Organiza")
    with world.uow() as uow:
        accounts.give_role(uow, player.email, Role.ORGANIZER)
    return player


@pytest.fixture
def secret(world: World, organizer: Player) -> str:
    made = enrolled(world, organizer.id)
    world.clock.ahead = timedelta(minutes=1)
    return made


def sign_in(world: World, player: Player, **more: str) -> httpx.Response:
    body = {"email": player.email, "password": PASSWORD} | more
    return world.client.post("/api/auth/login", json=body)


def token(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def administers(world: World, headers: dict[str, str]) -> int:
    return world.client.get("/api/admin/jobs", headers=headers).status_code


class TestAtSignIn:
    def test_a_password_alone_is_good_for_what_players_do(self, world: World, organizer: Player, secret: str) -> None:  # noqa: ARG002
        weak = token(sign_in(world, organizer))
        assert world.client.get("/api/videos", headers=weak).status_code == 200
        assert administers(world, weak) == 403

    def test_a_code_makes_it_good_for_the_role_too(self, world: World, organizer: Player, secret: str) -> None:
        assert administers(world, token(sign_in(world, organizer, code=code_at(world, secret)))) == 200

    def test_so_does_a_recovery_code(self, world: World, organizer: Player, secret: str) -> None:  # noqa: ARG002
        with world.uow() as uow:
            code = factors.renew_recovery_codes(uow, organizer.id)[0]
        assert administers(world, token(sign_in(world, organizer, code=code))) == 200
        assert sign_in(world, organizer, code=code).json()["code"] == "wrong-code"

    def test_a_wrong_code_opens_nothing(self, world: World, organizer: Player, secret: str) -> None:
        refused = sign_in(world, organizer, code="000000")
        assert (refused.status_code, refused.json()["code"]) == (401, "wrong-code")
        assert sign_in(world, organizer, code=code_at(world, secret)).status_code == 200

    def test_an_account_without_a_factor_has_no_right_code(self, world: World) -> None:
        assert sign_in(world, world.player(), code="123456").json()["code"] == "wrong-code"

    def test_a_wrong_password_says_nothing_of_the_code(self, world: World, organizer: Player, secret: str) -> None:
        code = code_at(world, secret)
        refused = world.client.post(
            "/api/auth/login", json={"email": organizer.email, "password": "otra", "code": code}
        )
        assert refused.json()["code"] == "wrong-credentials"
        assert sign_in(world, organizer, code=code).status_code == 200  # it was not used up


class TestLater:
    def test_a_code_makes_an_open_session_strong(self, world: World, organizer: Player, secret: str) -> None:
        weak = token(sign_in(world, organizer))
        assert administers(world, weak) == 403
        raised = world.client.post("/api/auth/factor", json={"code": code_at(world, secret)}, headers=weak)
        assert raised.status_code == 204
        assert administers(world, weak) == 200
        assert administers(world, token(sign_in(world, organizer))) == 403  # another session is as it was

    def test_a_wrong_code_leaves_it(self, world: World, organizer: Player, secret: str) -> None:  # noqa: ARG002
        weak = token(sign_in(world, organizer))
        refused = world.client.post("/api/auth/factor", json={"code": "000000"}, headers=weak)
        assert (refused.status_code, refused.json()["code"]) == (401, "wrong-code")
        assert administers(world, weak) == 403

    def test_a_code_of_another_account_leaves_it(self, world: World, organizer: Player, secret: str) -> None:  # noqa: ARG002
        other = enrolled(world, world.player("Mateo Gil").id)
        weak = token(sign_in(world, organizer))
        code = code_at(world, other, steps=1)
        assert world.client.post("/api/auth/factor", json={"code": code}, headers=weak).status_code == 401

    def test_nobody_without_a_session_has_one_to_strengthen(self, world: World, organizer: Player, secret: str) -> None:
        code = {"code": code_at(world, secret)}
        assert world.client.post("/api/auth/factor", json=code).status_code == 401
        old = {"Authorization": f"Bearer {world.ports.tokens.issue(organizer.id)}"}  # from before there were sessions
        assert world.client.post("/api/auth/factor", json=code, headers=old).json()["code"] == "sign-in-again"


class TestGuessing:
    def test_it_ends_at_one_address_and_goes_on_at_the_owner_s(
        self, world: World, organizer: Player, secret: str
    ) -> None:
        body = {"email": organizer.email, "password": PASSWORD, "code": "000000"}
        with calling(world, rate_code="3/minute", rate_code_account="10/hour") as thief:
            assert [thief.post("/api/auth/login", json=body).status_code for _ in range(4)] == [401, 401, 401, 429]
            assert thief.post("/api/auth/login", json=body | {"code": code_at(world, secret)}).status_code == 429
        with calling(world, ELSEWHERE) as owner:
            assert owner.post("/api/auth/login", json=body | {"code": code_at(world, secret)}).status_code == 200

    def test_from_many_addresses_it_ends_too_but_not_recovery(
        self, world: World, organizer: Player, secret: str
    ) -> None:
        body = {"email": organizer.email, "password": PASSWORD, "code": "000000"}
        with world.uow() as uow:
            recovery = factors.renew_recovery_codes(uow, organizer.id)[0]
        for number in range(4):
            with calling(world, f"203.0.113.{number}", rate_code_account="4/hour") as thief:
                thief.post("/api/auth/login", json=body)
        with calling(world, ELSEWHERE) as anyone:
            assert anyone.post("/api/auth/login", json=body | {"code": code_at(world, secret)}).status_code == 429
            assert anyone.post("/api/auth/login", json=body | {"code": recovery}).status_code == 200

    def test_a_right_code_counts_for_nothing(self, world: World, organizer: Player, secret: str) -> None:
        with calling(world, rate_code="1/minute") as owner:
            for step in range(3):
                world.clock.ahead = timedelta(minutes=1 + step)
                body = {"email": organizer.email, "password": PASSWORD, "code": code_at(world, secret)}
                assert owner.post("/api/auth/login", json=body).status_code == 200
