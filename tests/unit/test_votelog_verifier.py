"""The verifier that strangers run accepts a right log, and finds each part that was changed."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anb.votelog import domain, verifier
from anb.votelog.notes import Checkpoint, NoteSigner
from support.published_log import CLIPS, MINUTE, ORIGIN, PLAYERS, PublishedLog, season, vote, voter
from support.verifying import Run, kept, published, run

__all__ = ["published", "run"]  # fixtures


class TestWhole:
    def test_a_log_is_right_and_its_figures_are_said(self, run: Run, published: PublishedLog) -> None:
        code, said = run(published)
        assert code == 0, said
        assert "anb.example/log/2026: 614 leaves, 4 clips, 588 votes of the public" in said
        assert "12 of the jury, 2 of them void" in said
        assert "3 earlier" in said

    def test_the_ranking_is_that_of_the_leaves(self) -> None:
        made = PublishedLog.of(season()).files()
        count, _ = verifier.replay([made[path] for path in sorted(made) if path.startswith("tile/")], 614)
        second, third = count.standings()
        assert [sums.player for sums in (second, third)] == [PLAYERS[1].bytes, PLAYERS[2].bytes]
        assert (second.votes, third.votes) == (150, 143)  # without the jury's, the void one and the hidden clip's
        assert (second.jury, third.jury) == (0, 6)
        assert second.last == 600
        assert third.last == 601
        assert count.cities[PLAYERS[1].bytes] == "Pasto"

    def test_equal_votes_are_ranked_by_who_had_them_first(self) -> None:
        opened = [domain.ClipOpened(MINUTE, CLIPS[number], PLAYERS[number], "Cali") for number in (2, 1, 0)]
        log = PublishedLog.of([*opened, vote(0, 1), vote(1, 2)])
        count, _ = verifier.replay([*log.files().values()][3:], 5)
        assert [sums.player for sums in count.standings()] == [player.bytes for player in PLAYERS]

    @settings(max_examples=30, deadline=None)
    @given(st.integers(1, 700), st.data())
    def test_the_roots_are_those_that_the_sealer_makes(self, size: int, data: st.DataObject) -> None:
        log = PublishedLog.of([*season()[:4], *(vote(1, who) for who in range(1, 700))][:size])
        other = data.draw(st.integers(0, size))
        made = log.files()
        _, roots = verifier.replay([made[path] for path in sorted(made) if path.startswith("tile/")], size, [other])
        for wanted in (size, other):
            assert roots[wanted] == Checkpoint.parse(log.checkpoint(wanted)).root


class TestTampering:
    def test_a_changed_leaf_is_found(self, run: Run, published: PublishedLog) -> None:
        files = published.files
        head = files()["checkpoint"]
        published.entries[400] = domain.encode(vote(1, 7000))
        published.files = lambda: files() | {"checkpoint": head}  # type: ignore[method-assign]
        code, said = run(published)
        assert code == 1
        assert "do not have the root" in said

    def test_two_leaves_in_another_order_are_found(self, run: Run, published: PublishedLog, tmp_path: Path) -> None:
        assert run(published)[0] == 0
        shutil.rmtree(tmp_path / "kept" / "tile")
        changed = PublishedLog([*published.entries], kept=[])
        changed.entries[9], changed.entries[10] = changed.entries[10], changed.entries[9]
        code, said = run(changed)
        assert code == 1
        assert "the checkpoint of the last run was signed for other leaves than the first 614" in said

    def test_a_leaf_taken_away_is_found(self, run: Run, published: PublishedLog) -> None:
        assert run(published)[0] == 0
        code, said = run(PublishedLog(published.entries[:-1]))
        assert code == 1
        assert "the checkpoint of the last run has 614 leaves, and the log now only 613" in said

    def test_a_fork_is_found_by_a_checkpoint_that_somebody_saw(
        self, run: Run, published: PublishedLog, tmp_path: Path
    ) -> None:
        fork = PublishedLog(published.entries[:400])
        fork.entries[399] = domain.encode(vote(1, 8000))
        code, said = run(published, "--seen", kept(tmp_path, fork.checkpoint()))
        assert code == 1
        assert "was signed for other leaves than the first 400 of this log: it was forked" in said
        assert run(published, "--seen", kept(tmp_path, published.checkpoint(400)))[0] == 0

    def test_a_kept_checkpoint_of_another_log_is_found(self, run: Run, published: PublishedLog) -> None:
        files = published.files
        other = PublishedLog(published.entries[::-1], kept=[300]).files()["checkpoints"]
        published.files = lambda: files() | {"checkpoints": other}  # type: ignore[method-assign]
        code, said = run(published)
        assert code == 1
        assert "that the site keeps was signed for other leaves than the first 300" in said

    def test_another_key_is_found(self, run: Run, published: PublishedLog) -> None:
        code, said = run(replace(published, signer=NoteSigner(ORIGIN, b"x" * 32)))
        assert code == 1
        assert f"is not signed by {ORIGIN}" in said
        code, said = run(published, "--key", str(NoteSigner(ORIGIN, b"x" * 32).verifier))
        assert code == 1
        assert "names another key of the log than anb.example/log/2026+" in said

    def test_a_changed_checkpoint_is_found(self, run: Run, published: PublishedLog) -> None:
        files = published.files
        changed = files()["checkpoint"].replace(b"\n614\n", b"\n613\n")
        published.files = lambda: files() | {"checkpoint": changed}  # type: ignore[method-assign]
        code, said = run(published)
        assert code == 1
        assert "the checkpoint has a wrong signature" in said

    @pytest.mark.parametrize(
        ("leaf", "said"),
        [
            (vote(2, 2), "leaves 5 and 614 are two votes of one pseudonym"),
            (vote(2, 2, jury=True), "leaves 5 and 614 are two votes of one pseudonym"),
            (domain.VoteLogged(jury=False, minute=1, clip=PLAYERS[0], pseudonym=voter(1)), "was never opened"),
            (domain.VoteVoided(1, 7, CLIPS[1], voter(1), domain.VoidClass.FRAUD), "at index 7, which is not there"),
            (domain.VoteVoided(1, 900, CLIPS[0], voter(4), domain.VoidClass.FRAUD), "at index 900, which is not there"),
            (domain.VoteVoided(1, 5, CLIPS[2], voter(2), domain.VoidClass.FRAUD), "a second time"),
            (domain.VoteRestored(1, 6, CLIPS[3], voter(3)), "a second time"),
            (domain.VoteRestored(1, domain.NEVER_LOGGED, CLIPS[3], voter(3)), "which is not there"),
            (
                domain.VoteVoided(1, domain.NEVER_LOGGED, CLIPS[2], voter(2), domain.VoidClass.FRAUD),
                "but it is at index 5",
            ),
            (domain.ClipOpened(1, CLIPS[0], PLAYERS[0], "Cali"), "a second time"),
            (domain.ClipRestored(1, CLIPS[0]), "which is withdrawn already"),
            (domain.ClipRestored(1, CLIPS[1]), "which is open already"),
            (domain.ClipHidden(1, CLIPS[3]), "which is hidden already"),
        ],
        ids=[
            "second-vote", "second-as-juror", "no-clip", "void-of-another", "void-of-none", "void-twice",
            "restored-twice", "restored-none", "logged-though", "opened-twice", "withdrawn", "open", "hidden",
        ],
    )  # fmt: skip
    def test_a_leaf_that_the_rules_forbid_is_found(
        self, run: Run, published: PublishedLog, leaf: domain.Leaf, said: str
    ) -> None:
        published.entries.append(domain.encode(leaf))
        code, told = run(published)
        assert code == 1
        assert said in told

    @pytest.mark.parametrize(
        ("entry", "said"),
        [
            (domain.encode(vote(3, 7)), "leaves 10 and 400 are two votes of one pseudonym"),
            (domain.encode(vote(3, 7, jury=True)), "leaves 10 and 400 are two votes of one pseudonym"),
            (domain.encode(domain.VoteLogged(False, 1, PLAYERS[0], voter(1))), "leaf 400 is about the clip"),
            (domain.encode_vote(1, CLIPS[0].bytes, voter(9).bytes, jury=False).replace(b"\6\0", b"\6\2", 1),
             "leaf 400 is a vote of neither the public nor the jury"),
        ],
        ids=["second-vote", "second-as-juror", "no-clip", "neither"],
    )  # fmt: skip
    def test_a_leaf_that_the_rules_forbid_is_found_also_between_votes(
        self, run: Run, published: PublishedLog, entry: bytes, said: str
    ) -> None:
        published.entries[400] = entry
        bundle = published.files()["tile/entries/001"]
        assert verifier.has_only_votes(bundle)
        code, told = run(published)
        assert code == 1
        assert said in told

    @pytest.mark.parametrize("cut", [slice(-1), slice(-39)], ids=["entry", "length"])
    def test_a_bundle_that_is_cut_off_is_found(self, cut: slice) -> None:
        made = PublishedLog.of([*season()[:4], vote(1, 1)]).files()["tile/entries/000.p/5"]
        with pytest.raises(verifier.CountDiffers, match="cut off"):
            verifier.replay([made[cut]], 5)

    def test_votes_before_the_clip_was_opened_are_found(self, run: Run) -> None:
        opening, *rest = [domain.encode(leaf) for leaf in season()[:604]]
        code, said = run(PublishedLog([*rest, opening]))
        assert code == 1
        assert f"leaf 6 is about the clip {CLIPS[0]}, which was never opened" in said

    def test_a_vote_that_was_never_logged_may_be_logged_after_its_void(self, run: Run) -> None:
        void = domain.VoteVoided(MINUTE, domain.NEVER_LOGGED, CLIPS[0], voter(9), domain.VoidClass.OTHER)
        code, said = run(PublishedLog.of([*season()[:4], void, vote(0, 9)]))
        assert code == 0, said

    @pytest.mark.parametrize(
        "entry",
        [
            b"",
            b"\x00",
            b"\x0a" + bytes(37),
            b"\x06" + bytes(38),
            b"\x06\x02" + bytes(36),
            b"\x02" + bytes(19),
            b"\x05" + bytes(20) + b"\x03",
        ],
    )
    def test_other_bytes_are_found(self, run: Run, published: PublishedLog, entry: bytes) -> None:
        published.entries.append(entry)
        code, said = run(published)
        assert code == 1
        assert "leaf 614" in said


class TestGrowing:
    def test_full_tiles_of_a_growing_log_never_change(self) -> None:
        files: dict[str, bytes] = {}
        entries = PublishedLog.of(season()).entries
        for size in range(100, 614, 57):
            now = PublishedLog(entries[:size]).files()
            full = {path: body for path, body in now.items() if path.startswith("tile/") and ".p/" not in path}
            assert files.items() <= full.items()
            files = full
        assert len(files) == 2

    def test_a_second_run_fetches_only_what_is_new(
        self, run: Run, published: PublishedLog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert run(PublishedLog(published.entries[:400]))[0] == 0
        asked: list[str] = []
        get = verifier.LogSite.get

        def ask(site: verifier.LogSite, path: str) -> bytes:
            asked.append(path)
            return get(site, path)

        monkeypatch.setattr(verifier.LogSite, "get", ask)
        assert run(published)[0] == 0
        assert sorted(path for path in asked if path.startswith("tile/")) == [
            "tile/entries/001", "tile/entries/002.p/102",
        ]  # fmt: skip

    def test_what_was_kept_is_checked_again(self, run: Run, published: PublishedLog, tmp_path: Path) -> None:
        assert run(published)[0] == 0
        place = tmp_path / "kept" / "tile" / "entries" / "001"
        place.write_bytes(place.read_bytes()[:-1] + b"\xff")
        code, said = run(published)
        assert (code, "do not have the root" in said) == (1, True)


def test_pseudonyms_whose_first_halves_are_the_same_may_differ() -> None:
    records = [verifier.RECORD.pack(b"same half" + bytes(6) + bytes([last]), 0) for last in (1, 2, 2)]
    assert verifier.distinct(bytearray(b"".join(records))) == 2
