"""Signing up with an issuer where the season asks for consent: the same questions, kept whole or not at all."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from anb.consents.domain import Consents, ConsentStanding
from anb.db.tables_accounts import users
from anb.db.tables_identities import identities, vouched_people
from support.browser_client import browser_client
from support.consenting import MARTA, answer, newest_token
from support.inbox import inbox
from support.joining import ADULT, AGREED, GUARDIAN, MINOR, known_of, rows
from support.mock_issuer import JOIN, MockIssuer, come_back, offer, rows_in
from support.worlds import World

PAGE = "/signup/with"


@pytest.fixture(autouse=True)
def _offered(world: World, mock: MockIssuer) -> None:
    offer(world, mock.config())


@pytest.fixture
def lucia(mock: MockIssuer) -> str:
    """A person whose e-mail the issuer verified."""
    return mock.knows_somebody()


@pytest.fixture
def visitor(world: World, mock: MockIssuer, lucia: str) -> Iterator[TestClient]:
    """A browser back from the issuer, in a season that asks for consent."""
    world.season(asks_consent=True)
    with browser_client(world) as browser:
        assert come_back(browser, mock, lucia) == PAGE
        yield browser


def send(visitor: TestClient, answers: dict[str, str]) -> tuple[int, str]:
    """Send the form; return the status, and the page or where it leads."""
    sent = visitor.post(PAGE, data=JOIN | answers)
    return sent.status_code, sent.headers.get("location", sent.text)


def everything(world: World) -> list[int]:
    """Count what a sign-up with an issuer may leave."""
    with world.uow() as uow:
        kept = rows(uow)
    return [*kept, rows_in(world, identities), rows_in(world, vouched_people)]


class TestForm:
    def test_it_asks_for_year_guardian_and_agreement_to_the_version_in_force(self, visitor: TestClient) -> None:
        page = visitor.get(PAGE).text
        for field in ("birth_year", "guardian_name", "guardian_email", "agree"):
            assert f'name="{field}"' in page
        assert 'name="version" value="2026-11-30"' in page
        assert 'href="/privacy/policy/2026-11-30"' in page

    def test_it_is_short_where_the_season_does_not_ask(self, world: World, mock: MockIssuer, lucia: str) -> None:
        with browser_client(world) as visitor:
            come_back(visitor, mock, lucia)
            page = visitor.get(PAGE).text
            assert not any(field in page for field in ("birth_year", "guardian", "Ley 1581"))
            assert send(visitor, MINOR) == (303, "/upload")
        assert known_of(world, f"{lucia}@club.example")[1] == Consents()  # what a form says unasked is not kept
        assert inbox(world, MARTA) == []


class TestAnswers:
    def test_an_adult_may_upload_at_once(self, world: World, visitor: TestClient, lucia: str) -> None:
        assert send(visitor, ADULT) == (303, "/upload")
        standing, known = known_of(world, f"{lucia}@club.example")
        assert (standing, known.birth_year, known.player_version) == (ConsentStanding.GIVEN, 1990, "2026-11-30")
        assert visitor.get("/upload").status_code == 200

    def test_a_minors_guardian_gets_a_link_that_works(self, world: World, visitor: TestClient, lucia: str) -> None:
        assert send(visitor, MINOR) == (303, "/upload")
        assert known_of(world, f"{lucia}@club.example")[0] is ConsentStanding.GUARDIAN_ASKED
        assert [mail.kind for mail in inbox(world, MARTA)] == ["guardian_consent"]
        assert answer(world, newest_token(world)) == 200
        assert known_of(world, f"{lucia}@club.example")[0] is ConsentStanding.GIVEN

    def test_an_unknown_year_is_a_minors(self, world: World, visitor: TestClient, lucia: str) -> None:
        assert send(visitor, AGREED)[0] == 400
        assert send(visitor, AGREED | GUARDIAN) == (303, "/upload")
        assert known_of(world, f"{lucia}@club.example")[0] is ConsentStanding.GUARDIAN_ASKED


WRONG = {
    "no agreement": (ADULT | {"agree": ""}, "Marca la casilla"),
    "an older version": (ADULT | {"version": "2020-01-01"}, "La política de datos cambió"),
    "a form from before the season asked": ({}, "Marca la casilla"),
    "a minor alone": (AGREED | {"birth_year": "2012"}, "escribe el nombre y el correo"),
    "half a guardian": (AGREED | {"birth_year": "2012", "guardian_name": "Marta"}, "Escribe el nombre y el correo."),
    "a year to come": (MINOR | {"birth_year": "2199"}, "Ese año todavía no llega"),
    "one's own address at the issuer": (MINOR | {"guardian_email": "{own}"}, "Ese es tu propio correo"),
}


@pytest.mark.parametrize(("answers", "said"), WRONG.values(), ids=WRONG)
def test_without_a_whole_answer_there_is_no_account(
    world: World, visitor: TestClient, lucia: str, answers: dict[str, str], said: str
) -> None:
    before = everything(world)
    status, page = send(visitor, {name: text.format(own=f"{lucia}@club.example") for name, text in answers.items()})
    assert (status, said in page) == (400, True)
    assert 'value="Lucía"' in page
    assert everything(world) == before
    assert visitor.get("/me").status_code == 303  # no one is signed in
    assert send(visitor, ADULT) == (303, "/upload")  # the person is still known


def test_guardians_get_few_mails_of_strangers(world: World, mock: MockIssuer, visitor: TestClient) -> None:
    world.change(rate_exempt_networks="", rate_guardian="1/hour")
    assert send(visitor, MINOR) == (303, "/upload")
    with browser_client(world) as another:
        come_back(another, mock, mock.knows_somebody())
        before = everything(world)
        status, page = send(another, MINOR)
        assert (status, 'value="Marta"' in page, 'name="agree"' in page) == (429, True, True)
        assert everything(world) == before
        assert send(another, ADULT) == (303, "/upload")
    assert len(inbox(world, MARTA)) == 1


def test_a_death_before_the_end_leaves_neither_account_nor_answer(
    world: World, visitor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise RuntimeError

    before = everything(world)
    with monkeypatch.context() as dying:
        dying.setattr("anb.consents.store.add_guardian", die)
        assert send(visitor, MINOR)[0] == 500
    assert everything(world) == before
    assert send(visitor, MINOR) == (303, "/upload")


def test_whose_address_was_taken_meanwhile_can_still_link(
    world: World, mock: MockIssuer, visitor: TestClient, lucia: str
) -> None:
    with browser_client(world) as elsewhere:
        come_back(elsewhere, mock, lucia)
        assert send(elsewhere, ADULT) == (303, "/upload")
    assert send(visitor, ADULT) == (303, f"{PAGE}/account")
    assert f"{lucia}@club.example" in visitor.get(f"{PAGE}/account").text
    assert rows_in(world, users) == 1
