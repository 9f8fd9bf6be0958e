"""The edit of every accepted clip of the corpus shows what it must: docs/corpus.md says of each what it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.corpus import Accepted
from support.corpus_all import ACCEPTED
from support.corpus_draw import draw
from support.corpus_faults import faults
from support.corpus_studio import Studio


def clips() -> Iterator[object]:
    for group, cases in ACCEPTED.items():
        for case in cases:
            yield pytest.param(case, id=f"{group}: {case.name}", marks=() if case.daily else pytest.mark.slow)


@pytest.mark.parametrize("case", list(clips()))
def test_an_edit_shows_all_of_the_clip_as_it_was_filmed_and_no_more(case: Accepted, tmp_path: Path) -> None:
    with Studio(tmp_path).edited(draw(case.source), case.limits) as edit:
        assert faults(case, edit) == []
