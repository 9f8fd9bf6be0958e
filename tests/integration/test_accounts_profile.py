"""A profile: the name, city and year that a person says, what the public sees of them, and their history."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from anb.accounts import profile
from anb.accounts import service as accounts
from anb.accounts.domain import AccountNotFound
from anb.accounts.profile import PublicNameBusy
from anb.jobs.domain import JobState
from support.commands import Anb, anb_on
from support.consenting import OURS, ask_marta, job_state
from support.publishing import publish
from support.worlds import NUMBERS, Player, World


@pytest.fixture
def player(world: World) -> Player:
    player = world.player("Lucía Ríos", "Bogotá")
    world.client.cookies.set("__Host-anb", player.headers["Authorization"].removeprefix("Bearer "))
    return player


def save(player: Player, **form: str) -> tuple[int, str]:
    """Send the form of the page; return the status, and the page or where it leads."""
    sent = player.world.client.post("/account/profile", data=form, headers=OURS, follow_redirects=False)
    return sent.status_code, sent.headers.get("location", sent.text)


def history(player: Player) -> list[tuple[str, str | None, str | None]]:
    with player.world.uow() as uow:
        return [(one.field, one.before, one.after) for one in profile.history(uow, player.id)]


def seen(player: Player) -> dict[str, str]:
    """Return how the ranking names the player."""
    (row,) = player.world.client.get("/api/public/rankings").json()
    return {key: row[key] for key in ("player", "username", "city")}


SAVED = (303, "/account/profile?saved=1")


class TestPublicName:
    def test_the_public_reads_the_chosen_name_and_no_longer_the_real_one(self, world: World, player: Player) -> None:
        publish(world, player.upload())
        assert seen(player) == {"player": "Lucía Ríos", "username": "lucia.rios", "city": "Bogotá"}
        assert save(player, public_name=" El  Rayo ") == SAVED
        assert seen(player) == {"player": "El Rayo", "username": "el.rayo", "city": "Bogotá"}
        assert "Lucía" not in world.client.get("/", headers=OURS).text
        assert "Te llamas" not in world.client.get("/account/profile", headers=OURS).text
        assert save(player, public_name="") == SAVED
        assert seen(player)["player"] == "Lucía Ríos"
        assert seen(player)["username"] == "lucia.rios"
        assert history(player) == [("public_name", None, "El Rayo"), ("public_name", "El Rayo", None)]

    def test_two_may_choose_the_same_and_their_short_names_differ(self, world: World, player: Player) -> None:
        other = world.player("Otra Persona")
        with world.uow() as uow:
            profile.choose_public_name(uow, other.id, "El Rayo")
        assert save(player, public_name="El Rayo") == SAVED
        with world.uow() as uow:
            assert {profile.show(uow, one.id).username for one in (player, other)} == {"el.rayo", "el.rayo2"}

    def test_of_two_at_the_same_moment_one_is_told_to_try_again(
        self, world: World, player: Player, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.player("El Rayo")
        monkeypatch.setattr(profile, "free_username", lambda *_: "el.rayo")
        with pytest.raises(PublicNameBusy), world.uow() as uow:
            profile.choose_public_name(uow, player.id, "El Rayo")

    @pytest.mark.parametrize("name", ["\u200b\u200b", "a\u202eb", "x" * 41, "\u3164"])
    def test_the_rules_of_text_hold(self, player: Player, name: str) -> None:
        status, page = save(player, public_name=name)
        assert status == 400
        assert 'aria-invalid="true"' in page
        assert history(player) == []

    def test_the_guardian_reads_it(self, world: World, player: Player) -> None:
        world.season(asks_consent=True)
        save(player, public_name="El Rayo")
        page = world.client.get(f"/guardian?token={ask_marta(player)}", headers=OURS).text
        assert "El Rayo" in page
        assert "Ríos" not in page


class TestCity:
    def test_it_changes_once_in_a_season(self, world: World, player: Player) -> None:
        assert save(player, city="Cali") == SAVED
        assert save(player, city="Cali") == SAVED  # the same
        status, page = save(player, city="Medellín")
        assert status == 400
        assert "sigues en" in page
        assert "Cali" in page
        world.season()
        assert save(player, city="Medellín") == SAVED
        assert history(player) == [("city", "Bogotá", "Cali"), ("city", "Cali", "Medellín")]

    def test_without_an_open_season_all_changes_count(self, world: World, player: Player) -> None:
        save(player, city="Cali")
        with world.uow() as uow:
            uow.execute(text("update seasons set closed_at = now()"))
        assert save(player, city="Medellín")[0] == 400

    def test_only_a_city_of_the_list_is_taken_as_the_list_writes_it(self, player: Player) -> None:
        status, page = save(player, city="Macondo")
        assert status == 400
        assert "Elige una ciudad de la lista." in page
        assert save(player, city="cucuta") == SAVED
        assert history(player) == [("city", "Bogotá", "Cúcuta")]

    def test_a_city_that_the_list_lacks_stays_until_it_is_changed(self, world: World) -> None:
        player = world.player("Lucía Ríos", f"Vereda {next(NUMBERS)}")
        world.client.cookies.set("__Host-anb", player.headers["Authorization"].removeprefix("Bearer "))
        assert "Vereda" in world.client.get("/account/profile", headers=OURS).text
        assert save(player, city="", public_name="El Rayo") == SAVED
        assert [field for field, *_ in history(player)] == ["public_name"]


class TestBirthYear:
    def test_a_minor_does_not_become_an_adult_alone(self, player: Player) -> None:
        assert save(player, birth_year="2012") == SAVED
        assert save(player, birth_year="2013") == SAVED
        status, page = save(player, birth_year="1990")
        assert status == 400
        assert "serías mayor de edad" in page
        assert history(player) == [("birth_year", None, "2012"), ("birth_year", "2012", "2013")]

    @pytest.mark.parametrize("year", ["2199", "1800", "ayer"])
    def test_a_year_that_cannot_be_is_refused(self, player: Player, year: str) -> None:
        assert save(player, birth_year=year)[0] == 400
        assert history(player) == []

    def test_an_adult_who_turns_out_to_be_a_minor_waits_from_then_on(self, world: World, player: Player) -> None:
        world.season(asks_consent=True)
        body = {"version": "2026-11-30", "birth_year": 1990}
        assert world.client.post("/api/account/consent", json=body, headers=player.headers).status_code == 200
        assert save(player, birth_year="2012") == SAVED
        assert job_state(player, player.upload().task_id) is JobState.HELD


class TestOperator:
    @pytest.fixture
    def anb(self, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anb]:
        yield from anb_on(world, monkeypatch)

    def test_it_sees_the_history_and_corrects_the_year(self, player: Player, anb: Anb) -> None:
        save(player, birth_year="2012", city="Cali")
        assert anb("user", "birth-year", player.email, "1990").exit_code == 0
        shown = anb("user", "show", player.email).output
        assert "city: Bogotá → Cali, by the person" in shown
        assert "birth_year: - → 2012, by the person" in shown
        assert "birth_year: 2012 → 1990, by " in shown
        with player.world.uow() as uow:
            assert profile.birth_year(uow, player.id) == 1990


def test_a_profile_of_no_one_is_not_found(world: World, player: Player) -> None:
    with world.uow() as uow, pytest.raises(AccountNotFound):
        profile.show(uow, type(player.id)(int=0))
    assert world.client.get("/account", headers=OURS).text.count('href="/account/profile"') == 1


def test_the_account_knows_the_name_that_is_shown(world: World, player: Player) -> None:
    save(player, public_name="El Rayo")
    with world.uow() as uow:
        account = accounts.who(uow, player.id)
    assert (account.name, account.shown_name) == ("Lucía Ríos", "El Rayo")
