"""Only a process with the key of the log seals it, and an entry of an unknown clip is left out and told."""

from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from anb.counting import service as counting
from anb.votelog import service as votelog
from anb.votelog.pending import NoLogKey, WrongLogKey
from support.browser_client import published
from support.counting import seal
from support.counting_client import leave_uncounted
from support.leaving import vote
from support.worlds import World


@pytest.fixture
def waiting(world: World) -> World:
    """Return a world with a log that has begun, and a vote that waits for it."""
    clip = published(world, world.player())
    seal(world)
    leave_uncounted(world.client)
    assert vote(world, world.player("Ana Paz"), clip) == 200
    return world


def test_without_the_key_nothing_is_sealed(waiting: World) -> None:
    keyless = waiting.settings.model_copy(update={"vote_log_key": None})
    with pytest.raises(NoLogKey, match="ANB_VOTE_LOG_KEY is missing"):
        counting.step(waiting.database, keyless)
    assert seal(waiting) == 1


def test_with_another_key_nothing_is_sealed(waiting: World) -> None:
    other = SecretStr("another key of the log, of 32 characters or more")
    with pytest.raises(WrongLogKey, match="was begun with another key"):
        counting.step(waiting.database, waiting.settings.model_copy(update={"vote_log_key": other}))
    assert seal(waiting) == 1


def test_an_entry_of_a_clip_that_the_log_does_not_know_is_left_out_and_told(
    waiting: World, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with waiting.uow() as uow:
        season = votelog.seasons_pending(uow)[0]
        said = text("insert into pending_entries (season_id, kind, video_id) values (:season, 4, :video)")
        uow.execute(said, {"season": season, "video": uuid4()})
        size = votelog.head(uow, season)
    seal(waiting)
    with waiting.uow() as uow:
        sealed = votelog.head(uow, season)
    assert size is not None
    assert sealed is not None
    assert sealed.size == size.size + 1  # the vote
    assert "votelog.entries.astray" in caplog.text + capsys.readouterr().out
