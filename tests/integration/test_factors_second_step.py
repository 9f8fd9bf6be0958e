"""The step between a right password and a session: once, in time, by a code of its own account."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from anb.factors import service
from anb.factors.domain import SignInBegunAnew, WrongCode
from support.factors import age_ceremonies, code_at, enrolled
from support.worlds import Player, World


@pytest.fixture
def player(world: World) -> Player:
    world.clock.stop()
    return world.player()


class TestSecondStep:
    def test_a_right_code_ends_it_and_names_the_account(self, world: World, player: Player) -> None:
        secret, token = enrolled(world, player.id), begun(world, player)
        world.clock.ahead = timedelta(minutes=1)
        code = code_at(world, secret)
        assert service.finish_second_step(world.database, world.ports, token, code) == player.id
        with pytest.raises(SignInBegunAnew):
            service.finish_second_step(world.database, world.ports, token, code_at(world, secret, steps=1))
        with world.uow() as uow:
            assert service.second_step_of(uow, token) is None

    def test_five_wrong_codes_end_it(self, world: World, player: Player) -> None:
        secret, token = enrolled(world, player.id), begun(world, player)
        world.clock.ahead = timedelta(minutes=1)
        for _ in range(5):
            with pytest.raises(WrongCode):
                service.finish_second_step(world.database, world.ports, token, "000000")
        with pytest.raises(SignInBegunAnew):
            service.finish_second_step(world.database, world.ports, token, code_at(world, secret))

    def test_it_waits_for_minutes_only(self, world: World, player: Player) -> None:
        secret, token = enrolled(world, player.id), begun(world, player)
        age_ceremonies(world, minutes=6)
        world.clock.ahead = timedelta(minutes=1)
        with pytest.raises(SignInBegunAnew):
            service.finish_second_step(world.database, world.ports, token, code_at(world, secret))

    def test_a_changed_password_ends_it(self, world: World, player: Player) -> None:
        secret, token = enrolled(world, player.id), begun(world, player)
        world.clock.ahead = timedelta(minutes=1)
        with world.uow() as uow:
            service.forget_begun(uow, player.id)
        with pytest.raises(SignInBegunAnew):
            service.finish_second_step(world.database, world.ports, token, code_at(world, secret))

    def test_one_that_ends_while_its_code_is_checked_signs_nobody_in(
        self, world: World, player: Player, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token = begun(world, player)
        with world.uow() as uow:
            codes = service.renew_recovery_codes(uow, player.id)

        def end(*_: object) -> None:
            with world.uow() as uow:
                service.forget_begun(uow, player.id)

        with monkeypatch.context() as changed:
            changed.setattr(service, "use_code", end)
            with pytest.raises(SignInBegunAnew):
                service.finish_second_step(world.database, world.ports, token, codes[0])

    def test_of_many_at_the_same_moment_one_signs_in(self, world: World, player: Player) -> None:
        enrolled(world, player.id)
        token = begun(world, player)
        with world.uow() as uow:
            codes = service.renew_recovery_codes(uow, player.id)

        def finish(code: str) -> str:
            try:
                return str(service.finish_second_step(world.database, world.ports, token, code))
            except SignInBegunAnew:
                return ""

        with ThreadPoolExecutor(5) as threads:
            answers = list(threads.map(finish, codes[:5]))
        assert sorted(answers) == ["", "", "", "", str(player.id)]

    def test_what_was_never_finished_is_swept_away(self, world: World, player: Player) -> None:
        for _ in range(3):
            begun(world, player)
        age_ceremonies(world, minutes=6)
        token = begun(world, player)
        assert age_ceremonies(world, minutes=0) == 1
        with world.uow() as uow:
            assert service.second_step_of(uow, token) == player.id


def test_who_lost_everything_starts_without_factors(world: World, player: Player) -> None:
    secret, token = enrolled(world, player.id), begun(world, player)
    with world.uow() as uow:
        service.renew_recovery_codes(uow, player.id)
        assert service.remove_all(uow, player.id) == 1
        assert service.factors_of(uow, player.id).recovery_left == 0
        assert not service.has_factor(uow, player.id)
        assert service.second_step_of(uow, token) is None
    with pytest.raises(WrongCode), world.uow() as uow:
        service.use_code(uow, world.ports, player.id, code_at(world, secret, steps=1))


def begun(world: World, player: Player) -> str:
    with world.uow() as uow:
        return service.begin_second_step(uow, player.id)
