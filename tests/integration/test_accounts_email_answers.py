"""How the former address answers a change: it approves, refuses, or lets the days pass."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import text

from anb.accounts import changes, changing_email
from anb.accounts.links import LinkInvalid
from support.access import confirmed
from support.browser_client import browser_client, form
from support.changing import THERE, accept, approve, ask, email_of, pass_days
from support.inbox import newest
from support.worlds import World

OLD, NEW = "balon-naranja-7", "otra-cosa-9"


class TestAnswers:
    def test_the_former_address_may_approve_first_and_twice(self, world: World) -> None:
        player = confirmed(world.player())
        ask(world, player)
        told = newest(world, player.email, "email_change_old")
        with browser_client(world) as browser:
            for _ in range(2):
                assert "Aprobaste el cambio." in browser.post("/account/email/approve", data={"token": told.token}).text
            assert "Aprobaste el cambio." in browser.get(told.path).text
            assert email_of(world, player) == player.email
            mail = newest(world, THERE, "email_change_new")
            done = browser.post("/account/email/confirm", data={"token": mail.token})
        assert done.headers["location"] == "/login?done=email"
        assert email_of(world, player) == THERE

    def test_a_former_address_that_no_one_reads_is_waited_for_seven_days(self, world: World) -> None:
        player = confirmed(world.player())
        ask(world, player)
        accept(world)
        assert pass_days(world, 6) == 0
        assert email_of(world, player) == player.email
        assert pass_days(world, 1) == 1
        assert email_of(world, player) == THERE
        assert pass_days(world, 1) == 0

    def test_the_setting_says_how_many_days(self, world: World) -> None:
        world.change(email_change_days=3)
        player = confirmed(world.player())
        with browser_client(world, player) as browser:
            browser.post("/account/email", data={"email": THERE})
        assert newest(world, player.email, "email_change_old").facts["days"] == 3
        accept(world)
        assert [pass_days(world, 2), pass_days(world, 1)] == [0, 1]

    def test_the_days_begin_when_the_new_address_accepts(self, world: World) -> None:
        player = confirmed(world.player())
        ask(world, player)
        assert pass_days(world, 30) == 0
        assert email_of(world, player) == player.email

    def test_an_address_that_was_never_confirmed_is_not_waited_for(self, world: World) -> None:
        player = world.player()
        ask(world, player)
        accept(world)
        assert email_of(world, player) == THERE

    def test_its_owner_gives_it_up(self, world: World) -> None:
        player = confirmed(world.player())
        ask(world, player)
        accept(world)
        with browser_client(world, player) as browser:
            assert "/account/email/cancel" in browser.get("/account/email").text
            browser.post("/account/email/cancel")
            assert "/account/email/cancel" not in browser.get("/account/email").text
        assert pass_days(world, 8) == 0
        with pytest.raises(LinkInvalid):
            approve(world, player.email)
        assert email_of(world, player) == player.email

    def test_an_approval_is_of_the_address_that_it_names_alone(self, world: World) -> None:
        player = confirmed(world.player())
        ask(world, player, "one@example.com")
        first = newest(world, player.email, "email_change_old").token
        ask(world, player, "two@example.com")
        accept(world, "two@example.com")
        with pytest.raises(LinkInvalid), world.uow() as uow:
            changing_email.approve(uow, first)
        assert email_of(world, player) == player.email

    def test_another_password_gives_it_up(self, world: World) -> None:
        player = confirmed(world.player())
        ask(world, player)
        accept(world)
        changes.change_password(world.database, world.ports, player.id, None, OLD, NEW)
        assert pass_days(world, 8) == 0
        assert email_of(world, player) == player.email

    def test_no_one_else_gets_an_address_that_has_accepted(self, world: World) -> None:
        player = confirmed(world.player())
        ask(world, player)
        accept(world)
        assert world.client.post("/api/auth/signup", json=form(email=THERE)).json()["code"] == "email-taken"

    def test_an_address_that_was_lost_to_another_is_not_waited_for(self, world: World) -> None:
        player, other = confirmed(world.player()), world.player("Otra Persona")
        ask(world, player)
        accept(world)
        with world.uow() as uow:  # as by a sign-up that began before the address accepted
            uow.execute(text("update users set email = :email where id = :id"), {"email": THERE, "id": other.id})
        assert [pass_days(world, 7), pass_days(world, 1)] == [0, 0]
        assert email_of(world, player) == player.email
        with world.uow() as uow:
            assert changing_email.find(uow, player.id) is None

    def test_two_answers_at_one_moment_change_it_once(self, world: World) -> None:
        player = confirmed(world.player())
        ask(world, player)
        together = Barrier(2)

        def act(answer: Callable[[World, str], object], email: str) -> None:
            together.wait(10)
            answer(world, email)

        with ThreadPoolExecutor(2) as both:
            list(both.map(act, (accept, approve), (THERE, player.email)))
        assert email_of(world, player) == THERE
        with world.uow() as uow:
            assert changing_email.find(uow, player.id) is None

    def test_a_wish_that_no_one_accepts_in_a_day_is_forgotten(self, world: World) -> None:
        player = confirmed(world.player())
        ask(world, player)
        with world.uow() as uow:
            uow.execute(text("update email_changes set asked_at = now() - interval '25 hours'"))
            assert changing_email.find(uow, player.id) is None
        changing_email.run_due(world.database)
        with world.uow() as uow:
            assert uow.execute(text("select count(*) from email_changes")).scalar_one() == 0
