"""Interference with a sign-in through an issuer: other browsers, codes and issuers; each gets a page, no session."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from anb.db.tables_identities import sign_in_attempts
from support.browser_client import browser_client
from support.mock_issuer import MockIssuer, joined, leave, offer, path_of, rows_in
from support.worlds import World


@pytest.fixture(autouse=True)
def _offered(world: World, mock: MockIssuer) -> None:
    offer(world, mock.config())


@pytest.fixture
def lucia(mock: MockIssuer) -> str:
    """A person whose e-mail the issuer verified."""
    return mock.knows_somebody()


class TestInterference:
    def test_a_callback_that_another_browser_began_signs_nobody_in(
        self, world: World, mock: MockIssuer, lucia: str
    ) -> None:
        """Login CSRF: the attacker's own sign-in, opened in the victim's browser."""
        with browser_client(world) as attacker:
            joined(attacker, mock, lucia)
            back = path_of(mock.approve(leave(attacker), lucia))
        with browser_client(world) as victim:
            leave(victim)  # even with a sign-in of its own under way
            refused = victim.get(back)
            assert refused.status_code == 400
            assert "Este intento de entrar ya se usó" in refused.text
            assert victim.get("/me").status_code == 303

    def test_a_state_works_once(self, world: World, mock: MockIssuer, lucia: str) -> None:
        with browser_client(world) as visitor:
            back = path_of(mock.approve(leave(visitor), lucia))
            assert visitor.get(back).status_code == 303
            assert visitor.get(back).status_code == 400
        assert rows_in(world, sign_in_attempts) == 0

    def test_a_preview_of_the_address_does_not_use_it_up(self, world: World, mock: MockIssuer, lucia: str) -> None:
        with browser_client(world) as visitor:
            back = path_of(mock.approve(leave(visitor), lucia))
            assert visitor.head(back).status_code == 200
            assert visitor.get(back).status_code == 303

    def test_a_code_of_another_sign_in_is_refused_by_its_nonce(
        self, world: World, mock: MockIssuer, lucia: str
    ) -> None:
        with browser_client(world) as attacker:
            code = parse_qs(urlsplit(mock.approve(leave(attacker), lucia)).query)["code"][0]
        with browser_client(world) as victim:
            state = parse_qs(urlsplit(leave(victim)).query)["state"][0]
            refused = victim.get(f"/login/with/club/callback?{urlencode({'state': state, 'code': code})}")
        assert refused.status_code == 502
        assert "No pudimos comprobar la respuesta de" in refused.text

    def test_a_code_works_once(self, world: World, mock: MockIssuer, lucia: str) -> None:
        with browser_client(world) as visitor:
            back = mock.approve(leave(visitor), lucia)
            code = parse_qs(urlsplit(back).query)["code"][0]
            assert visitor.get(path_of(back)).status_code == 303
            state = parse_qs(urlsplit(leave(visitor)).query)["state"][0]
            again = visitor.get(f"/login/with/club/callback?{urlencode({'state': state, 'code': code})}")
        assert again.status_code == 502

    def test_an_answer_for_one_issuer_is_refused_at_another(self, world: World, mock: MockIssuer, lucia: str) -> None:
        other = mock.config(key="other", name="Otro").model_copy(update={"issuer": f"{mock.url}/"})
        offer(world, mock.config(), other)
        with browser_client(world) as visitor:
            back = path_of(mock.approve(leave(visitor), lucia))
            assert visitor.get(back.replace("/club/", "/other/")).status_code == 400
            assert visitor.get(back).status_code == 303  # and was not used up there

    @pytest.mark.parametrize("query", ["", "state=&code=", "code=x", "state=x", "state=%00&code=%00", "state=é&code=é"])
    def test_an_answer_that_makes_no_sense_is_a_page(self, world: World, query: str) -> None:
        with browser_client(world) as visitor:
            assert visitor.get(f"/login/with/club/callback?{query}").status_code == 400

    def test_whoever_cancels_is_told_so(self, world: World, mock: MockIssuer) -> None:
        with browser_client(world) as visitor:
            back = mock.deny(leave(visitor))
            state = parse_qs(urlsplit(back).query).get("state", [""])[0]
            page = visitor.get(path_of(back))
        assert page.status_code == 400
        assert "No entraste con" in page.text if state else "Este intento" in page.text

    @pytest.mark.parametrize("path", ["/signup/with", "/signup/with/account"])
    def test_nobody_joins_who_does_not_come_from_an_issuer(self, world: World, path: str) -> None:
        with browser_client(world) as visitor:
            assert visitor.get(path).status_code == 400

    def test_an_issuer_that_is_down_is_a_page_with_a_time_to_come_back(self, world: World, mock: MockIssuer) -> None:
        offer(world, mock.config().model_copy(update={"issuer": "http://localhost:9"}))
        with browser_client(world) as visitor:
            page = visitor.post("/login/with/club")
        assert page.status_code == 503
        assert page.headers["retry-after"]
        assert "no responde en este momento" in page.text

    def test_sign_ins_from_an_address_block_are_limited(self, world: World) -> None:
        world.change(rate_issuer_block="2/hour", rate_exempt_networks="")
        with browser_client(world) as visitor:
            statuses = [visitor.post("/login/with/club").status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
