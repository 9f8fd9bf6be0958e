"""The issuers of one's account: list, link, unlink, and the last way in."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from sqlalchemy import select

from anb.accounts import recovery
from anb.db.tables_sessions import sessions
from anb.identities import service
from support.browser_client import browser_client
from support.factors import code_at, enrolled
from support.inbox import inbox
from support.mock_issuer import JOIN, MockIssuer, leave, offer, path_of
from support.worlds import OPERATOR, World

LINK = "/account/identities/with/club"


@pytest.fixture(autouse=True)
def _offered(world: World, mock: MockIssuer) -> None:
    offer(world, mock.config())


def removal(page: str) -> str:
    """Return the address that removes the identity on a page."""
    found = re.search(r'action="(/account/identities/[0-9a-f-]{36}/unlink)"', page)
    assert found, page
    return found[1]


def test_a_person_links_and_unlinks(world: World, mock: MockIssuer) -> None:
    mock.knows("lucia", email="lucia@club.example", email_verified=True)
    with browser_client(world, world.player()) as player:
        assert "Aún no has unido ninguna" in player.get("/account/identities").text
        back = path_of(mock.approve(leave(player, LINK), "lucia"))
        assert player.get(back).headers["location"] == "/account/identities?done=linked"
        page = player.get("/account/identities?done=linked").text
        assert "lucia@club.example" in page
        assert LINK not in page
        assert player.post(removal(page)).headers["location"] == "/account/identities?done=unlinked"
        assert LINK in player.get("/account/identities?done=unlinked").text


def test_an_identity_of_another_account_is_not_linked(world: World, mock: MockIssuer) -> None:
    for name, status in (("Ana Uno", 303), ("Ana Dos", 409)):
        with browser_client(world, world.player(name)) as player:
            answer = player.get(path_of(mock.approve(leave(player, LINK), "one")))
            assert answer.status_code == status
    assert "Esa cuenta ya abre otra cuenta de aquí." in answer.text


def test_a_link_that_one_began_is_not_finished_by_another(world: World, mock: MockIssuer) -> None:
    """Two people share a browser: one begins, the other has signed in when the issuer answers."""
    first, second = world.player("Ana Uno"), world.player("Ana Dos")
    with browser_client(world, first) as shared:
        back = path_of(mock.approve(leave(shared, LINK), "somebody"))
        shared.cookies.set("__Host-anb", world.open(second.id).secret, domain="testserver.local", path="/")
        with browser_client(world, second) as other:
            other.cookies.set("__Host-anb-issuer", shared.cookies["__Host-anb-issuer"])
            assert other.get(back).status_code == 400
    with world.uow() as uow:
        assert not service.list_identities(uow, first.id) + service.list_identities(uow, second.id)


def test_the_last_way_in_cannot_be_removed(world: World, mock: MockIssuer) -> None:
    subject = uuid4().hex
    mock.knows(subject, email=f"{subject}@club.example", email_verified=True)
    with browser_client(world) as player:
        player.get(path_of(mock.approve(leave(player), subject)))
        player.post("/signup/with", data=JOIN)
        page = player.get("/account/identities").text
        assert "Tu cuenta aún no tiene contraseña." in page
        refused = player.post(removal(page))
        assert refused.status_code == 400
        assert "Es tu única forma de entrar." in refused.text


def test_what_matters_needs_a_recent_sign_in(world: World, mock: MockIssuer) -> None:
    player = world.player()
    with browser_client(world, player) as browser:
        browser.get(path_of(mock.approve(leave(browser, LINK), "recent")))
        page = browser.get("/account/identities").text
        world.clock.ahead += timedelta(seconds=world.settings.reauthentication_seconds + 5)
        for path in (LINK, "/account/identities/link", removal(page)):
            assert browser.post(path, headers={"Accept": "application/json"}).status_code == 403, path


def test_after_the_new_proof_one_is_back_at_the_page_with_the_button(world: World, mock: MockIssuer) -> None:
    with browser_client(world, world.player()) as browser:
        browser.get(path_of(mock.approve(leave(browser, LINK), "again")))
        page = browser.get("/account/identities").text
        world.clock.ahead += timedelta(seconds=world.settings.reauthentication_seconds + 5)
        for path, back in ((LINK, "/account/identities"), (removal(page), "/account/identities"),
                           ("/account/identities/link", "/account/identities/link")):  # fmt: skip
            asked = browser.post(path)
            assert asked.status_code == 303, asked.text
            assert parse_qs(urlsplit(asked.headers["location"]).query)["next"] == [back]


@pytest.mark.parametrize(("trusted", "strong"), [(True, True), (False, False)])
def test_a_second_factor_there_counts_here_only_where_it_is_trusted(
    world: World, mock: MockIssuer, trusted: bool, strong: bool
) -> None:
    offer(world, mock.config(trust_mfa=trusted))
    subject = uuid4().hex
    mock.knows(subject, email=f"{subject}@club.example", email_verified=True, amr=["pwd", "mfa"])
    with browser_client(world) as player:
        player.get(path_of(mock.approve(leave(player), subject)))
        player.post("/signup/with", data=JOIN)
    with world.uow() as uow:
        assert uow.execute(select(sessions.c.strong)).scalars().all() == [strong]


@pytest.mark.parametrize("trusted", [False, True])
def test_a_second_factor_here_is_asked_for_unless_one_there_is_trusted(
    world: World, mock: MockIssuer, trusted: bool
) -> None:
    offer(world, mock.config(trust_mfa=trusted))
    player = world.player()
    mock.knows("careful", amr=["mfa"])
    with browser_client(world, player) as browser:
        browser.get(path_of(mock.approve(leave(browser, LINK), "careful")))
    secret = enrolled(world, player.id)
    with browser_client(world) as elsewhere:
        answer = elsewhere.get(path_of(mock.approve(leave(elsewhere, next="/me"), "careful")))
        if trusted:
            assert (answer.status_code, answer.headers["location"]) == (303, "/me")
            return
        assert answer.status_code == 200
        assert 'content="0; url=/login/second?next=%2Fme"' in answer.text
        assert elsewhere.get("/me").status_code == 303  # not before the code
        done = elsewhere.post("/login/second", data={"code": code_at(world, secret, 1), "next": "/me"})
        assert (done.status_code, done.headers["location"]) == (303, "/me")


def test_an_account_without_a_password_sets_one_by_mail(world: World, mock: MockIssuer) -> None:
    subject = uuid4().hex
    mock.knows(subject, email=f"{subject}@club.example", email_verified=True)
    with browser_client(world) as player:
        player.get(path_of(mock.approve(leave(player), subject)))
        player.post("/signup/with", data=JOIN)
    with world.uow() as uow:
        address = recovery.reset_by_operator(uow, f"{subject}@club.example", OPERATOR)
    token = parse_qs(urlsplit(address).query)["token"][0]
    word = "balon-naranja-7"
    with browser_client(world) as player:
        player.post("/account/reset", data={"token": token, "password1": word, "password2": word})
        entered = player.post("/login", data={"email": f"{subject}@club.example", "password": word})
        assert entered.status_code == 303, entered.text
        page = player.get("/account/identities").text
        assert "Tu cuenta aún no tiene contraseña." not in page
        assert player.post(removal(page)).headers["location"] == "/account/identities?done=unlinked"


def test_an_organizer_is_told_of_a_browser_that_was_not_known(world: World, mock: MockIssuer) -> None:
    organizer = world.organizer()
    with browser_client(world, organizer) as browser:
        browser.get(path_of(mock.approve(leave(browser, LINK), "olga")))
    before = [each.kind for each in inbox(world, organizer.email)]
    with browser_client(world) as elsewhere:
        assert elsewhere.get(path_of(mock.approve(leave(elsewhere), "olga"))).status_code == 303
    after = [each.kind for each in inbox(world, organizer.email)]
    assert (before.count("new_device"), after.count("new_device")) == (0, 1)
