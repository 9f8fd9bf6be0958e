"""Our answers do not tell which addresses have accounts: the same answers, after the same statements and hashes.

Work is counted, not timed: a difference of one statement is seen here, while timing sees it only in a quiet machine.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx2 as httpx
import pytest
from sqlalchemy import event

from support.browser_client import browser_client, form
from support.inbox import inbox
from support.joining import MINOR
from support.worlds import World

KNOWN, UNKNOWN = "lucia@example.com", "nadie@example.com"
Ask = Callable[[World, str], httpx.Response]


@contextmanager
def counted(world: World) -> Iterator[list[str]]:
    """Gather the kind of each statement and each hash: `select users`, `insert links`, `commit`, `hash`."""
    done: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        verb = statement.split(maxsplit=1)[0].lower()
        table = re.search(r"(?:from|into|update)\s+(\w+)", statement, re.IGNORECASE)
        done.append(f"{verb} {table[1] if table else ''}")

    def commit(_connection: object) -> None:
        done.append("commit")

    event.listen(world.database.engine, "before_cursor_execute", note)
    event.listen(world.database.engine, "commit", commit)
    yield done
    event.remove(world.database.engine, "before_cursor_execute", note)
    event.remove(world.database.engine, "commit", commit)


@pytest.fixture(autouse=True)
def _one_account(world: World) -> None:
    assert world.client.post("/api/auth/signup", json=form(email=KNOWN)).status_code == 201


@pytest.fixture
def with_mail(world: World) -> None:
    """Give the world a mail server: then sign-up by our page tells nothing."""
    world.change(mail_is_sent=True)


def forgot(world: World, email: str) -> httpx.Response:
    return world.client.post("/api/auth/forgot", json={"email": email})


def forgot_by_form(world: World, email: str) -> httpx.Response:
    with browser_client(world) as visitor:
        return visitor.post("/forgot", data={"email": email})


def sign_up_by_form(world: World, email: str, **answers: str) -> httpx.Response:
    with browser_client(world) as visitor:
        return visitor.post("/signup", data=form(email=email, **answers))


def shown(answer: httpx.Response, email: str) -> tuple[int, str, list[str], str | None]:
    """Return what a stranger sees."""
    return answer.status_code, answer.text.replace(email, "…"), sorted(answer.headers), answer.headers.get("location")


@pytest.mark.parametrize("ask", [forgot, forgot_by_form])
def test_a_forgotten_password_tells_nothing(world: World, ask: Ask) -> None:
    seen = []
    for email in (KNOWN, UNKNOWN):
        with counted(world) as done:
            seen.append((shown(ask(world, email), email), done))
    assert seen[0] == seen[1]
    assert seen[0][1] == ["select users", "select users", "insert links", "insert mails", "commit"]


@pytest.mark.usefixtures("with_mail")
@pytest.mark.parametrize("answers", [{}, MINOR], ids=["no consent", "a minor's consent"])
def test_sign_up_by_our_page_tells_nothing(world: World, answers: dict[str, str]) -> None:
    world.season(asks_consent=bool(answers))
    seen = []
    for email in (KNOWN, UNKNOWN):
        with counted(world) as done:
            answer = shown(sign_up_by_form(world, email, **answers), email)
            # What is added for a taken address is undone at the end of the savepoint.
            seen.append((answer, [each.replace("rollback", "release") for each in done]))
    assert seen[0] == seen[1]
    assert ("insert guardians" in seen[0][1]) is bool(answers)
    assert (seen[0][0][0], "set-cookie" in seen[0][0][2]) == (200, False)
    assert "Mira tu correo" in seen[0][0][1]
    assert [mail.kind for mail in inbox(world, KNOWN)] == ["confirm_email", "account_exists"]
    assert [mail.kind for mail in inbox(world, UNKNOWN)] == ["confirm_email"]


@pytest.mark.usefixtures("with_mail")
@pytest.mark.parametrize("email", [KNOWN, UNKNOWN])
def test_our_page_sends_no_address_more_than_its_share(world: World, email: str) -> None:
    world.change(rate_exempt_networks="", rate_mail="1/hour")
    before = len(inbox(world, email))
    answers = [shown(sign_up_by_form(world, email), email) for _ in range(3)]
    assert len({answer[:2] for answer in answers}) == 1
    assert len(inbox(world, email)) == before + 1


@pytest.mark.usefixtures("with_mail")
def test_a_laptop_may_choose_to_sign_in_at_once(world: World) -> None:
    world.change(sign_up_at_once=True)
    assert [sign_up_by_form(world, email).status_code for email in (KNOWN, UNKNOWN)] == [400, 303]
    assert [mail.kind for mail in inbox(world, UNKNOWN)] == ["confirm_email"]


@pytest.mark.usefixtures("with_mail")
def test_who_signed_up_by_our_page_can_sign_in(world: World) -> None:
    sign_up_by_form(world, UNKNOWN)
    with browser_client(world) as visitor:
        done = visitor.post("/login", data={"email": UNKNOWN, "password": "balon-naranja-7"})
    assert done.status_code == 303


@pytest.mark.usefixtures("with_mail")
def test_a_new_account_beyond_the_share_of_its_address_gets_no_mail_yet(world: World) -> None:
    world.change(rate_exempt_networks="", rate_mail="1/hour")
    forgot(world, UNKNOWN)
    assert sign_up_by_form(world, UNKNOWN).status_code == 200
    assert [mail.kind for mail in inbox(world, UNKNOWN)] == ["no_account"]
    body = {"email": UNKNOWN, "password": "balon-naranja-7"}
    assert world.client.post("/api/auth/login", json=body).status_code == 200
