"""The public log of votes over HTTP: its files, receipts, promises, and the verifier that strangers run on them."""

import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, event

from anb.contest import seasons
from anb.contest import service as contest
from anb.votelog import publishing, verifier
from anb.votelog.domain import Leaf, NotInLog, VoteLogged, decode, encode
from anb.votelog.notes import VerifierKey, open_note
from support.browser_client import published
from support.counting import force
from support.counting_client import leave_uncounted
from support.published_log import ORIGIN, season
from support.sealed import publish_log
from support.worlds import Player, World

LEAVES = season()


@pytest.fixture(autouse=True)
def _not_counted(world: World) -> None:
    """Leave what awaits the log to the test."""
    leave_uncounted(world.client)


@pytest.fixture
def slug(world: World) -> str:
    with world.database.transaction() as uow:
        found = contest.current_season(uow)
    assert found is not None
    return found.slug


def publish(world: World, slug: str, leaves: list[Leaf] = LEAVES) -> str:
    with world.database.transaction() as uow:
        return publish_log(uow, seasons.show(uow, slug).id, [encode(leaf) for leaf in leaves], ORIGIN)


def get(world: World, path: str, player: Player | None = None) -> tuple[int, bytes, str]:
    answer = world.client.get(path, headers=player.headers if player else {})
    return answer.status_code, answer.content, answer.headers.get("cache-control", "")


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the statements that any connection of this process runs."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


