"""The reason why a clip has no edit is kept for any language, with the columns that the previous version uses."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text

from anb.db.session import connect
from anb.errors import Refusal
from anb.media.rules import UnsupportedCodec
from anb.media.unreadable import CutOff
from anb.sentences import Sentence
from anb.videos import processing
from support.languages import INVENTED, MARK, invent
from support.migrating import move
from support.worlds import AcceptedClip, Player, World, make_world, new_database, settings_for, worker_name

# As the previous version writes a reason: it knows two columns.
OLD = text("update videos set status = 'failed', reason_es = 'Se cortó.', reason_en = 'It broke off.' where id = :id")
FORGOTTEN = text("update videos set reason = null where id = :id")


class TestReason:
    @pytest.fixture(autouse=True)
    def begin(self, world: World) -> None:
        self.world = world
        self.player: Player = world.player()
        self.clip: AcceptedClip = self.player.upload()

    def fail(self, why: Refusal) -> None:
        with self.world.uow() as uow:
            begun = processing.begin(uow, self.world.settings, "test")
            assert begun is not None
            processing.fail(uow, begun[0], why.sentence, "detail")

    def execute(self, statement: Any) -> None:
        with self.world.uow() as uow:
            uow.execute(statement, {"id": self.clip.video_id})

    def told(self, language: str) -> str:
        headers = self.player.headers | {"Accept-Language": language}
        reason: str = self.world.client.get(f"/api/videos/{self.clip.video_id}", headers=headers).json()["reason"]
        return reason

    def test_it_is_told_in_a_language_that_came_later(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fail(UnsupportedCodec(codec=Sentence("codec.unknown")))
        invent(tmp_path, monkeypatch)
        assert self.told(INVENTED).startswith(f"{MARK} Your video is coded in {MARK} a format")

    def test_the_version_before_reads_it(self) -> None:
        self.fail(CutOff())
        with self.world.uow() as uow:
            found = text("select reason_es, reason_en from videos where id = :id")
            row = uow.execute(found, {"id": self.clip.video_id}).one()
        assert tuple(row) == (CutOff().text("es"), CutOff().text("en"))

    @pytest.mark.parametrize("forget", [True, False], ids=["before the upgrade", "while both serve"])
    def test_what_the_version_before_writes_is_told(self, *, forget: bool) -> None:
        self.fail(CutOff())
        self.execute(OLD)
        if forget:
            self.execute(FORGOTTEN)
        assert [self.told(language) for language in ("es", "en")] == ["Se cortó.", "It broke off."]


@pytest.fixture
def own_world(tmp_path: Path, redis_url: str) -> Iterator[World]:
    with make_world(tmp_path, new_database(f"anb_reasons_before_{worker_name()}"), redis_url) as world:
        yield world


def test_a_clip_that_failed_before_the_upgrade_still_tells_why(
    own_world: World, tmp_path: Path, redis_url: str
) -> None:
    player = own_world.player()
    player.headers["Authorization"] = f"Bearer {own_world.ports.tokens.issue(player.id)}"  # as that version issued them
    clip = player.upload()
    old = connect(settings_for(tmp_path, str(own_world.settings.database_url), redis_url))
    try:
        move(old, command.downgrade, "0007")
        with old.transaction() as uow:  # as the previous version knows them
            assert "reason" not in set(uow.execute(text("select * from videos")).keys())
            uow.execute(OLD, {"id": clip.video_id})
        move(old, command.upgrade, "head")
    finally:
        old.close()
    for language, reason in (("es", "Se cortó."), ("en", "It broke off."), ("pt", "Se cortó.")):
        headers = player.headers | {"Accept-Language": language}
        seen = own_world.client.get(f"/api/videos/{clip.video_id}", headers=headers).json()
        assert (seen["status"], seen["reason"]) == ("failed", reason)
