"""Signed notes and checkpoints, with the examples of their specification and of the Go package they come from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anb.votelog.notes import Checkpoint, InvalidNote, NoteSigner, VerifierKey, derived_signer, open_note

# golang.org/x/mod/sumdb/note
PETER = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
SAYING = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
SIGNER = NoteSigner("anb.example/log/2026", bytes(32))
TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])).map(lambda text: text + "\n")


class TestNote:
    def test_a_note_of_the_first_implementation_opens(self) -> None:
        assert open_note(SAYING, [PETER]).startswith("If you think cryptography")

    @given(TEXTS)
    def test_a_signed_text_is_read_back(self, text: str) -> None:
        assert open_note(SIGNER.sign(text), [PETER, SIGNER.verifier]) == text

    def test_a_changed_text_is_refused(self) -> None:
        with pytest.raises(InvalidNote, match="the signature of PeterNeumann is wrong"):
            open_note(SAYING.replace("problem is", "problem was"), [PETER])

    def test_a_note_of_unknown_keys_is_refused(self) -> None:
        with pytest.raises(InvalidNote, match="no known key"):
            open_note(SAYING, [SIGNER.verifier])

    def test_signatures_of_others_are_ignored_beside_a_known_one(self) -> None:
        both = SAYING + SIGNER.sign("another text\n").rpartition("\n\n")[2]
        assert open_note(both, [PETER]) == open_note(SAYING, [PETER])
        with pytest.raises(InvalidNote, match="the signature of anb"):
            open_note(both, [PETER, SIGNER.verifier])

    @pytest.mark.parametrize(
        "note",
        ["", "text\n", "text\n\nno signature\n", SAYING.rstrip("\n"), "text\n\n— a  b\n"],
        ids=["empty", "text", "no-signature", "cut", "two-spaces"],
    )
    def test_another_text_is_no_note(self, note: str) -> None:
        with pytest.raises(InvalidNote):
            open_note(note, [PETER])

    def test_only_whole_lines_are_signed(self) -> None:
        with pytest.raises(InvalidNote, match="newline"):
            SIGNER.sign("text")


class TestVerifierKey:
    def test_a_key_is_written_as_it_was_read(self) -> None:
        assert str(VerifierKey.parse(str(SIGNER.verifier))) == str(SIGNER.verifier)

    @pytest.mark.parametrize(
        "text",
        ["", "a", "a+b", "a+00000000+AA==", str(PETER).replace("c74f", "c74e"), str(PETER)[:-4], "a b+00000000+AQ=="],
        ids=["empty", "name", "id", "other-kind", "other-id", "short", "space"],
    )
    def test_another_text_is_no_key(self, text: str) -> None:
        with pytest.raises(InvalidNote):
            VerifierKey.parse(text)

    def test_a_derived_key_depends_on_secret_and_label(self) -> None:
        keys = {
            derived_signer("anb.example", secret, label).verifier.public_key
            for secret in ("one", "two")
            for label in ("promises", "other")
        }
        assert len(keys) == 4
        assert derived_signer("anb.example", "one", "promises").verifier.public_key in keys


class TestCheckpoint:
    def test_the_specification_s_example_is_read(self) -> None:
        text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
        checkpoint = Checkpoint.parse(text)
        assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20_852_163)
        assert checkpoint.text == text

    @pytest.mark.parametrize(
        "text",
        ["", "origin\n", "origin\n01\n" + "A" * 43 + "=\n", "origin\n1\nAAAA\n", "origin\n-1\n" + "A" * 43 + "=\n"],
        ids=["empty", "origin", "leading-zero", "short-root", "negative"],
    )
    def test_another_text_is_no_checkpoint(self, text: str) -> None:
        with pytest.raises(InvalidNote):
            Checkpoint.parse(text)
