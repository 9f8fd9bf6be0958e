"""Sign-up on our pages where the season asks for consent: one form, kept whole or not at all."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from anb.accounts import invitations, recovery
from anb.accounts import service as accounts
from anb.accounts.domain import AccountNotFound, Role
from anb.consents import service as consents
from anb.consents.domain import Consents, ConsentStanding
from anb.db.tables_consents import consents as agreements
from support.browser_client import browser_client, form
from support.consenting import MARTA, answer, newest_token
from support.inbox import inbox
from support.joining import ADULT, AGREED, GUARDIAN, LUCIA, MINOR, known_of, rows, sign_up
from support.worlds import OPERATOR, World


@pytest.fixture
def visitor(world: World) -> Iterator[TestClient]:
    """A browser, in a season that asks for consent."""
    world.season(asks_consent=True)
    with browser_client(world) as browser:
        yield browser


class TestForm:
    def test_it_asks_for_year_guardian_and_agreement_to_the_version_in_force(self, visitor: TestClient) -> None:
        page = visitor.get("/signup").text
        for field in ("birth_year", "guardian_name", "guardian_email", "agree"):
            assert f'name="{field}"' in page
        assert 'name="version" value="2026-11-30"' in page
        assert 'href="/privacy/policy/2026-11-30"' in page
        assert "Ley 1581 de 2012" in page

    def test_it_is_short_where_the_season_does_not_ask(self, world: World) -> None:
        with browser_client(world) as visitor:
            page = visitor.get("/signup").text
            assert "birth_year" not in page
            assert "guardian" not in page
            assert "Ley 1581" not in page
            assert sign_up(visitor, {}) == (303, "/upload")
        standing, known = known_of(world)
        assert (standing, known) == (ConsentStanding.NOT_ASKED, Consents())

    def test_what_a_form_says_unasked_is_not_kept(self, world: World) -> None:
        with browser_client(world) as visitor:
            assert sign_up(visitor, MINOR) == (303, "/upload")
        assert known_of(world)[1] == Consents()
        assert inbox(world, MARTA) == []


class TestAnswers:
    def test_an_adult_may_upload_at_once(self, world: World, visitor: TestClient) -> None:
        assert sign_up(visitor, ADULT) == (303, "/upload")
        standing, known = known_of(world)
        assert standing is ConsentStanding.GIVEN
        assert (known.birth_year, known.player_version, known.guardian) == (1990, "2026-11-30", None)
        assert visitor.get("/upload").status_code == 200  # not led to the consent page

    def test_what_was_shown_is_kept_with_its_time_and_way(self, world: World, visitor: TestClient) -> None:
        sign_up(visitor, ADULT)
        with world.uow() as uow:
            (kept,) = consents.list_of(uow, recovery.find(uow, LUCIA).id)
            digest = uow.execute(select(agreements.c.digest)).scalar_one()
            text = consents.show_policy(world.settings, "2026-11-30", "es")
        assert (kept.who, kept.version, kept.language, kept.channel) == ("player", "2026-11-30", "es", "page")
        assert kept.answered_at is not None
        assert digest == text.digest

    def test_a_minors_guardian_gets_a_link_that_works(self, world: World, visitor: TestClient) -> None:
        assert sign_up(visitor, MINOR) == (303, "/upload")
        assert known_of(world)[0] is ConsentStanding.GUARDIAN_ASKED
        assert [mail.kind for mail in inbox(world, MARTA)] == ["guardian_consent"]
        assert answer(world, newest_token(world)) == 200
        assert known_of(world)[0] is ConsentStanding.GIVEN

    def test_who_comes_of_age_this_year_is_a_minor(self, world: World, visitor: TestClient) -> None:
        with world.uow() as uow:
            year = consents.rule_of(uow, world.settings).year
        assert sign_up(visitor, AGREED | {"birth_year": str(year - 18)})[0] == 400
        assert sign_up(visitor, AGREED | {"birth_year": str(year - 19)}) == (303, "/upload")

    def test_an_unknown_year_is_a_minors(self, world: World, visitor: TestClient) -> None:
        status, page = sign_up(visitor, AGREED)
        assert (status, "no dijiste tu año de nacimiento" in page) == (400, True)
        assert sign_up(visitor, AGREED | GUARDIAN) == (303, "/upload")
        standing, known = known_of(world)
        assert (standing, known.birth_year) == (ConsentStanding.GUARDIAN_ASKED, None)

    def test_an_adults_guardian_is_not_asked(self, world: World, visitor: TestClient) -> None:
        assert sign_up(visitor, ADULT | GUARDIAN) == (303, "/upload")
        assert known_of(world)[1].guardian is None
        assert inbox(world, MARTA) == []


WRONG = {
    "no agreement": (ADULT | {"agree": ""}, "Marca la casilla"),
    "an older version": (ADULT | {"version": "2020-01-01"}, "La política de datos cambió"),
    "a form from before the season asked": ({}, "Marca la casilla"),
    "a year to come": (MINOR | {"birth_year": "2199"}, "Ese año todavía no llega"),
    "no year at all": (MINOR | {"birth_year": "hace mucho"}, 'id="error-birth_year"'),
    "a minor alone": (AGREED | {"birth_year": "2012"}, "escribe el nombre y el correo"),
    "half a guardian": (AGREED | {"birth_year": "2012", "guardian_name": "Marta"}, "Escribe el nombre y el correo."),
    "no address": (MINOR | {"guardian_email": "marta"}, 'id="error-guardian_email"'),
    "one's own address": (MINOR | {"guardian_email": LUCIA}, "Ese es tu propio correo"),
    "one's own address in upper case": (MINOR | {"guardian_email": LUCIA.upper()}, "Ese es tu propio correo"),
}


@pytest.mark.parametrize(("answers", "said"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("mail", [True, False], ids=["with mail", "without"])
@pytest.mark.parametrize("taken", [True, False], ids=["taken", "free"])
def test_what_is_wrong_is_said_and_nothing_is_kept(
    world: World, visitor: TestClient, answers: dict[str, str], said: str, mail: bool, taken: bool
) -> None:
    if taken:
        assert world.client.post("/api/auth/signup", json=form(email=LUCIA)).status_code == 201
    world.change(mail_is_sent=mail)
    with world.uow() as uow:
        before = rows(uow)
    status, page = sign_up(visitor, answers)
    assert (status, said in page) == (400, True)
    assert 'value="Lucía"' in page
    assert 'value="2026-11-30"' in page
    assert "balon-naranja-7" not in page
    with world.uow() as uow:
        assert rows(uow) == before


def test_all_mistakes_are_said_at_once(visitor: TestClient) -> None:
    status, page = sign_up(visitor, {"birth_year": "2012", "version": "2026-11-30"}, city="", password1="x")
    assert status == 400
    for field in ("city", "password1", "guardian_name", "agree"):
        assert f'id="error-{field}"' in page


def test_the_box_stays_ticked_unless_the_text_changed(visitor: TestClient) -> None:
    ticked = 'value="yes" required checked'
    assert ticked in sign_up(visitor, ADULT, city="")[1]
    assert ticked not in sign_up(visitor, ADULT | {"version": "2020-01-01"})[1]


@pytest.mark.usefixtures("visitor")
def test_the_api_asks_for_nothing_more(world: World) -> None:
    assert world.client.post("/api/auth/signup", json=form(email=LUCIA)).status_code == 201
    assert known_of(world)[0] is ConsentStanding.PLAYER


def test_a_season_that_asks_later_asks_on_the_consent_page(world: World) -> None:
    with browser_client(world) as visitor:
        assert sign_up(visitor, {}) == (303, "/upload")
        world.season(asks_consent=True)
        assert visitor.get("/upload").headers["location"] == "/account/consent?next=%2Fupload"


class TestQuietly:
    """With mail, nothing tells whether the address has an account."""

    @pytest.fixture(autouse=True)
    def _with_mail(self, world: World, visitor: TestClient) -> None:
        del visitor  # the season asks
        world.change(mail_is_sent=True)

    def test_a_minors_account_and_guardian_are_kept_together(self, world: World, visitor: TestClient) -> None:
        status, page = sign_up(visitor, MINOR)
        assert (status, "Mira tu correo" in page) == (200, True)
        assert known_of(world)[0] is ConsentStanding.GUARDIAN_ASKED
        assert [mail.kind for mail in inbox(world, LUCIA)] == ["confirm_email"]
        assert [mail.kind for mail in inbox(world, MARTA)] == ["guardian_consent"]
        entered = visitor.post("/login", data={"email": LUCIA, "password": "balon-naranja-7"})
        assert entered.headers["location"] == "/"  # the consent page has nothing to ask

    def test_for_a_taken_address_nothing_stays_but_a_mail_to_its_owner(
        self, world: World, visitor: TestClient, capsys: pytest.CaptureFixture[str]
    ) -> None:
        sign_up(visitor, ADULT)
        logged = ("accounts.sign_up.succeeded", "consents.player.given")
        told = capsys.readouterr().out
        assert all(event in told for event in logged)
        with world.uow() as uow:
            before = rows(uow)
        sign_up(visitor, MINOR)
        with world.uow() as uow:
            grown = [after - known for after, known in zip(rows(uow), before, strict=True)]
        assert grown == [0, 0, 0, 1, 1]  # an unsent link, and the mail
        assert [mail.kind for mail in inbox(world, LUCIA)] == ["confirm_email", "account_exists"]
        assert inbox(world, MARTA) == []
        assert known_of(world)[1].birth_year == 1990
        told = capsys.readouterr().out
        assert not any(event in told for event in logged)

    def test_who_loses_a_race_for_an_address_learns_nothing(
        self, world: World, visitor: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sign_up(visitor, ADULT)
        looked, real = iter([False]), accounts.is_taken  # the other sign-up commits after our first look
        monkeypatch.setattr(accounts, "is_taken", lambda *asked: next(looked, None) is None and real(*asked))
        status, page = sign_up(visitor, MINOR)
        assert (status, "Mira tu correo" in page) == (200, True)
        assert [mail.kind for mail in inbox(world, LUCIA)] == ["confirm_email", "account_exists"]
        assert inbox(world, MARTA) == []
        assert known_of(world)[1].birth_year == 1990

    def test_guardians_get_few_mails_of_strangers(self, world: World, visitor: TestClient) -> None:
        world.change(rate_exempt_networks="", rate_guardian="2/hour")
        answers = [sign_up(visitor, MINOR, email=f"nina{n}@example.com") for n in range(3)]
        assert [status for status, _ in answers] == [200, 200, 429]
        assert 'value="Marta"' in answers[2][1]
        assert len(inbox(world, MARTA)) == 2
        assert sign_up(visitor, ADULT | GUARDIAN)[0] == 200  # no mail to a guardian
        with world.uow() as uow, pytest.raises(AccountNotFound):
            recovery.find(uow, "nina2@example.com")


class TestInvitation:
    def test_it_asks_the_same(self, world: World, visitor: TestClient) -> None:
        with world.uow() as uow:
            path = invitations.invite(uow, "jurado@example.com", Role.JUROR, OPERATOR)
        token = {"token": path.partition("=")[2]}
        assert 'name="birth_year"' in visitor.get(path).text
        refused = visitor.post("/account/invitation", data=form() | token)
        assert (refused.status_code, "Marca la casilla" in refused.text) == (400, True)
        own = MINOR | {"guardian_email": "jurado@example.com"}
        assert "Ese es tu propio correo" in visitor.post("/account/invitation", data=form() | token | own).text
        done = visitor.post("/account/invitation", data=form() | token | MINOR)
        assert done.headers["location"] == "/login?done=invited"
        assert known_of(world, "jurado@example.com")[0] is ConsentStanding.GUARDIAN_ASKED
        assert len(inbox(world, MARTA)) == 1


def test_a_death_before_the_end_leaves_neither_account_nor_answer(
    world: World, visitor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> UUID:
        raise RuntimeError

    with world.uow() as uow:
        before = rows(uow)
    monkeypatch.setattr("anb.consents.store.add_guardian", die)
    assert sign_up(visitor, MINOR)[0] == 500
    with world.uow() as uow:
        assert rows(uow) == before
