"""The log of a closed season ends with one leaf, once all that was promised before the close is in it."""

from uuid import UUID

import pytest
from sqlalchemy import text

from anb.contest import seasons
from anb.votelog import service
from anb.votelog.domain import CountClosed, decode
from anb.votelog.pending import Finish
from support.browser_client import published
from support.closing import SLUG, has_passed, hold_pending, season_id
from support.counting import differences, force, seal
from support.counting_client import leave_uncounted
from support.leaving import close, vote
from support.waiting import until
from support.worlds import OPERATOR, World


@pytest.fixture(autouse=True)
def _not_counted(world: World) -> None:
    """Leave what awaits the log to the test."""
    leave_uncounted(world.client)


def finish(world: World) -> Finish:
    season = season_id(world)
    with world.uow() as uow:
        return service.finish(uow, service.signer(uow, world.settings, season), season)


def finished(world: World) -> Finish:
    """Finish once every transaction of the close has ended."""
    if (first := finish(world)) is not Finish.WAITING:
        return first
    until(lambda: has_passed(world))
    return finish(world)


def leaves(world: World) -> list[object]:
    with world.uow() as uow:
        rows = uow.execute(text("select entry from log_leaves order by index")).scalars()
        return [decode(bytes(entry)) for entry in rows]


def ends(world: World) -> list[int]:
    """Return the closes that the log has leaves of."""
    return [leaf.closed_at for leaf in leaves(world) if isinstance(leaf, CountClosed)]


def closed_at(world: World) -> int:
    with world.uow() as uow:
        moment = seasons.show(uow, SLUG).closed_at
    assert moment is not None
    return int(moment.timestamp())


@pytest.fixture
def clip(world: World) -> UUID:
    return published(world, world.player())


def test_an_open_season_has_no_end(world: World, clip: UUID) -> None:  # noqa: ARG001 - the log begins with it
    seal(world)
    assert finish(world) is Finish.NOT_CLOSED
    assert ends(world) == []


def test_what_was_cast_and_what_is_held_comes_first(world: World, clip: UUID) -> None:
    assert vote(world, world.player("Ana Paz"), clip) == 200
    seal(world)
    assert vote(world, world.player("Eva Paz"), clip) == 200
    close(world)
    assert finished(world) is Finish.PENDING
    with world.uow() as uow:
        held = hold_pending(uow, season_id(world))
    assert finish(world) is Finish.HELD
    with world.uow() as uow:
        service.void_held(uow, held)
    assert finish(world) is Finish.PENDING
    seal(world)
    assert finish(world) is Finish.DONE
    assert ends(world) == [closed_at(world)]
    assert isinstance(leaves(world)[-1], CountClosed)
    assert differences(world, season_id(world)) == []


@pytest.mark.usefixtures("clip")
def test_an_ended_log_is_not_ended_twice(world: World) -> None:
    seal(world)
    close(world)
    assert finished(world) is Finish.DONE
    assert finish(world) is Finish.DONE
    assert len(ends(world)) == 1


def test_a_season_without_a_leaf_gets_that_of_its_close(world: World) -> None:
    close(world)
    assert finished(world) is Finish.DONE
    assert len(leaves(world)) == 1


@pytest.mark.usefixtures("clip")
def test_a_transaction_of_before_the_close_is_waited_for(world: World) -> None:
    seal(world)
    with world.uow() as other:
        other.execute(text("select pg_current_xact_id()"))
        close(world)
        assert [finish(world), finish(world)] == [Finish.WAITING] * 2
    until(lambda: has_passed(world))
    assert finish(world) is Finish.DONE


@pytest.mark.usefixtures("clip")
def test_each_close_has_a_leaf_and_the_log_goes_on_between_them(world: World) -> None:
    seal(world)
    close(world)
    assert finished(world) is Finish.DONE
    with world.uow() as uow:
        seasons.reopen(uow, OPERATOR, SLUG, None, "por error")
    seal(world)
    assert finish(world) is Finish.NOT_CLOSED
    close(world)
    assert finished(world) is Finish.DONE
    assert len(ends(world)) == 2
    assert ends(world)[1] == closed_at(world)
    assert differences(world, season_id(world)) == []


def test_a_checkpoint_is_kept_each_hour_and_at_the_close(world: World, clip: UUID) -> None:
    def kept(voter: str) -> list[int]:
        assert vote(world, world.player(voter), clip) == 200
        seal(world)
        return sizes(world)

    seal(world)
    assert [sizes(world), kept("Ana Paz")] == [[1], [1]]
    with world.uow() as uow:
        force(uow, "log_checkpoints", "update log_checkpoints set at = at - interval '1 hour'")
    assert [kept("Eva Paz"), kept("Luz Rey")] == [[1, 3]] * 2
    close(world)
    assert finished(world) is Finish.DONE
    assert sizes(world) == [1, 3, 5]


def sizes(world: World) -> list[int]:
    """Return how many leaves the log had at each checkpoint that is kept."""
    path = f"/api/public/log/{SLUG}/checkpoints"
    return [each["size"] for each in world.client.get(path).json()]
