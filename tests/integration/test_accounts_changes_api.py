"""The password and the address, changed by programs: the rules of the pages, and the same limits."""

from datetime import timedelta

import pytest

from support.access import confirmed
from support.changing import THERE, email_of
from support.inbox import inbox, newest
from support.worlds import Player, World

OLD, NEW = "balon-naranja-7", "otra-cosa-9"


def sign_in(world: World, email: str, password: str) -> int:
    return world.client.post("/api/auth/login", json={"email": email, "password": password}).status_code


def change(player: Player, **wish: str) -> tuple[int, str]:
    body = {"password": OLD, "password1": NEW, "password2": NEW} | wish
    answer = player.world.client.post("/api/me/password", json=body, headers=player.headers)
    return answer.status_code, answer.json()["code"] if answer.content else ""


class TestPassword:
    def test_it_changes_and_ends_the_other_sessions(self, world: World) -> None:
        player = world.player()
        other = world.bearer(player.id)
        assert change(player) == (204, "")
        assert [sign_in(world, player.email, word) for word in (OLD, NEW)] == [401, 200]
        statuses = [world.client.get("/api/me/email", headers=one).status_code for one in (player.headers, other)]
        assert statuses == [200, 401]
        assert newest(world, player.email, "password_changed")

    @pytest.mark.parametrize(
        ("wish", "refused"),
        [
            ({"password": "no-es-esta-1"}, (403, "wrong-password")),
            ({"password2": "otra-cosa-8"}, (400, "passwords-differ")),
            ({"password1": "corta", "password2": "corta"}, (400, "invalid-field")),
        ],
        ids=["wrong", "different", "short"],
    )
    def test_it_stays(self, world: World, wish: dict[str, str], refused: tuple[int, str]) -> None:
        player = world.player()
        assert change(player, **wish) == refused
        assert [sign_in(world, player.email, word) for word in (OLD, NEW)] == [200, 401]

    def test_it_is_not_guessed_with_a_stolen_token(self, world: World) -> None:
        world.change(rate_password="2/minute", rate_exempt_networks="")
        player = world.player()
        assert [change(player, password=f"intento-{n}")[0] for n in range(3)] == [403, 403, 429]


class TestEmail:
    def test_it_changes_by_both_links(self, world: World) -> None:
        player = confirmed(world.player())
        asked = world.client.post("/api/me/email", json={"email": THERE}, headers=player.headers)
        assert (asked.status_code, asked.json()["email"], asked.json()["change"]["email"]) == (
            202, player.email, THERE,
        )  # fmt: skip
        assert answer(world, "accept", newest(world, THERE, "email_change_new").token) == (204, "")
        shown = world.client.get("/api/me/email", headers=player.headers).json()["change"]
        assert (shown["accepted_at"] is None, shown["due_at"] is None, shown["approved_at"]) == (False, False, None)
        assert answer(world, "approve", newest(world, player.email, "email_change_old").token) == (204, "")
        shown = world.client.get("/api/me/email", headers=player.headers).json()
        assert shown == {"email": THERE, "is_confirmed": True, "change": None}

    def test_the_former_address_stops_it_with_a_token_to_reset(self, world: World) -> None:
        player = confirmed(world.player())
        world.client.post("/api/me/email", json={"email": THERE}, headers=player.headers)
        link = newest(world, player.email, "email_change_old").token
        stopped = world.client.post("/api/auth/email/stop", json={"token": link})
        body = {"token": stopped.json()["token"], "password1": NEW, "password2": NEW}
        assert world.client.post("/api/auth/reset", json=body).status_code == 204
        assert answer(world, "accept", newest(world, THERE, "email_change_new").token) == (410, "link-used")
        assert [sign_in(world, player.email, word) for word in (OLD, NEW)] == [401, 200]

    def test_its_owner_gives_it_up(self, world: World) -> None:
        player = confirmed(world.player())
        world.client.post("/api/me/email", json={"email": THERE}, headers=player.headers)
        assert world.client.delete("/api/me/email/change", headers=player.headers).status_code == 204
        assert world.client.get("/api/me/email", headers=player.headers).json()["change"] is None
        assert email_of(world, player) == player.email

    def test_a_session_of_an_hour_ago_asks_for_the_password_first(self, world: World) -> None:
        player = confirmed(world.player())
        world.clock.ahead = timedelta(seconds=world.settings.reauthentication_seconds + 5)
        refused = world.client.post("/api/me/email", json={"email": THERE}, headers=player.headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "sign-in-again")
        assert inbox(world, THERE) == []

    def test_an_address_of_another_account_is_not_told_apart(self, world: World) -> None:
        player, other = confirmed(world.player()), world.player("Otra Persona")
        told = []
        for email in (other.email, THERE):
            shown = world.client.post("/api/me/email", json={"email": email}, headers=player.headers)
            told.append((shown.status_code, {**shown.json()["change"], "email": "", "asked_at": ""}))
        assert told[0] == told[1]

    def test_an_address_gets_as_many_mails_as_by_the_page(self, world: World) -> None:
        world.change(rate_mail="2/hour", rate_exempt_networks="")
        player = confirmed(world.player())
        for _ in range(3):
            world.client.post("/api/me/email", json={"email": THERE}, headers=player.headers)
        assert len(inbox(world, THERE)) == 2


def answer(world: World, act: str, token: str) -> tuple[int, str]:
    said = world.client.post(f"/api/auth/email/{act}", json={"token": token})
    return said.status_code, said.json()["code"] if said.content else ""
