"""An account compared with a model: links used in any order, by anyone, while its address and password change."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import text

from anb.accounts import changes, recovery, service
from anb.accounts.domain import WrongPassword
from anb.accounts.links import LinkExpired, LinkInvalid, LinkUsed, Purpose
from anb.errors import Refusal
from anb.fields import InvalidField
from support.browser_client import form
from support.inbox import inbox
from support.models import run_histories
from support.worlds import World

ADDRESSES = [f"{name}@example.com" for name in ("one", "two", "three")]
WORDS = [f"una-palabra-{n}" for n in range(3)]
KINDS = {
    "confirm_email": Purpose.CONFIRM,
    "reset_password": Purpose.RESET,
    "email_change_new": Purpose.EMAIL_NEW,
    "email_change_old": Purpose.EMAIL_OLD,
}


@dataclass(frozen=True)
class ModelLink:
    """A link, as the docs say it behaves (docs/packages/accounts.md)."""

    purpose: Purpose
    turn: int  # when it was made
    email: str  # that it was sent to
    account: str  # the address that the account had then
    used: bool = False
    over: bool = False

    def refusal(self, current: str) -> type[Refusal] | None:
        """Say why it can no longer be used."""
        if self.used:
            return LinkUsed
        if self.over:
            return LinkExpired
        return LinkInvalid if self.purpose is not Purpose.EMAIL_OLD and self.account != current else None


class OneAccount(RuleBasedStateMachine):
    """Rules act by the services and on the model alike."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.turn = world, 0
        with world.uow() as uow:
            for table in ("links", "mails", "sessions", "users"):
                uow.execute(text(f"delete from {table}"))  # noqa: S608 - our own four names
        self.email, self.password, self.confirmed = ADDRESSES[0], WORDS[0], False
        person = form(email=self.email, password1=self.password, password2=self.password)
        self.id = UUID(world.client.post("/api/auth/signup", json=person).json()["user_id"])
        self.links: dict[str, ModelLink] = {}
        self.gather()

    def gather(self) -> None:
        """Take the new links out of the mailboxes of all addresses."""
        self.turn += 1
        for address in ADDRESSES:
            for mail in inbox(self.world, address):
                if mail.kind in KINDS and mail.token not in self.links:
                    self.links[mail.token] = ModelLink(KINDS[mail.kind], self.turn, address, self.email)

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
                changes.ask_new_email(uow, self.id, address)
        except InvalidField:
            assert address == self.email
            return
        assert address != self.email
        self.end(lambda link: link.purpose is Purpose.EMAIL_NEW)
        self.gather()

    @rule(right=st.booleans(), word=st.sampled_from(WORDS))
    def change_password(self, right: bool, word: str) -> None:
        old = self.password if right else f"{self.password}x"
        try:
            changes.change_password(self.world.database, self.world.ports, self.id, None, old, word)
        except WrongPassword:
            assert not right
            return
        assert right
        self.password = word
        self.end(lambda link: link.purpose is Purpose.RESET)

    @rule()
    def let_every_link_expire(self) -> None:
        with self.world.uow() as uow:
            uow.execute(text("update links set expires_at = now()"))
        self.links = {token: replace(link, over=True) for token, link in self.links.items()}

    @precondition(lambda self: self.links)
    @rule(data=st.data(), word=st.sampled_from(WORDS))
    def use_a_link(self, data: st.DataObject, word: str) -> None:
        # In an order that each run of a history repeats: tokens are random.
        links = sorted(self.links.items(), key=lambda item: (item[1].turn, item[1].purpose, item[1].email))
        token, link = links[data.draw(st.integers(0, len(links) - 1))]
        expected = link.refusal(self.email)
        if expected is not None:
            with pytest.raises(expected):
                self.act(link.purpose, token, word)
            return
        self.act(link.purpose, token, word)
        self.follow(link, word)
        self.links[token] = replace(link, used=True)

    def act(self, purpose: Purpose, token: str, word: str) -> None:
        if purpose is Purpose.RESET:
            recovery.reset(self.world.database, self.world.ports, token, word)
            return
        with self.world.uow() as uow:
            if purpose is Purpose.CONFIRM:
                recovery.confirm(uow, token)
            elif purpose is Purpose.EMAIL_NEW:
                changes.accept_new_email(uow, token)
            else:
                changes.stop_email_change(uow, token)

    def follow(self, link: ModelLink, word: str) -> None:
        """Do to the model what the link did."""
        if link.purpose is Purpose.EMAIL_OLD:
            self.confirmed = self.confirmed or link.email != self.email
            ended = {Purpose.EMAIL_NEW, Purpose.RESET}
            self.end(lambda one: one.purpose is Purpose.EMAIL_OLD and one.turn >= link.turn)
        else:
            self.confirmed = True
            ended = {
                Purpose.CONFIRM: {Purpose.CONFIRM},
                Purpose.RESET: {Purpose.RESET},
                Purpose.EMAIL_NEW: {Purpose.EMAIL_NEW, Purpose.RESET, Purpose.CONFIRM},
            }[link.purpose]
        self.end(lambda one: one.purpose in ended)
        if link.purpose is Purpose.RESET:
            self.password = word
        if link.purpose in {Purpose.EMAIL_NEW, Purpose.EMAIL_OLD}:
            self.email = link.email

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
    run(world, examples=10, steps=15)


@pytest.mark.slow
def test_an_account_is_as_the_model_says_for_long(world: World) -> None:
    run(world, examples=60, steps=30)