class TestFiles:
    def test_there_is_none_before_the_first_leaf(self, world: World, slug: str) -> None:
        for path in ("checkpoint", "key", "tile/entries/000", "receipt/0"):
            answer = world.client.get(f"/api/public/log/{slug}/{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "not-in-log")
        assert world.client.get("/api/public/log/other/checkpoint").json()["code"] == "season-not-found"

    def test_the_checkpoint_is_new_and_tiles_are_for_ever(self, world: World, slug: str) -> None:
        note = publish(world, slug)
        root = f"/api/public/log/{slug}"
        assert get(world, f"{root}/checkpoint") == (200, note.encode(), "public, max-age=1")
        for path, size in {"0/000": 8192, "1/000.p/2": 64, "0/002.p/102": 32 * 102, "1/000.p/1": 32}.items():
            code, body, caching = get(world, f"{root}/tile/{path}")
            assert (code, len(body), caching) == (200, size, "public, max-age=31536000, immutable")
        assert get(world, f"{root}/tile/0/002.p/7")[1] == get(world, f"{root}/tile/0/002.p/102")[1][: 7 * 32]

    def test_a_bundle_has_the_length_before_each_entry(self, world: World, slug: str) -> None:
        with world.database.transaction() as uow:
            publish_log(uow, seasons.show(uow, slug).id, [b"abc", b"", b"x" * 40_000], ORIGIN)
        body = get(world, f"/api/public/log/{slug}/tile/entries/000.p/3")[1]
        assert body == b"\x00\x03abc\x00\x00\x9c\x40" + b"x" * 40_000

    def test_a_receipt_proves_each_leaf_in_two_statements(self, world: World, slug: str) -> None:
        publish(world, slug, LEAVES[:613])
        key = verifier.LogKey.parse(get(world, f"/api/public/log/{slug}/key")[1].decode().splitlines()[0])
        with world.database.reading() as uow:
            season_id = seasons.show(uow, slug).id
            for index in (0, 255, 256, 300, 511, 512, 575, 576, 607, 608, 612):
                with statements() as asked:
                    text = publishing.prove(uow, season_id, index)
                proved = verifier.ProvedLeaf.read(text, key, "the receipt")
                proved.check("the receipt")
                assert (proved.index, proved.entry) == (index, encode(LEAVES[index]))
                assert len(asked) <= 2
            for index in (-1, 613):
                with pytest.raises(NotInLog):
                    publishing.prove(uow, season_id, index)

    @pytest.mark.parametrize("path", ["0/003", "0/002", "0/002.p/103", "2/000.p/1", "entries/2", "x"])
    def test_what_the_log_lacks_is_missing(self, world: World, slug: str, path: str) -> None:
        publish(world, slug)
        assert get(world, f"/api/public/log/{slug}/tile/{path}")[0] == 404

    def test_strangers_verify_it(
        self,
        world: World,
        slug: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        publish(world, slug)
        receipt = tmp_path / "receipt"
        receipt.write_bytes(get(world, f"/api/public/log/{slug}/receipt/300")[1])
        monkeypatch.setattr(
            verifier.LogSite, "get", lambda _site, path: world.client.get(f"/api/public/log/{slug}/{path}").content
        )
        options = ["--no-ranking", "--folder", str(tmp_path / "kept"), "--receipt", str(receipt)]
        code = verifier.main(["--log", f"https://anb.example/api/public/log/{slug}", *options])
        assert (code, "614 leaves" in capsys.readouterr().out) == (0, True)

    def test_the_program_is_published_and_runs_alone(self, world: World, tmp_path: Path) -> None:
        place = tmp_path / "verify.py"
        place.write_bytes(world.client.get("/api/public/log/verify.py").content)
        ran = subprocess.run(
            [sys.executable, "-I", "-W", "error", place, "--log", tmp_path], capture_output=True, text=True, check=False
        )
        assert ran.returncode == 2
        assert "Could not verify: key cannot be read" in ran.stderr


class TestPromise:
    def cast(self, world: World, voter: Player, video: UUID) -> dict[str, str]:
        answer = world.client.post(f"/api/public/videos/{video}/vote", headers=voter.headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, str] = answer.json()
        return found

    def test_it_names_the_leaf_and_a_published_key_signed_it(self, world: World, slug: str) -> None:
        video, voter = published(world, world.player()), world.player("Ana Paz")
        answer = self.cast(world, voter, video)
        publish(world, slug)
        keys = get(world, f"/api/public/log/{slug}/key")[1].decode().splitlines()
        assert VerifierKey.parse(keys[0]).name == ORIGIN
        name = f"localhost/log/{slug}/promises"  # no leaf had given the log its name yet
        text = open_note(answer["promise"], [VerifierKey(name, VerifierKey.parse(keys[1]).public_key)])
        log, kind, entry, due = text.splitlines()
        leaf = decode(b64decode(entry))
        assert isinstance(leaf, VoteLogged)
        assert (log, kind, due, leaf.clip, leaf.jury) == (f"localhost/log/{slug}", "vote", "close", video, False)
        assert answer["message"] == "Voto registrado exitosamente."

    def test_it_is_the_same_when_asked_again_and_nobody_elses(self, world: World) -> None:
        video, voter = published(world, world.player()), world.player("Ana Paz")
        first = self.cast(world, voter, video)
        path = f"/api/public/videos/{video}/vote"
        assert world.client.get(path, headers=voter.headers).json() == first
        assert get(world, path)[0] == 401
        assert get(world, path, world.player("Luz Rey"))[0] == 404
        assert get(world, f"{path}/receipt", voter)[0] == 404  # not sealed yet

    def test_it_names_the_log_that_has_begun_for_each_voter(self, world: World, slug: str) -> None:
        video, voters = published(world, world.player()), [world.player("Ana Paz"), world.player("Luz Rey")]
        publish(world, slug)
        promised = [self.cast(world, voter, video) for voter in voters]  # the second without asking for the name again
        assert [answer["promise"].splitlines()[0] for answer in promised] == [ORIGIN, ORIGIN]
        path = f"/api/public/videos/{video}/vote"
        assert [world.client.get(path, headers=voter.headers).json() for voter in voters] == promised

    def test_a_receipt_leads_to_the_leaf_of_the_vote(self, world: World, slug: str) -> None:
        video, voter = published(world, world.player()), world.player("Ana Paz")
        entry = b64decode(self.cast(world, voter, video)["promise"].splitlines()[2])
        publish(world, slug, [*LEAVES, decode(entry)])
        with world.database.transaction() as uow:
            force(uow, "log_leaves", "update log_leaves set vote_id = (select max(id) from votes) where index = 614")
        code, receipt, caching = get(world, f"/api/public/videos/{video}/vote/receipt", voter)
        assert (code, caching) == (200, "private, no-store")
        assert receipt == get(world, f"/api/public/log/{slug}/receipt/614")[1]
