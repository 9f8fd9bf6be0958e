"""Identities of accounts as rows: one account per identity, both proved, and the last way in stays."""

from dataclasses import replace
from threading import Thread
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, insert, select

from anb.accounts import service as accounts
from anb.accounts.domain import AccountNotFound, EmailTaken, NewAccount
from anb.db.tables_factors import passkeys
from anb.db.tables_identities import identities, sign_in_attempts
from anb.identities import service
from anb.identities.domain import (
    AttemptInvalid,
    IdentityNotFound,
    IdentityTaken,
    KnownPerson,
    LastWayIn,
    new_secret,
)
from anb.ports.issuers import Vouched
from support.leaving import erase
from support.worlds import World

LUCIA = Vouched("https://id.club.example", "248289761001", "lucia@club.example", True, "Lucía", "Ríos")
BROWSER = new_secret()
PASSKEY = {"credential_id": b"id", "public_key": b"key", "name": "Laptop"}


def person(vouched: Vouched = LUCIA) -> KnownPerson:
    return KnownPerson("club", vouched, "/upload")


def joining(email: str = "lucia@club.example") -> NewAccount:
    return NewAccount("Lucía", "Ríos", email, "", "Bogotá", "Colombia")


def joined(world: World, vouched: Vouched = LUCIA) -> UUID:
    """Create an account that only an issuer vouches for."""
    with world.uow() as uow:
        service.remember(uow, BROWSER, person(vouched))
        account, _ = service.join(uow, BROWSER, joining(str(vouched.email)))
    return account.id


def linked(world: World, account_id: UUID, vouched: Vouched = LUCIA, key: str = "club") -> UUID:
    with world.uow() as uow:
        service.link(uow, account_id, key, vouched)
        return service.list_identities(uow, account_id)[-1].id


class TestJoining:
    def test_an_account_without_a_password_has_a_confirmed_address(self, world: World) -> None:
        account_id = joined(world)
        with world.uow() as uow:
            assert accounts.who(uow, account_id).email == "lucia@club.example"
            assert not accounts.has_password(uow, account_id)
            assert service.recognize(uow, "club", LUCIA) == account_id

    @pytest.mark.parametrize("email", [None, "lucia@club.example"])
    def test_an_address_that_the_issuer_did_not_verify_makes_no_account(self, world: World, email: str | None) -> None:
        known = person(replace(LUCIA, email=email, email_verified=False))
        assert not known.may_join
        with world.uow() as uow:
            service.remember(uow, BROWSER, known)
        with world.uow() as uow, pytest.raises(AttemptInvalid):
            service.join(uow, BROWSER, joining())

    def test_nor_does_another_address_than_the_verified_one(self, world: World) -> None:
        with world.uow() as uow:
            service.remember(uow, BROWSER, person())
        with world.uow() as uow, pytest.raises(AttemptInvalid):
            service.join(uow, BROWSER, joining("other@club.example"))

    def test_nor_does_another_browser(self, world: World) -> None:
        with world.uow() as uow:
            service.remember(uow, BROWSER, person())
        with world.uow() as uow, pytest.raises(AttemptInvalid):
            service.join(uow, new_secret(), joining())

    def test_an_address_that_has_an_account_is_taken_and_the_person_still_remembered(self, world: World) -> None:
        taken = world.player().email
        known = person(replace(LUCIA, email=taken))
        with world.uow() as uow:
            service.remember(uow, BROWSER, known)
            assert service.has_account(uow, known)
            assert not service.has_account(uow, person())
        with pytest.raises(EmailTaken), world.uow() as uow:
            service.join(uow, BROWSER, joining(taken))
        with world.uow() as uow:
            assert service.remembered(uow, BROWSER) == known

    def test_whoever_came_last_in_a_browser_is_remembered(self, world: World) -> None:
        with world.uow() as uow:
            service.remember(uow, BROWSER, person())
            service.remember(uow, BROWSER, person(replace(LUCIA, subject="another")))
            assert service.remembered(uow, BROWSER).vouched.subject == "another"

    def test_an_address_that_changes_at_the_issuer_stays_the_same_here(self, world: World) -> None:
        account_id = joined(world)
        moved = replace(LUCIA, email="lucia@elsewhere.example")
        with world.uow() as uow:
            assert service.recognize(uow, "club", moved) == account_id
            assert accounts.who(uow, account_id).email == "lucia@club.example"
            assert service.list_identities(uow, account_id)[0].email == "lucia@elsewhere.example"

    def test_the_same_subject_at_another_issuer_is_another_person(self, world: World) -> None:
        joined(world)
        with world.uow() as uow:
            assert service.recognize(uow, "other", replace(LUCIA, issuer="https://id.other.example")) is None


