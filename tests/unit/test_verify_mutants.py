import argparse
import tomllib
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

import pytest
from verify.mutation import __main__ as program
from verify.mutation import mutants, scores
from verify.mutation.__main__ import PATTERNS
from verify.mutation.choosing import Contexts
from verify.mutation.mutants import SOURCE, Mutant, mutants_of
from verify.mutation.scores import EQUIVALENT, Tried, score
from verify.mutation.trial import MutantVerdict

LITTLE = '''"""A room."""

from sqlalchemy import text

LIMIT = 10
_TAKE = text("""select id from jobs where state = 'queued' and due <= now() order by due desc for update skip locked""")


class Late(Exception):
    status = 409
    es = "Llegas tarde."


@property
def room(free: int) -> bool:
    """Say whether there is room."""
    log.info("room.asked")
    return free > LIMIT and not full()
'''


@pytest.fixture
def little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Mutant]:
    monkeypatch.setattr(mutants, "SOURCE", tmp_path)
    path = tmp_path / "anb" / "rooms.py"
    path.parent.mkdir()
    path.write_text(LITTLE, encoding="utf-8")
    return mutants_of(path)


def changes(found: list[Mutant]) -> list[str]:
    return [f"{mutant.before} -> {mutant.after}" for mutant in found]


class TestMutants:
    def test_each_changes_one_place_and_is_still_python(self, little: list[Mutant]) -> None:
        assert little
        for mutant in little:
            lines = zip(LITTLE.splitlines(), mutant.text.splitlines(), strict=True)
            assert sum(before != after for before, after in lines) == 1
            compile(mutant.text, "mutant", "exec")

    def test_a_comparison_a_constant_and_a_negation_are_changed(self, little: list[Mutant]) -> None:
        line = "return free > LIMIT and not full()"
        assert {
            "LIMIT = 10 -> LIMIT = 11",
            "status = 409 -> status = 410",
            f"{line} -> return free >= LIMIT and not full()",
            f"{line} -> return free > LIMIT or not full()",
            f"{line} -> return free > LIMIT and full()",
        } <= set(changes(little))

    def test_sql_is_changed_word_by_word(self, little: list[Mutant]) -> None:
        asked = {mutant.after.partition("jobs ")[2] for mutant in little if mutant.before.startswith("_TAKE")}
        assert 'where state = \'queued\' or due <= now() order by due desc for update skip locked""")' in asked
        assert 'where state = \'queued\' and due < now() order by due desc for update skip locked""")' in asked
        assert 'where state = \'queued\' and due <= now() order by due asc for update skip locked""")' in asked

    def test_sentences_log_lines_and_docstrings_are_left(self, little: list[Mutant]) -> None:
        said = "".join(changes(little))
        assert not [words for words in ("Llegas", "room.asked", "Say whether", "import") if words in said]

    @pytest.mark.usefixtures("little")
    @pytest.mark.parametrize("words", ['description="A key."', "es='Llave', en='Key'"])
    def test_no_sentence_is_taken_away(self, tmp_path: Path, words: str) -> None:
        path = tmp_path / "anb" / "rooms.py"
        path.write_text(f"KEY = Header({words}, pattern='x')\n", encoding="utf-8")
        found = changes(mutants_of(path))
        assert "pattern=None" in "".join(found)
        assert not [change for change in found if words not in change.partition(" -> ")[2] and "= None" not in change]

    def test_what_no_function_holds_is_known_by_its_name(self, little: list[Mutant]) -> None:
        owners = {mutant.before: mutant.owner for mutant in little}
        assert owners["LIMIT = 10"] == "LIMIT"
        assert owners["status = 409"] == "Late"
        assert owners["return free > LIMIT and not full()"] is None

    def test_constants_that_are_made_together_are_known_by_the_first(self) -> None:
        assert mutants.owner_of("OK, GONE = 200, 410\n", 1) == "OK"

    def test_one_is_known_again_when_lines_above_it_came(self, little: list[Mutant], tmp_path: Path) -> None:
        path = tmp_path / "anb" / "rooms.py"
        path.write_text(LITTLE.replace("LIMIT = 10", "# One more line.\nLIMIT = 10"), encoding="utf-8")
        assert {mutant.id for mutant in mutants_of(path)} == {mutant.id for mutant in little}


