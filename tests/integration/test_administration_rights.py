"""`/api/admin/users`: what only administrators may do, and what no one may."""

from typing import Any, ClassVar
from uuid import UUID

import pytest

from anb.accounts import profile
from anb.accounts.domain import Role
from anb.audit import service as audit
from anb.audit.domain import Act, AuditEntry, AuditFilter
from anb.consents import service as consents
from anb.consents.domain import NewGuardian
from anb.db.paging import Page
from anb.sessions import service as sessions
from support.access import strong
from support.administration import BODIES, BY_ADMINISTRATORS, BY_ORGANIZERS, act, refusal, show
from support.consenting import ask_marta
from support.factors import enrolled
from support.inbox import inbox
from support.worlds import Player, World


@pytest.fixture
def player(world: World) -> Player:
    return world.player()


@pytest.fixture
def administrator(world: World) -> Player:
    return world.promoted(world.player("Ada Administra"), Role.ADMINISTRATOR)


class TestByAdministrators:
    def test_a_role_is_given_and_ends_the_sessions(self, world: World, administrator: Player, player: Player) -> None:
        assert act(administrator, "role", player, {"role": "organizer"}).json()["role"] == "organizer"
        assert world.client.get("/api/videos", headers=player.headers).status_code == 401
        player.headers = world.bearer(player.id)
        assert show(player, administrator)["role"] == "administrator"

    def test_one_that_needs_a_second_factor_waits_for_it(
        self, world: World, administrator: Player, player: Player
    ) -> None:
        world.change(second_factor_roles=frozenset({"organizer"}))
        administrator.headers = strong(administrator)
        for role in ("organizer", "administrator"):
            assert refusal(act(administrator, "role", player, {"role": role})) == (400, "factor-missing")
        assert show(administrator, player)["role"] == "player"
        enrolled(world, player.id)
        assert act(administrator, "role", player, {"role": "organizer"}).status_code == 200

    def test_a_role_is_taken_with_the_factors(self, world: World, administrator: Player, player: Player) -> None:
        world.promoted(player, Role.JUROR)
        enrolled(world, player.id)
        assert act(administrator, "unlock", player).json() == {"removed": 1}
        assert show(administrator, player)["role"] == "player"

    def test_a_link_for_a_password_is_mailed_where_mail_is_sent(
        self, world: World, administrator: Player, player: Player
    ) -> None:
        world.change(mail_is_sent=True)
        assert act(administrator, "reset-password", player).json() == {"mailed": True, "link": None}
        assert [mail.kind for mail in inbox(world, player.email)][-1] == "reset_password"

    def test_a_mailbox_gets_no_more_of_them_than_anybody_may_ask_for(
        self, world: World, administrator: Player, player: Player
    ) -> None:
        world.change(mail_is_sent=True, rate_mail="2/hour", rate_exempt_networks="")
        answers = [act(administrator, "reset-password", player).status_code for _ in range(3)]
        assert answers == [200, 200, 429]

    def test_it_is_handed_over_where_no_mail_is_sent(self, world: World, administrator: Player, player: Player) -> None:
        told = act(administrator, "reset-password", player).json()
        assert told["mailed"] is False
        assert told["link"].startswith("https://testserver/account/reset?token=")
        words = {"password1": "otra-cosa-9", "password2": "otra-cosa-9"}
        body = words | {"token": told["link"].partition("=")[2]}
        assert world.client.post("/api/auth/reset", json=body).status_code == 204

    def test_a_guardian_who_was_not_named_is_not_asked_by_mail(
        self, world: World, administrator: Player, player: Player
    ) -> None:
        world.change(mail_is_sent=True)
        assert refusal(act(administrator, "guardian", player)) == (400, "guardian-needed")

    def test_a_guardian_is_asked_again(self, world: World, administrator: Player, player: Player) -> None:
        assert refusal(act(administrator, "guardian", player)) == (400, "guardian-needed")
        with world.uow() as uow:
            marta = NewGuardian("Marta", "marta@example.com")
            consents.name_guardian(uow, world.settings, player.id, marta, "es")
        assert act(administrator, "guardian", player).json()["link"].startswith("https://testserver/guardian?token=")
        world.change(mail_is_sent=True)
        assert act(administrator, "guardian", player).json() == {"mailed": True, "link": None}
        assert [mail.kind for mail in inbox(world, "marta@example.com")] == ["guardian_consent"] * 2

    def test_an_archive_goes_to_its_owner_alone(self, world: World, administrator: Player, player: Player) -> None:
        assert act(administrator, "export", player).status_code == 202
        assert refusal(act(administrator, "export", player)) == (409, "export-asked")
        assert world.client.get("/api/me/export", headers=player.headers).status_code == 200
        assert world.client.get("/api/me/export", headers=administrator.headers).status_code == 404

    def test_an_erasure_has_the_grace_of_the_owners_own(
        self, world: World, administrator: Player, player: Player
    ) -> None:
        asked = act(administrator, "erase", player)
        assert asked.status_code == 202
        assert asked.json()["starts_at"] > asked.json()["asked_at"]
        assert world.client.get("/api/videos", headers=player.headers).status_code == 401
        assert show(administrator, player)["erased_from"] == asked.json()["starts_at"]
        assert refusal(act(administrator, "erase", player)) == (409, "erasure-asked")
        world.open(player.id)
        assert show(administrator, player)["erased_from"] is None

    @pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
    def test_an_erasure_says_why(self, administrator: Player, player: Player, reason: str) -> None:
        assert refusal(act(administrator, "erase", player, {"reason": reason})) == (400, "invalid-field")
        assert show(administrator, player)["erased_from"] is None

    def test_each_needs_the_password_of_a_moment_ago(self, world: World, administrator: Player, player: Player) -> None:
        world.change(reauthentication_seconds=0)
        for name in BY_ADMINISTRATORS:
            assert refusal(act(administrator, name, player)) == (403, "sign-in-again")