class TestLinking:
    def test_whom_an_issuer_vouched_for_is_linked_to_who_is_signed_in(self, world: World) -> None:
        player = world.player()
        with world.uow() as uow:
            service.remember(uow, BROWSER, person())
            assert service.link_remembered(uow, BROWSER, player.id).onward == "/upload"
            assert service.recognize(uow, "club", LUCIA) == player.id
            with pytest.raises(AttemptInvalid):  # once
                service.link_remembered(uow, BROWSER, player.id)

    def test_an_identity_belongs_to_one_account(self, world: World) -> None:
        first, second = world.player("Ana Uno"), world.player("Ana Dos")
        linked(world, first.id)
        linked(world, first.id)  # again changes nothing
        with pytest.raises(IdentityTaken), world.uow() as uow:
            service.link(uow, second.id, "club", LUCIA)
        with world.uow() as uow:
            assert service.recognize(uow, "club", LUCIA) == first.id
            assert len(service.list_identities(uow, first.id)) == 1

    def test_an_account_that_is_gone_gets_no_identity(self, world: World) -> None:
        with pytest.raises(AccountNotFound), world.uow() as uow:
            service.link(uow, uuid4(), "club", LUCIA)

    def test_with_a_password_every_identity_can_go(self, world: World) -> None:
        player = world.player()
        identity = linked(world, player.id)
        with world.uow() as uow:
            service.unlink(uow, player.id, identity, ())
            assert service.recognize(uow, "club", LUCIA) is None

    def test_an_erased_account_leaves_no_identity(self, world: World) -> None:
        player = world.player()
        linked(world, player.id)
        with world.uow() as uow:
            service.begin(uow, BROWSER, "club", "/account/identities", player.id)
        erase(world, player)
        with world.uow() as uow:
            assert service.recognize(uow, "club", LUCIA) is None
            for table in (identities, sign_in_attempts):
                assert uow.execute(select(func.count()).select_from(table)).scalar_one() == 0

    def test_another_persons_identity_is_not_found(self, world: World) -> None:
        identity = linked(world, world.player("Ana Uno").id)
        with world.uow() as uow, pytest.raises(IdentityNotFound):
            service.unlink(uow, world.player("Ana Dos").id, identity, ["club"])

    @pytest.mark.parametrize(
        ("second", "usable", "passkey", "goes"),
        [(False, ["club"], False, False), (False, ["club"], True, True), (True, ["club"], False, False),
         (True, ["club", "other"], False, True), (True, [], False, False)],
    )  # fmt: skip
    def test_the_last_way_in_stays(
        self, world: World, second: bool, usable: list[str], passkey: bool, goes: bool
    ) -> None:
        account_id = joined(world)
        with world.uow() as uow:
            (identity,) = service.list_identities(uow, account_id)
        if passkey:
            with world.uow() as uow:
                uow.execute(insert(passkeys).values(account_id=account_id, **PASSKEY))
        if second:
            linked(world, account_id, replace(LUCIA, issuer="https://id.other.example"), key="other")
        with world.uow() as uow:
            if goes:
                service.unlink(uow, account_id, identity.id, usable)
            else:
                with pytest.raises(LastWayIn):
                    service.unlink(uow, account_id, identity.id, usable)

    def test_two_at_once_do_not_remove_both(self, world: World) -> None:
        account_id = joined(world)
        linked(world, account_id, replace(LUCIA, issuer="https://id.other.example"), key="other")
        with world.uow() as uow:
            both = [identity.id for identity in service.list_identities(uow, account_id)]
        outcomes: list[str] = []

        def unlink(identity: UUID) -> None:
            try:
                with world.uow() as uow:
                    service.unlink(uow, account_id, identity, ["club", "other"])
            except LastWayIn:
                outcomes.append("stays")
            else:
                outcomes.append("gone")

        threads = [Thread(target=unlink, args=[identity]) for identity in both]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["gone", "stays"]
        with world.uow() as uow:
            assert uow.execute(select(func.count()).select_from(identities)).scalar_one() == 1
