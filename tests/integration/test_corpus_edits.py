"""The edit of each accepted clip of the corpus shows what it must; docs/corpus.md describes each clip."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.corpus.cases import Accepted
from support.corpus.draw import draw
from support.corpus.editor import CorpusEditor
from support.corpus.everything import ACCEPTED
from support.corpus.faults import faults
from support.parts import chosen


# CI edits a part of the clips at a time. The whole corpus takes a quarter of an hour.
def clips() -> Iterator[object]:
    every = [(group, case) for group, cases in ACCEPTED.items() for case in cases]
    for number, (group, case) in enumerate(every):
        if case.daily or chosen("CORPUS_PART", number):
            yield pytest.param(case, id=f"{group}: {case.name}", marks=() if case.daily else pytest.mark.slow)


@pytest.mark.parametrize("case", list(clips()))
def test_an_edit_shows_all_of_the_clip_as_it_was_filmed_and_no_more(case: Accepted, tmp_path: Path) -> None:
    with CorpusEditor(tmp_path).edited(draw(case.source), case.limits) as edit:
        assert faults(case, edit) == []
