"""Every clip of the corpus that breaks a rule is refused for it, with the value found, in both languages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.corpus import Refused
from support.corpus_draw import draw
from support.corpus_refusals import REFUSED
from support.corpus_studio import Studio


def clips() -> Iterator[object]:
    for group, cases in REFUSED.items():
        for case in cases:
            yield pytest.param(case, id=f"{group}: {case.name}", marks=() if case.daily else pytest.mark.slow)


@pytest.mark.parametrize("case", list(clips()))
def test_a_clip_is_refused_for_the_rule_it_breaks(case: Refused, tmp_path: Path) -> None:
    with pytest.raises(case.because) as refused:
        Studio(tmp_path).judge(draw(case.source), case.limits)
    assert refused.type is case.because
    assert refused.value.text("es") == case.es
    assert refused.value.text("en") == case.en
