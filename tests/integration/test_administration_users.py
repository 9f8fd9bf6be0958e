"""`/api/admin/users`: the list, an account, and what organizers may do to it."""

import pytest

from anb.accounts import profile
from anb.accounts.domain import Role
from anb.factors import service as factors
from support.administration import BY_ORGANIZERS, USERS, act, refusal, show
from support.factors import enrolled
from support.inbox import inbox
from support.worlds import Player, World


@pytest.fixture
def player(world: World) -> Player:
    return world.player()


@pytest.fixture
def organizer(world: World) -> Player:
    return world.organizer()


@pytest.fixture
def administrator(world: World) -> Player:
    return world.promoted(world.player("Ada Administra"), Role.ADMINISTRATOR)


class TestList:
    def list(self, by: Player, **wanted: object) -> list[str]:
        answer = by.world.client.get(USERS, params=wanted, headers=by.headers)  # type: ignore[arg-type]
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "private, no-store"
        return [each["username"] for each in answer.json()]

    def test_newest_first_by_role_confirmation_name_and_address(self, world: World, organizer: Player) -> None:
        juror = world.promoted(world.player("Julia Jurado"), Role.JUROR)
        world.player("Julián Mora", "Cali")
        assert act(organizer, "confirm", juror).status_code == 200
        assert self.list(organizer) == ["julian.mora", "julia.jurado", "olga.organiza"]
        assert self.list(organizer, role="juror") == ["julia.jurado"]
        assert self.list(organizer, role="administrator") == []
        assert self.list(organizer, confirmed=True) == ["julia.jurado"]
        assert self.list(organizer, confirmed=False) == ["julian.mora", "olga.organiza"]
        assert self.list(organizer, q="JULI") == ["julian.mora", "julia.jurado"]
        assert self.list(organizer, q="juli", confirmed=True) == ["julia.jurado"]
        assert self.list(organizer, q=juror.email.upper()) == ["julia.jurado"]
        assert self.list(organizer, q=juror.email[:-1]) == []
        assert self.list(organizer, q="%") == []

    def test_page_by_page(self, world: World, organizer: Player) -> None:
        for number in range(4):
            world.player(f"Persona N{number}")
        first = world.client.get(USERS, params={"limit": 3}, headers=organizer.headers)
        assert first.headers["x-total-count"] == "5"
        rest = world.client.get(first.links["next"]["url"], headers=organizer.headers)
        names = [each["username"] for each in [*first.json(), *rest.json()]]
        assert names == [*(f"persona.n{number}" for number in reversed(range(4))), "olga.organiza"]
        assert "next" not in rest.links

    def test_a_row_has_no_address_and_no_real_name(self, world: World, organizer: Player, player: Player) -> None:
        row = world.client.get(USERS, params={"q": player.email}, headers=organizer.headers).json()[0]
        assert row == {"id": str(player.id), "username": "lucia.rios", "role": "player", "is_confirmed": False}


def test_an_account_is_shown_with_what_judges_a_request(world: World, organizer: Player, player: Player) -> None:
    enrolled(world, player.id)
    act(organizer, "birth-year", player)
    shown = show(organizer, player)
    assert (shown["email"], shown["first_name"], shown["city"]) == (player.email, "Lucía", "Bogotá")
    assert (shown["birth_year"], shown["has_second_factor"], shown["sessions"]) == (2009, True, 1)
    assert shown["erased_from"] is None
    (change,) = shown["changes"]
    assert (change["field"], change["after"], change["who"]) == ("birth_year", "2009", str(organizer.id))


class TestByOrganizers:
    def test_an_address_is_confirmed(self, organizer: Player, player: Player) -> None:
        for _ in range(2):
            assert act(organizer, "confirm", player).json()["is_confirmed"] is True

    def test_all_sessions_end(self, world: World, organizer: Player, player: Player) -> None:
        world.open(player.id)
        assert act(organizer, "end-sessions", player).json() == {"ended": 2}
        assert world.client.get("/api/videos", headers=player.headers).status_code == 401

    def test_a_player_is_unlocked(self, world: World, organizer: Player, player: Player) -> None:
        enrolled(world, player.id)
        assert act(organizer, "unlock", player).json() == {"removed": 1}
        with world.uow() as uow:
            assert not factors.has_factor(uow, player.id)
        assert [mail.kind for mail in inbox(world, player.email)][-1] == "factors_unlocked"

    def test_a_year_of_birth_makes_an_adult_but_is_not_to_come(
        self, world: World, organizer: Player, player: Player
    ) -> None:
        assert act(organizer, "birth-year", player).status_code == 200
        assert act(organizer, "birth-year", player, {"year": 1999}).json()["birth_year"] == 1999
        assert refusal(act(organizer, "birth-year", player, {"year": 2199})) == (400, "birth-year-wrong")
        with world.uow() as uow:
            assert profile.birth_year(uow, player.id) == 1999

    @pytest.mark.parametrize("role", [Role.JUROR, Role.ORGANIZER, Role.ADMINISTRATOR])
    def test_who_has_rights_is_not_unlocked_by_an_organizer(
        self, world: World, organizer: Player, player: Player, role: Role
    ) -> None:
        world.promoted(player, role)
        enrolled(world, player.id)
        assert refusal(act(organizer, "unlock", player)) == (403, "administrators-only")
        assert show(organizer, player)["role"] == role.value
        with world.uow() as uow:
            assert factors.has_factor(uow, player.id)

    @pytest.mark.parametrize("name", BY_ORGANIZERS)
    def test_an_administrators_account_is_for_administrators(
        self, world: World, organizer: Player, administrator: Player, name: str
    ) -> None:
        assert refusal(act(organizer, name, administrator)) == (403, "administrators-only")
        other = world.promoted(world.player("Otra Administra"), Role.ADMINISTRATOR)
        assert act(other, name, administrator).status_code == 200
