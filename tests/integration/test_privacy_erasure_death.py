"""An erasure resumes wherever its process died, and ends once every file is deleted."""

import pytest

from anb.errors import Outage
from anb.privacy import erasure, store
from anb.storage import service as storage
from support.browser_client import published
from support.leaving import NAME, ask, everywhere, lived, send_mails
from support.worlds import World


class TestDeathInTheMiddle:
    @pytest.mark.parametrize("step", erasure.STEPS)
    @pytest.mark.parametrize("when", ["before its commit", "after its commit"])
    def test_it_resumes_wherever_the_process_died(
        self, world: World, monkeypatch: pytest.MonkeyPatch, step: str, when: str
    ) -> None:
        player = lived(world)
        ask(world, player)
        names = list(erasure.STEPS)
        dying = step if when == "before its commit" else (names[names.index(step) + 1 :] or [""])[0]

        def die(*_: object) -> dict[str, int]:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            if dying:
                patched.setattr(erasure, "STEPS", {**erasure.STEPS, dying: die})
            else:
                patched.setattr(storage, "delete_doomed", die)
            with pytest.raises(KeyboardInterrupt):
                erasure.run_due(world.database, world.ports)
        assert erasure.run_due(world.database, world.ports) == 1
        assert send_mails(world, player.email) == ["account_erased"]
        left = everywhere(world)
        assert [word for word in (*NAME, "Luc\\xc3\\xada", player.email) if word in left] == []

    def test_a_share_that_is_down_only_delays_its_end(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        player = world.player()
        published(world, player)
        ask(world, player)

        def down(_key: str) -> None:
            raise Outage("the share does not answer")

        with monkeypatch.context() as patched:
            patched.setattr(world.ports.media, "delete", down, raising=False)
            assert erasure.run_due(world.database, world.ports) == 0
        with world.uow() as uow:
            assert erasure.pending(uow, player.id) is not None
        assert erasure.run_due(world.database, world.ports) == 1
        assert world.files() == []

    def test_two_processes_do_not_disturb_each_other(self, world: World) -> None:
        player = world.player()
        asked = ask(world, player)
        with world.uow() as uow:
            assert store.take_erasure(uow, asked) is not None
            assert erasure.carry_out(world.database, world.ports, asked) is False
        assert erasure.carry_out(world.database, world.ports, asked) is True
        assert erasure.carry_out(world.database, world.ports, asked) is False