class TestScore:
    def test_it_counts_what_tests_noticed_of_what_they_can(self, little: list[Mutant]) -> None:
        verdicts = [
            MutantVerdict.KILLED,
            MutantVerdict.TIMEOUT,
            MutantVerdict.SURVIVED,
            MutantVerdict.UNRUN,
            MutantVerdict.EQUIVALENT,
        ]
        assert score([Tried(little[0], verdict) for verdict in verdicts]) == 0.5
        assert score([Tried(little[0], MutantVerdict.EQUIVALENT)]) is None

    @pytest.mark.parametrize(
        ("noticed", "tries", "far_below"),
        [(27, 40, True), (28, 40, False), (40, 40, False), (4, 10, True), (5, 10, False), (0, 2, False), (0, 0, False)],
    )
    def test_a_sample_fails_where_chance_hardly_explains_it(
        self, little: list[Mutant], noticed: int, tries: int, far_below: bool
    ) -> None:
        verdicts = [MutantVerdict.KILLED] * noticed + [MutantVerdict.SURVIVED] * (tries - noticed)
        tried = [Tried(little[0], verdict) for verdict in [*verdicts, MutantVerdict.EQUIVALENT]]
        assert scores.is_far_below_goal(tried) is far_below

    def test_when_the_time_is_up_no_module_is_begun(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(program, "trials", nullcontext)
        options = argparse.Namespace(modules=["web.cors", "web.pace"], sample=0, minutes=-1, seed=1)
        assert program.run(options, Contexts.__new__(Contexts)) == []
        assert "2 of 2 modules were not begun" in capsys.readouterr().out

    def test_a_kept_score_of_another_text_is_outdated(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(scores, "KEPT", tmp_path / "scores.json")
        tried = scores.entry([Tried(Mutant("anb.errors", 1, None, "a", "b", ""), MutantVerdict.KILLED)], 1, 1)
        scores.keep("anb.errors", tried, scores.digest("anb.errors"))
        scores.keep("anb.ports", tried, "of another text")
        assert scores.outdated(["anb.errors", "anb.ports", "anb.logs"]) == ["anb.ports", "anb.logs"]

    def test_prose_and_layout_make_no_score_outdated_and_code_does(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def digest(text: str) -> str:
            (tmp_path / "rooms.py").write_text(text, encoding="utf-8")
            return scores.digest("rooms")

        monkeypatch.setattr(scores, "SOURCE", tmp_path)
        before = digest(LITTLE)
        other = LITTLE.replace('"""A room."""', '"""Another word."""').replace(
            "LIMIT = 10", "LIMIT = (\n 10)  # people"
        )
        assert digest(other.replace('"""Say whether there is room."""', '"""Tell."""')) == before
        assert digest(LITTLE.replace('    """Say whether there is room."""\n', "")) == before
        for code, changed in (("10", "11"), ("> LIMIT", ">= LIMIT"), ("free: int", "free: float"), ("tarde", "pronto")):
            assert digest(LITTLE.replace(code, changed)) != before

    def test_every_pattern_of_what_is_measured_finds_a_module(self) -> None:
        assert not [pattern for pattern in PATTERNS if not list((SOURCE / "anb").glob(pattern))]

    def test_the_listed_equivalents_are_of_the_code_that_is_there_and_have_a_reason(self) -> None:
        listed = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).get("mutant", [])
        for entry in listed:
            path = SOURCE.joinpath(*entry["module"].split(".")).with_suffix(".py")
            lines = {line.strip() for line in path.read_text(encoding="utf-8").splitlines()}
            assert set(entry["before"].splitlines()) <= lines, entry
            assert len(entry["reason"]) > 20, entry
        assert not [name for name, times in Counter(map(str, listed)).items() if times > 1]