class TestAudit:
    ACTS: ClassVar = {
        "confirm": Act.EMAIL_CONFIRMED,
        "end-sessions": Act.SESSIONS_ENDED,
        "birth-year": Act.BIRTH_YEAR_CORRECTED,
        "unlock": Act.FACTORS_REMOVED,
        "role": Act.ROLE_GIVEN,
        "reset-password": Act.PASSWORD_LINK_MADE,
        "guardian": Act.GUARDIAN_LINK_MADE,
        "export": Act.EXPORT_ASKED,
        "erase": Act.ERASURE_ASKED,
    }

    @pytest.mark.parametrize("mailed", [True, False])
    @pytest.mark.parametrize("name", [*BY_ORGANIZERS, *BY_ADMINISTRATORS])
    def test_an_act_leaves_one_entry_with_its_actor_and_account(
        self, world: World, administrator: Player, player: Player, name: str, mailed: bool
    ) -> None:
        world.change(mail_is_sent=mailed)
        world.season(asks_consent=True)
        ask_marta(player)
        assert act(administrator, name, player).is_success
        (entry,) = entries(world, player)
        assert (entry.what.act, entry.what.actor_id, entry.what.actor_role) == (
            self.ACTS[name].value, administrator.id, "administrator",
        )  # fmt: skip
        assert (entry.name, entry.reason) == ("ada.administra", BODIES.get(name, {}).get("reason", ""))

    def test_a_refused_act_leaves_none(self, world: World, administrator: Player, player: Player) -> None:
        world.promoted(player, Role.ORGANIZER)
        before = len(entries(world, player))
        assert act(player, "role", administrator).status_code == 403
        assert refusal(act(administrator, "erase", player, {"reason": ""})) == (400, "invalid-field")
        assert len(entries(world, player)) == before
        assert entries(world, administrator) == []


def entries(world: World, whom: Player) -> list[AuditEntry]:
    with world.database.reading() as uow:
        return audit.list_entries(uow, AuditFilter(account_id=whom.id), Page()).rows


class TestRefused:
    @pytest.mark.parametrize("name", [*BY_ORGANIZERS, *BY_ADMINISTRATORS])
    @pytest.mark.parametrize("role", [Role.PLAYER, Role.JUROR, Role.ORGANIZER])
    def test_a_lesser_role_is_refused_and_changes_nothing(
        self, world: World, player: Player, role: Role, name: str
    ) -> None:
        if role is Role.ORGANIZER and name in BY_ORGANIZERS:
            return
        caller = world.promoted(world.player("Cara Llama"), role)
        code = "organizers-only" if name in BY_ORGANIZERS else "administrators-only"
        assert refusal(act(caller, name, player)) == (403, code)
        with world.uow() as uow:
            assert len(sessions.list_open(uow, player.id)) == 1
            assert profile.birth_year(uow, player.id) is None

    def test_an_unknown_or_erased_account_is_not_found(self, world: World, administrator: Player) -> None:
        gone = Player(world, UUID(int=7), "nadie@example.com", {})
        for name in (*BY_ORGANIZERS, *BY_ADMINISTRATORS):
            assert refusal(act(administrator, name, gone)) == (404, "account-not-found")

    @pytest.mark.parametrize(("name", "body"), [("role", {"role": "player"}), ("unlock", None)])
    def test_nobody_changes_their_own_role(
        self, world: World, administrator: Player, name: str, body: dict[str, Any] | None
    ) -> None:
        world.promoted(world.player("Otra Administra"), Role.ADMINISTRATOR)
        assert refusal(act(administrator, name, administrator, body)) == (400, "own-role")
        assert show(administrator, administrator)["role"] == "administrator"

    def test_the_last_administrator_is_not_erased(self, world: World, administrator: Player) -> None:
        assert refusal(act(administrator, "erase", administrator)) == (400, "last-administrator")
        other = world.promoted(world.player("Otra Administra"), Role.ADMINISTRATOR)
        assert act(administrator, "erase", other).status_code == 202
        assert refusal(act(administrator, "erase", administrator)) == (400, "last-administrator")
        assert show(administrator, administrator)["erased_from"] is None
