"""An account compared with a model: links used in any order, by anyone, while its address and password change."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import text

from anb.accounts import changes, changing_email, recovery, service
from anb.accounts.domain import WrongPassword
from anb.accounts.links import Purpose
from anb.fields import InvalidField
from support.account_links import KINDS, ModelLink, ModelWish
from support.browser_client import form
from support.inbox import inbox
from support.models import run_histories
from support.worlds import World

ADDRESSES = [f"{name}@example.com" for name in ("one", "two", "three")]
WORDS = [f"una-palabra-{n}" for n in range(3)]


class OneAccount(RuleBasedStateMachine):
    """Rules act by the services and on the model alike."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.turn = world, 0
        with world.uow() as uow:
            for table in ("email_changes", "links", "mails", "sessions", "users"):
                uow.execute(text(f"delete from {table}"))  # noqa: S608 - our own names
        self.email, self.password, self.confirmed = ADDRESSES[0], WORDS[0], False
        person = form(email=self.email, password1=self.password, password2=self.password)
        self.id = UUID(world.client.post("/api/auth/signup", json=person).json()["user_id"])
        self.links: dict[str, ModelLink] = {}
        self.wish: ModelWish | None = None
        self.waited = 0  # days since the new address accepted
        self.gather()

    def gather(self) -> None:
        """Take the new links out of the mailboxes of all addresses."""
        self.turn += 1
        for address in ADDRESSES:
            for mail in inbox(self.world, address):
                if mail.kind in KINDS and mail.token not in self.links:
                    self.links[mail.token] = self.made(KINDS[mail.kind], address)

    def made(self, purpose: Purpose, address: str) -> ModelLink:
        after = self.wish.email if self.wish and purpose is Purpose.EMAIL_OLD else ""
        return ModelLink(purpose, self.turn, address, self.email, after)

    def end(self, which: Callable[[ModelLink], bool]) -> None:
        self.links = {token: replace(link, used=True) if which(link) else link for token, link in self.links.items()}

    @rule()
    def ask_to_confirm_again(self) -> None:
        before = len(self.links)
        with self.world.uow() as uow:
            recovery.resend_confirmation(uow, self.id)
        self.gather()
        assert len(self.links) == before + (not self.confirmed)

    @rule(address=st.sampled_from(ADDRESSES))
    def forget(self, address: str) -> None:
        before = len(self.links)
        with self.world.uow() as uow:
            recovery.ask_reset(uow, address, "es")
        self.gather()
        assert len(self.links) == before + (address == self.email)

    @rule(address=st.sampled_from(ADDRESSES))
    def ask_for_another_address(self, address: str) -> None:
        try:
            with self.world.uow() as uow:
                changing_email.ask(uow, self.id, address, 7)
        except InvalidField:
            assert address == self.email
            return
        assert address != self.email
        self.end(lambda link: link.purpose is Purpose.EMAIL_NEW)
        self.wish, self.waited = ModelWish(address), 0
        self.gather()

    @rule()
    def give_up_another_address(self) -> None:
        with self.world.uow() as uow:
            changing_email.cancel(uow, self.id)
        self.end(lambda link: link.purpose is Purpose.EMAIL_NEW)
        self.wish = None

    @rule(days=st.sampled_from([3, 7]))
    def let_days_pass(self, days: int) -> None:
        with self.world.uow() as uow:
            due = text("update email_changes set due_at = due_at - make_interval(days => :days)")
            uow.execute(due, {"days": days})
        self.waited = self.waited + days if self.wish is not None and self.wish.accepted else 0
        changed = changing_email.run_due(self.world.database)
        assert changed == (self.waited >= 7)
        if changed:
            self.take_effect()

    def take_effect(self) -> None:
        assert self.wish is not None
        self.email, self.confirmed, self.wish, self.waited = self.wish.email, True, None, 0
        ended = {Purpose.EMAIL_NEW, Purpose.RESET, Purpose.CONFIRM}
        self.end(lambda link: link.purpose in ended)

    @rule(right=st.booleans(), word=st.sampled_from(WORDS))
    def change_password(self, right: bool, word: str) -> None:
        old = self.password if right else f"{self.password}x"
        try:
            changes.change_password(self.world.database, self.world.ports, self.id, None, old, word)
        except WrongPassword:
            assert not right
            return
        assert right
        self.new_password(word)

    def new_password(self, word: str) -> None:
        self.password, self.wish = word, None
        self.end(lambda link: link.purpose in {Purpose.RESET, Purpose.EMAIL_NEW})

    @rule()
    def let_every_link_expire(self) -> None:
        with self.world.uow() as uow:
            uow.execute(text("update links set expires_at = now()"))
            uow.execute(text("update email_changes set asked_at = now() - interval '1 day'"))
        self.wish = self.wish if self.wish and self.wish.accepted else None
        self.links = {token: replace(link, over=True) for token, link in self.links.items()}

    @precondition(lambda self: self.links)
    @rule(data=st.data(), word=st.sampled_from(WORDS), approves=st.booleans())
    def use_a_link(self, data: st.DataObject, word: str, approves: bool) -> None:
        # In an order that each run of a history repeats: tokens are random.
        links = sorted(self.links.items(), key=lambda item: (item[1].turn, item[1].purpose, item[1].email))
        token, link = links[data.draw(st.integers(0, len(links) - 1))]
        approves = approves and link.purpose is Purpose.EMAIL_OLD
        act = self.approve if approves else self.act
        expected = link.refusal(self.email, self.wish, approves=approves)
        if expected is not None:
            with pytest.raises(expected):
                act(link.purpose, token, word)
            return
        act(link.purpose, token, word)
        if approves:
            self.answer("approved")
            return
        self.follow(link, word)
        self.links[token] = replace(self.links[token], used=True)

    def approve(self, _purpose: Purpose, token: str, _word: str) -> None:
        with self.world.uow() as uow:
            changing_email.approve(uow, token)

    def act(self, purpose: Purpose, token: str, word: str) -> None:
        if purpose is Purpose.RESET:
            recovery.reset(self.world.database, self.world.ports, token, word)
            return
        with self.world.uow() as uow:
            if purpose is Purpose.CONFIRM:
                recovery.confirm(uow, token)
            elif purpose is Purpose.EMAIL_NEW:
                changing_email.accept(uow, token)
            else:
                changing_email.stop(uow, token)

    def answer(self, said: Literal["accepted", "approved"]) -> None:
        """Do to the model what an answer to the wish did."""
        assert self.wish is not None
        self.wish = replace(self.wish, accepted=True) if said == "accepted" else replace(self.wish, approved=True)
        if self.wish.accepted and (self.wish.approved or not self.confirmed):
            self.take_effect()

    def follow(self, link: ModelLink, word: str) -> None:
        """Do to the model what the link did."""
        if link.purpose is Purpose.EMAIL_NEW:
            self.answer("accepted")
        elif link.purpose is Purpose.EMAIL_OLD:
            self.confirmed = self.confirmed or link.email != self.email
            self.email, self.wish = link.email, None
            self.end(lambda one: one.purpose is Purpose.EMAIL_OLD and one.turn >= link.turn)
            self.end(lambda one: one.purpose in {Purpose.EMAIL_NEW, Purpose.RESET})
        else:
            self.confirmed = True
            if link.purpose is Purpose.RESET:
                self.new_password(word)
            else:
                self.end(lambda one: one.purpose is Purpose.CONFIRM)

    @invariant()
    def the_row_is_as_the_model(self) -> None:
        with self.world.database.reading() as uow:
            account = service.who(uow, self.id)
        assert (account.email, account.is_confirmed) == (self.email, self.confirmed)
        for address in ADDRESSES:
            body = {"email": address, "password": self.password}
            status = self.world.client.post("/api/auth/login", json=body).status_code
            assert status == (200 if address == self.email else 401)


def run(world: World, examples: int, steps: int) -> None:
    world.change(rate_sign_in="", rate_sign_in_block="", rate_sign_in_line="", rate_sign_up="")
    run_histories(lambda: OneAccount(world), examples=examples, steps=steps)


def test_an_account_is_as_the_model_says(world: World) -> None:
    run(world, examples=6, steps=15)


@pytest.mark.slow
def test_an_account_is_as_the_model_says_for_long(world: World) -> None:
    run(world, examples=60, steps=30)
