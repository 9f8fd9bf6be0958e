"""Passkeys, by an authenticator in software: what is registered signs in, and nothing else does."""

import json
import secrets
from typing import Any
from uuid import uuid4

import pytest

from anb.factors import passkeys, service
from anb.factors.domain import (
    MOST_PASSKEYS,
    KeyOwner,
    PasskeyNotFound,
    PasskeyRefused,
    RelyingParty,
    SignInBegunAnew,
    TooManyPasskeys,
)
from support.authenticator import PRESENT, Authenticator, encoded
from support.factors import age_ceremonies
from support.worlds import Player, World

HERE = RelyingParty("testserver", "https://testserver")


@pytest.fixture
def player(world: World) -> Player:
    return world.player()


@pytest.fixture
def device(world: World, player: Player) -> Authenticator:
    return registered(world, player, Authenticator())


def registered(world: World, player: Player, device: Authenticator, name: str = "Celular") -> Authenticator:
    token, options = begun(world, player)
    service.register_passkey(world.database, HERE, player.id, token, device.register(options), name)
    return device


def begun(world: World, player: Player) -> tuple[str, str]:
    with world.uow() as uow:
        ceremony = service.begin_registration(uow, HERE, KeyOwner(player.id, player.email, "Lucía Ríos"))
    return ceremony.token, ceremony.options


def asked(world: World) -> tuple[str, str]:
    with world.uow() as uow:
        ceremony = service.begin_passkey_sign_in(uow, HERE)
    return ceremony.token, ceremony.options


def signed_in(world: World, device: Authenticator, **changes: Any) -> object:
    token, options = asked(world)
    return service.sign_in_with_passkey(world.database, HERE, token, device.sign(options, **changes))


class TestRegistration:
    def test_a_registered_passkey_signs_its_owner_in(self, world: World, player: Player, device: Authenticator) -> None:
        assert signed_in(world, device) == player.id
        with world.uow() as uow:
            known = service.factors_of(uow, player.id)
            assert service.has_factor(uow, player.id)
        assert [one.name for one in known.passkeys] == ["Celular"]
        assert known.passkeys[0].used_at

    def test_the_options_ask_for_a_key_that_verifies_its_owner_and_can_be_found(
        self, world: World, player: Player, device: Authenticator
    ) -> None:
        options = json.loads(begun(world, player)[1])
        wishes = options["authenticatorSelection"]
        assert (wishes["residentKey"], wishes["userVerification"]) == ("required", "required")
        assert options["attestation"] == "none"
        assert [one["id"] for one in options["excludeCredentials"]] == [encoded(device.id)]

    def test_a_ceremony_is_over_with_its_first_answer(self, world: World, player: Player) -> None:
        token, options = begun(world, player)
        answer = Authenticator().register(options)
        service.register_passkey(world.database, HERE, player.id, token, answer, "Uno")
        with pytest.raises(SignInBegunAnew):
            service.register_passkey(world.database, HERE, player.id, token, answer, "Dos")

    def test_even_if_the_first_answer_was_wrong(self, world: World, player: Player) -> None:
        token, options = begun(world, player)
        with pytest.raises(PasskeyRefused):
            service.register_passkey(world.database, HERE, player.id, token, "{}", "Uno")
        with pytest.raises(SignInBegunAnew):
            service.register_passkey(world.database, HERE, player.id, token, Authenticator().register(options), "Dos")

    def test_a_ceremony_is_its_account_s(self, world: World, player: Player) -> None:
        token, options = begun(world, player)
        other = world.player("Mateo Gil")
        with pytest.raises(SignInBegunAnew):
            service.register_passkey(world.database, HERE, other.id, token, Authenticator().register(options), "Uno")

    def test_a_ceremony_to_sign_in_registers_nothing(self, world: World, player: Player) -> None:
        token, _ = asked(world)
        with pytest.raises(SignInBegunAnew):
            service.register_passkey(world.database, HERE, player.id, token, "{}", "Uno")

    def test_a_device_without_its_owner_s_proof_is_refused(self, world: World, player: Player) -> None:
        with pytest.raises(PasskeyRefused):
            registered(world, player, Authenticator(flags=PRESENT))

    def test_a_credential_is_registered_once_for_whomever(
        self, world: World, player: Player, device: Authenticator
    ) -> None:
        other = world.player("Mateo Gil")
        with pytest.raises(PasskeyRefused):
            registered(world, other, device)
        with world.uow() as uow:
            assert not service.has_factor(uow, other.id)
            assert service.has_factor(uow, player.id)

    def test_an_id_that_no_authenticator_makes_is_refused(self, world: World, player: Player) -> None:
        with pytest.raises(PasskeyRefused):
            registered(world, player, Authenticator(id=bytes(1024)))

    def test_an_account_has_a_limited_number(self, world: World, player: Player) -> None:
        for _ in range(MOST_PASSKEYS):
            registered(world, player, Authenticator())
        with pytest.raises(TooManyPasskeys):
            begun(world, player)


