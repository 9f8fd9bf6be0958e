"""Signing in with an issuer through the pages, against an issuer that others wrote: the whole way, and interference."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from anb.accounts import service as accounts
from anb.db.tables_accounts import users
from anb.db.tables_identities import identities, sign_in_attempts, vouched_people
from support.browser_client import browser_client
from support.mock_issuer import JOIN, MockIssuer, address_on, come_back, joined, leave, offer, path_of, rows_in
from support.worlds import World


@pytest.fixture(autouse=True)
def _offered(world: World, mock: MockIssuer) -> None:
    offer(world, mock.config())


@pytest.fixture
def lucia(mock: MockIssuer) -> str:
    """A person whose e-mail the issuer verified."""
    return mock.knows_somebody()


class TestButtons:
    @pytest.mark.parametrize("path", ["/login", "/signup"])
    def test_each_issuer_has_one_where_people_enter(self, world: World, path: str) -> None:
        with browser_client(world) as visitor:
            page = visitor.get(f"{path}?next=/ranking").text
        assert re.search(
            r'action="/login/with/club".*?value="/ranking".*?Continuar con \u2068El Club\u2069<', page, re.DOTALL
        )

    @pytest.mark.parametrize("path", ["/login", "/signup"])
    def test_without_settings_there_is_none(self, world: World, path: str) -> None:
        offer(world)
        with browser_client(world) as visitor:
            assert "/login/with/" not in visitor.get(path).text

    def test_an_issuer_that_is_not_in_the_settings_is_not_there(self, world: World) -> None:
        with browser_client(world) as visitor:
            assert visitor.post("/login/with/other").status_code == 404
            assert visitor.get("/login/with/other/callback?state=x&code=y").status_code == 404

    def test_another_site_cannot_press_it(self, world: World) -> None:
        with browser_client(world) as visitor:
            refused = visitor.post("/login/with/club", headers={"Sec-Fetch-Site": "cross-site"})
        assert refused.status_code == 403
        assert rows_in(world, sign_in_attempts) == 0


class TestTheWholeWay:
    def test_a_new_person_gets_an_account_without_a_password(self, world: World, mock: MockIssuer, lucia: str) -> None:
        with browser_client(world) as visitor:
            assert come_back(visitor, mock, lucia, next="/ranking") == "/signup/with"
            form = visitor.get("/signup/with").text
            assert 'value="Lucía"' in form
            assert f"{lucia}@club.example" in form
            assert 'type="password"' not in form
            done = visitor.post("/signup/with", data=JOIN)
            assert (done.status_code, done.headers["location"]) == (303, "/ranking")
            assert visitor.get("/me").status_code == 200
        with world.uow() as uow:
            row = uow.execute(select(users).where(users.c.email == f"{lucia}@club.example")).one()
        assert row.password_hash is None
        assert row.email_confirmed_at is not None
        assert rows_in(world, vouched_people) == 0

    def test_and_the_next_time_is_signed_in_at_once_elsewhere(self, world: World, mock: MockIssuer, lucia: str) -> None:
        with browser_client(world) as visitor:
            joined(visitor, mock, lucia)
        with browser_client(world) as elsewhere:
            assert come_back(elsewhere, mock, lucia, next="/ranking") == "/ranking"
            assert elsewhere.get("/me").status_code == 200
        assert rows_in(world, users) == 1

    def test_a_form_with_mistakes_is_shown_again(self, world: World, mock: MockIssuer, lucia: str) -> None:
        with browser_client(world) as visitor:
            come_back(visitor, mock, lucia)
            page = visitor.post("/signup/with", data=JOIN | {"city": ""})
            assert page.status_code == 400
            assert 'id="error-city"' in page.text
            assert visitor.post("/signup/with", data=JOIN).status_code == 303

    def test_an_email_in_the_form_is_ignored(self, world: World, mock: MockIssuer, lucia: str) -> None:
        with browser_client(world) as visitor:
            come_back(visitor, mock, lucia)
            visitor.post("/signup/with", data=JOIN | {"email": "victim@example.com"})
        with world.uow() as uow:
            assert uow.execute(select(users.c.email)).scalars().all() == [f"{lucia}@club.example"]

    def test_the_way_in_may_lead_only_within_the_site(self, world: World, mock: MockIssuer, lucia: str) -> None:
        with browser_client(world) as visitor:
            joined(visitor, mock, lucia)
            assert come_back(visitor, mock, lucia, next="//evil.example") == "/"

    def test_the_browser_is_not_told_more_than_it_needs(self, world: World) -> None:
        with browser_client(world) as visitor:
            page = visitor.post("/login/with/club")
            (cookie,) = page.headers.get_list("set-cookie")
        asked = {name: value for name, (value,) in parse_qs(urlsplit(address_on(page.text)).query).items()}
        assert asked.keys() == {
            "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge",
            "code_challenge_method",
        }  # fmt: skip
        assert asked["redirect_uri"] == "https://testserver/login/with/club/callback"
        assert cookie.startswith("__Host-anb-issuer=")
        assert {part.strip() for part in cookie.split(";")[1:]} == {
            "HttpOnly", "Max-Age=1800", "Path=/", "SameSite=lax", "Secure"}  # fmt: skip
        assert page.headers["cache-control"] == "private, no-store"

    def test_it_survives_another_web_server(self, world: World, mock: MockIssuer, lucia: str) -> None:
        """What one server began, another finishes: the first keeps it in a row, not in memory."""
        with browser_client(world) as visitor:
            back = path_of(mock.approve(leave(visitor), lucia))
            offer(world, mock.config())  # a new client of the issuer, which knows nothing yet
            assert visitor.get(back).headers["location"] == "/signup/with"


class TestAnAccountThatExists:
    def test_an_issuer_that_knows_its_address_does_not_open_it(self, world: World, mock: MockIssuer) -> None:
        player = world.player()
        mock.knows("impostor", email=player.email, email_verified=True)
        with browser_client(world) as visitor:
            assert come_back(visitor, mock, "impostor") == "/signup/with/account"
            assert "Primero, tu cuenta" in visitor.get("/signup/with/account").text
            assert visitor.get("/me").status_code == 303
            assert visitor.post("/signup/with", data=JOIN).headers["location"] == "/signup/with/account"
        assert rows_in(world, identities) == 0

    def test_it_is_linked_once_both_are_proved(self, world: World, mock: MockIssuer) -> None:
        player = world.player()
        mock.knows("owner", email=player.email, email_verified=True)
        with browser_client(world) as visitor:
            come_back(visitor, mock, "owner")
            assert "/login?next=%2Faccount%2Fidentities%2Flink" in visitor.get("/signup/with/account").text
            word = {"email": player.email, "password": "balon-naranja-7", "next": "/account/identities/link"}
            assert visitor.post("/login", data=word).headers["location"] == "/account/identities/link"
            asked = visitor.get("/account/identities/link").text
            assert asked.count(player.email) == 2
            assert rows_in(world, identities) == 0  # nothing is linked by looking
            assert visitor.post("/account/identities/link").headers["location"] == "/account/identities?done=linked"
        with browser_client(world) as elsewhere:
            assert come_back(elsewhere, mock, "owner", next="/me") == "/me"

    @pytest.mark.parametrize(
        "claims", [{}, {"email": "new@club.example"}, {"email": "no-address", "email_verified": True}]
    )
    def test_without_a_verified_address_one_needs_an_account_first(
        self, world: World, mock: MockIssuer, claims: dict[str, str]
    ) -> None:
        mock.knows("unverified", **claims)
        with browser_client(world) as visitor:
            assert come_back(visitor, mock, "unverified") == "/signup/with/account"
            assert visitor.post("/signup/with", data=JOIN).status_code in {303, 400}
            assert rows_in(world, users) == 0

    def test_another_site_cannot_link(self, world: World, mock: MockIssuer, lucia: str) -> None:
        with browser_client(world, world.player()) as player:
            assert come_back(player, mock, lucia) == "/account/identities/link"
            refused = player.post("/account/identities/link", headers={"Sec-Fetch-Site": "cross-site"})
        assert refused.status_code == 403
        assert rows_in(world, identities) == 0

    def test_an_address_that_changes_at_the_issuer_stays_the_same_here(
        self, world: World, mock: MockIssuer, lucia: str
    ) -> None:
        with browser_client(world) as visitor:
            joined(visitor, mock, lucia)
            mock.knows(lucia, email="moved@club.example", email_verified=True)
            come_back(visitor, mock, lucia)
            assert "moved@club.example" in visitor.get("/account/identities").text
        with world.uow() as uow:
            assert accounts.is_taken(uow, f"{lucia}@club.example")
            assert not accounts.is_taken(uow, "moved@club.example")
