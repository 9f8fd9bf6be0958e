"""One-time passwords and recovery codes, on real rows: each is good once, near its time, for its account."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest

from anb.adapters.secret_box import SealedSecrets
from anb.factors import service
from anb.factors.domain import TotpEnrolledAlready, TotpNotBegun, Used, WrongCode
from support.factors import code_at, dumped, enrolled
from support.worlds import Player, World


@pytest.fixture
def player(world: World) -> Player:
    world.clock.stop()
    return world.player()


class TestEnrolment:
    def test_a_secret_counts_once_a_code_of_it_was_typed(self, world: World, player: Player) -> None:
        with world.uow() as uow:
            service.begin_totp(uow, world.ports, player.id)
            secret = service.begun_totp(uow, world.ports, player.id)
            assert secret
            assert not service.has_factor(uow, player.id)
        with pytest.raises(WrongCode), world.uow() as uow:  # not yet a factor
            service.use_code(uow, world.ports, player.id, code_at(world, secret))
        with pytest.raises(WrongCode), world.uow() as uow:
            service.confirm_totp(uow, world.ports, player.id, "000000")
        with world.uow() as uow:
            service.confirm_totp(uow, world.ports, player.id, code_at(world, secret))
            assert service.has_factor(uow, player.id)
            assert service.factors_of(uow, player.id).totp_since
            assert service.begun_totp(uow, world.ports, player.id) is None  # it is never shown again

    def test_a_confirmed_secret_is_not_replaced_by_beginning_again(self, world: World, player: Player) -> None:
        enrolled(world, player.id)
        with pytest.raises(TotpEnrolledAlready), world.uow() as uow:
            service.begin_totp(uow, world.ports, player.id)
        with pytest.raises(TotpNotBegun), world.uow() as uow:
            service.confirm_totp(uow, world.ports, player.id, "123456")

    def test_who_begins_twice_confirms_the_second(self, world: World, player: Player) -> None:
        secrets = []
        for _ in range(2):
            with world.uow() as uow:
                service.begin_totp(uow, world.ports, player.id)
                secrets.append(service.begun_totp(uow, world.ports, player.id) or "")
        with pytest.raises(WrongCode), world.uow() as uow:
            service.confirm_totp(uow, world.ports, player.id, code_at(world, secrets[0]))
        with world.uow() as uow:
            service.confirm_totp(uow, world.ports, player.id, code_at(world, secrets[1]))

    def test_nothing_begun_is_not_confirmed(self, world: World, player: Player) -> None:
        with world.uow() as uow:
            assert service.begun_totp(uow, world.ports, player.id) is None
        with pytest.raises(TotpNotBegun), world.uow() as uow:
            service.confirm_totp(uow, world.ports, player.id, "123456")

    def test_an_app_reads_the_secret_the_address_and_who_asks(self) -> None:
        read = pyotp.parse_uri(service.totp_address("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "lucia@example.com"))
        assert isinstance(read, pyotp.TOTP)
        assert (read.secret, read.name, read.issuer) == (
            "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
            "lucia@example.com",
            "ANB Rising Stars",
        )

    def test_a_removed_one_is_good_no_more(self, world: World, player: Player) -> None:
        secret = enrolled(world, player.id)
        with world.uow() as uow:
            service.remove_totp(uow, player.id)
            service.remove_totp(uow, player.id)  # a second click
            assert not service.has_factor(uow, player.id)
        with pytest.raises(WrongCode), world.uow() as uow:
            service.use_code(uow, world.ports, player.id, code_at(world, secret, steps=1))


class TestUse:
    @pytest.mark.parametrize("steps", [-1, 0, 1])
    def test_a_clock_may_be_a_step_behind_or_ahead(self, world: World, player: Player, steps: int) -> None:
        secret = enrolled(world, player.id)
        world.clock.ahead = timedelta(minutes=5)
        with world.uow() as uow:
            assert service.use_code(uow, world.ports, player.id, code_at(world, secret, steps=steps)) is Used.TOTP

    @pytest.mark.parametrize("steps", [-2, 2])
    def test_and_no_further(self, world: World, player: Player, steps: int) -> None:
        secret = enrolled(world, player.id)
        world.clock.ahead = timedelta(minutes=5)
        with pytest.raises(WrongCode), world.uow() as uow:
            service.use_code(uow, world.ports, player.id, code_at(world, secret, steps=steps))

    def test_a_code_is_good_once_and_so_is_each_before_it(self, world: World, player: Player) -> None:
        secret = enrolled(world, player.id)
        world.clock.ahead = timedelta(minutes=5)
        code, before = code_at(world, secret), code_at(world, secret, steps=-1)
        with world.uow() as uow:
            service.use_code(uow, world.ports, player.id, code)
        for one in (code, before):
            with pytest.raises(WrongCode), world.uow() as uow:
                service.use_code(uow, world.ports, player.id, one)

    def test_the_code_that_confirmed_the_secret_is_used_too(self, world: World, player: Player) -> None:
        secret = enrolled(world, player.id)
        with pytest.raises(WrongCode), world.uow() as uow:
            service.use_code(uow, world.ports, player.id, code_at(world, secret))

    def test_of_many_at_the_same_moment_one_is_good(self, world: World, player: Player) -> None:
        secret = enrolled(world, player.id)
        world.clock.ahead = timedelta(minutes=5)
        code = code_at(world, secret)
        assert sorted(at_once(world, player, code)) == ["no"] * 7 + ["yes"]

    def test_a_code_of_another_account_is_not(self, world: World, player: Player) -> None:
        secret = enrolled(world, player.id)
        other = world.player("Mateo Gil")
        enrolled(world, other.id)
        world.clock.ahead = timedelta(minutes=5)
        with pytest.raises(WrongCode), world.uow() as uow:
            service.use_code(uow, world.ports, other.id, code_at(world, secret))

    def test_a_secret_under_another_key_is_good_for_nothing(self, world: World, player: Player) -> None:
        secret = enrolled(world, player.id)
        world.clock.ahead = timedelta(minutes=5)
        other = replace(world.ports, secrets=SealedSecrets("another key of thirty-two letters"))
        with pytest.raises(WrongCode), world.uow() as uow:
            service.use_code(uow, other, player.id, code_at(world, secret))


class TestRecovery:
    def test_each_of_ten_is_good_once(self, world: World, player: Player) -> None:
        with world.uow() as uow:
            codes = service.renew_recovery_codes(uow, player.id)
        assert len(codes) == 10
        with world.uow() as uow:
            assert service.use_code(uow, world.ports, player.id, codes[3].upper()) is Used.RECOVERY
        with pytest.raises(WrongCode), world.uow() as uow:
            service.use_code(uow, world.ports, player.id, codes[3])
        with world.uow() as uow:
            assert service.factors_of(uow, player.id).recovery_left == 9

    def test_of_many_at_the_same_moment_one_is_good(self, world: World, player: Player) -> None:
        with world.uow() as uow:
            codes = service.renew_recovery_codes(uow, player.id)
        assert sorted(at_once(world, player, codes[0])) == ["no"] * 7 + ["yes"]

    def test_new_ones_replace_the_old(self, world: World, player: Player) -> None:
        with world.uow() as uow:
            old = service.renew_recovery_codes(uow, player.id)
            new = service.renew_recovery_codes(uow, player.id)
        with pytest.raises(WrongCode), world.uow() as uow:
            service.use_code(uow, world.ports, player.id, old[0])
        with world.uow() as uow:
            service.use_code(uow, world.ports, player.id, new[0])

    def test_they_are_not_in_the_database(self, world: World, player: Player) -> None:
        with world.uow() as uow:
            codes = service.renew_recovery_codes(uow, player.id)
        secret = enrolled(world, player.id)
        rows = dumped(world)
        assert all(code not in rows and code.replace("-", "") not in rows for code in codes)
        assert secret not in rows


def at_once(world: World, player: Player, code: str) -> list[str]:
    """Use a code eight times at the same moment."""

    def use(_: int) -> str:
        try:
            with world.uow() as uow:
                service.use_code(uow, world.ports, player.id, code)
        except WrongCode:
            return "no"
        return "yes"

    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(use, range(8)))