class TestSignIn:
    def test_an_answer_is_good_once(self, world: World, device: Authenticator) -> None:
        token, options = asked(world)
        answer = device.sign(options)
        service.sign_in_with_passkey(world.database, HERE, token, answer)
        with pytest.raises(SignInBegunAnew):
            service.sign_in_with_passkey(world.database, HERE, token, answer)
        with pytest.raises(PasskeyRefused):  # nor in a new ceremony, which asks to sign something else
            service.sign_in_with_passkey(world.database, HERE, asked(world)[0], answer)

    def test_an_old_ceremony_is_over(self, world: World, device: Authenticator) -> None:
        token, options = asked(world)
        age_ceremonies(world, minutes=6)
        with pytest.raises(SignInBegunAnew):
            service.sign_in_with_passkey(world.database, HERE, token, device.sign(options))

    def test_the_token_of_another_browser_is_not_enough(self, world: World, device: Authenticator) -> None:
        _, options = asked(world)
        with pytest.raises(SignInBegunAnew):
            service.sign_in_with_passkey(world.database, HERE, secrets.token_urlsafe(32), device.sign(options))

    def test_a_clone_is_noticed_by_its_counter(self, world: World, device: Authenticator) -> None:
        signed_in(world, device)
        device.counter -= 1  # its copy has not seen that sign-in
        with pytest.raises(PasskeyRefused):
            signed_in(world, device)

    def test_a_device_that_never_counts_signs_in_again(self, world: World, player: Player) -> None:
        device = registered(world, player, Authenticator(counts=False))
        assert signed_in(world, device) == signed_in(world, device) == player.id

    def test_a_device_that_counted_may_not_stop_counting(self, world: World, device: Authenticator) -> None:
        signed_in(world, device)
        device.counter, device.counts = 0, False
        with pytest.raises(PasskeyRefused):
            signed_in(world, device)

    def test_a_removed_passkey_is_refused(self, world: World, player: Player, device: Authenticator) -> None:
        with world.uow() as uow:
            service.remove_passkey(uow, player.id, service.factors_of(uow, player.id).passkeys[0].id)
        with pytest.raises(PasskeyRefused):
            signed_in(world, device)

    def test_it_must_sign_here_with_its_own_key_and_its_owner_s_proof(
        self, world: World, device: Authenticator
    ) -> None:
        with pytest.raises(PasskeyRefused):
            signed_in(world, Authenticator(id=device.id, handle=device.handle, counter=50))  # another key
        device.origin = "https://testserver.evil.example"
        with pytest.raises(PasskeyRefused):
            signed_in(world, device)
        device.origin, device.flags = HERE.origin, PRESENT
        with pytest.raises(PasskeyRefused):
            signed_in(world, device)

    def test_nobody_signs_in_as_another_account(self, world: World, device: Authenticator) -> None:
        other = world.player("Mateo Gil")
        with pytest.raises(PasskeyRefused):
            signed_in(world, device, userHandle=other.id.bytes)

    @pytest.mark.parametrize("answer", ["", "[]", "{}", "null", '{"rawId": 7}', '{"rawId": "AA", "response": {}}'])
    def test_what_is_no_answer_is_refused(self, world: World, answer: str) -> None:
        with pytest.raises(PasskeyRefused):
            service.sign_in_with_passkey(world.database, HERE, asked(world)[0], answer)

    @pytest.mark.parametrize("field", ["clientDataJSON", "authenticatorData", "signature"])
    @pytest.mark.parametrize("value", [b"", b"\xff" * 40, b"{}", 7, None, "~"])
    def test_a_broken_part_is_refused(self, world: World, device: Authenticator, field: str, value: object) -> None:
        with pytest.raises(PasskeyRefused):
            signed_in(world, device, **{field: value})


@pytest.mark.parametrize("field", ["clientDataJSON", "attestationObject"])
@pytest.mark.parametrize("value", [b"", b"\xff" * 40, b"\xa0", b"{}", 7, None, "~"])
def test_a_broken_registration_is_refused(world: World, player: Player, field: str, value: object) -> None:
    token, options = begun(world, player)
    answer = Authenticator().register(options, **{field: value})
    with pytest.raises(PasskeyRefused):
        service.register_passkey(world.database, HERE, player.id, token, answer, "Uno")


class TestNames:
    def test_its_owner_names_it(self, world: World, player: Player, device: Authenticator) -> None:  # noqa: ARG002
        with world.uow() as uow:
            known = service.factors_of(uow, player.id).passkeys[0]
            service.rename_passkey(uow, player.id, known.id, "  Portátil ")
            service.rename_passkey(uow, player.id, known.id, "  ")  # keeps its name
            assert service.factors_of(uow, player.id).passkeys[0].name == "Portátil"

    def test_nobody_else_does_or_removes_it(self, world: World, player: Player, device: Authenticator) -> None:
        other = world.player("Mateo Gil")
        with world.uow() as uow:
            known = service.factors_of(uow, player.id).passkeys[0]
            with pytest.raises(PasskeyNotFound):
                service.rename_passkey(uow, other.id, known.id, "Mío")
            with pytest.raises(PasskeyNotFound):
                service.remove_passkey(uow, other.id, known.id)
            with pytest.raises(PasskeyNotFound):
                service.remove_passkey(uow, player.id, uuid4())
        assert signed_in(world, device) == player.id


def test_a_ceremony_lasts_as_long_as_its_options_say(world: World, player: Player) -> None:
    assert json.loads(asked(world)[1])["timeout"] == passkeys.SECONDS * 1000
    assert json.loads(begun(world, player)[1])["timeout"] == passkeys.SECONDS * 1000
