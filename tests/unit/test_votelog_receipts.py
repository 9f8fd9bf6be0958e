"""Receipts and promises of votes, as the verifier that strangers run checks them."""

from base64 import b64encode
from pathlib import Path

from anb.votelog import domain
from anb.votelog.notes import NoteSigner
from support.published_log import ORIGIN, PROMISER, SIGNER, PublishedLog, vote
from support.verifying import Run, kept, published, run

__all__ = ["published", "run"]  # fixtures


class TestReceipts:
    def test_a_receipt_is_right(self, run: Run, published: PublishedLog, tmp_path: Path) -> None:
        for size in (12, 400, 614):
            assert run(published, "--receipt", kept(tmp_path, published.receipt(10, size)))[0] == 0

    def test_a_receipt_of_another_leaf_is_found(self, run: Run, published: PublishedLog, tmp_path: Path) -> None:
        proof = published.receipt(10, 400).replace("index 10", "index 11")
        code, said = run(published, "--receipt", kept(tmp_path, proof))
        assert code == 1
        assert "does not prove that leaf 11 is in the log of 400 leaves" in said

    def test_a_receipt_shows_a_fork(self, run: Run, published: PublishedLog, tmp_path: Path) -> None:
        fork = PublishedLog([*published.entries[:99], domain.encode(vote(1, 8000))])
        code, said = run(published, "--receipt", kept(tmp_path, fork.receipt(99)))
        assert code == 1
        assert "it was forked" in said


class TestPromises:
    def promise(self, tmp_path: Path, leaf: domain.Leaf, due: int | str = 1, signer: NoteSigner = PROMISER) -> str:
        entry = b64encode(domain.encode(leaf)).decode()
        return kept(tmp_path, signer.sign(f"{ORIGIN}\nvote\n{entry}\n{due}\n"))

    def test_a_kept_one_is_found_in_the_log(self, run: Run, published: PublishedLog, tmp_path: Path) -> None:
        code, said = run(published, "--promise", self.promise(tmp_path, vote(1, 1)))
        assert (code, "note: leaf 4" in said) == (0, True)
        code, said = run(published, "--promise", self.promise(tmp_path, vote(2, 2)))
        assert (code, "which is void now" in said) == (0, True)
        code, said = run(published, "--promise", self.promise(tmp_path, vote(0, 9000)))
        assert (code, "void, before it was counted" in said) == (0, True)

    def test_a_broken_one_is_found(self, run: Run, published: PublishedLog, tmp_path: Path) -> None:
        code, said = run(published, "--promise", self.promise(tmp_path, vote(1, 7777), due=2**40))
        assert code == 1
        assert "was broken" in said

    def test_before_the_close_a_late_one_is_awaited(self, run: Run, published: PublishedLog, tmp_path: Path) -> None:
        published.entries.pop()
        note = self.promise(tmp_path, vote(1, 7777), due=2**33)
        code, said = run(published, "--promise", note)
        assert (code, "not in the log yet" in said) == (0, True)
        code, said = run(published, "--promise", self.promise(tmp_path, vote(1, 7777), due=1))
        assert (code, "was broken" in said) == (1, True)

    def test_one_of_a_season_without_a_set_close_is_awaited_until_the_close(
        self, run: Run, published: PublishedLog, tmp_path: Path
    ) -> None:
        note = self.promise(tmp_path, vote(1, 7777), due="close")
        close = published.entries.pop()
        code, said = run(published, "--promise", note)
        assert (code, "not in the log yet; it is due at the close" in said) == (0, True)
        published.entries.append(close)
        code, said = run(published, "--promise", note)
        assert (code, "was broken" in said) == (1, True)

    def test_one_that_another_key_signed_is_refused(self, run: Run, published: PublishedLog, tmp_path: Path) -> None:
        code, said = run(published, "--promise", self.promise(tmp_path, vote(1, 1), signer=SIGNER))
        assert (code, "is not signed by" in said) == (1, True)
