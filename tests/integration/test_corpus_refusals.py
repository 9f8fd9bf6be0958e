"""Each clip of the corpus that breaks a rule is refused for it, with the value found, in both languages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from anb.errors import Refusal
from anb.media import rules
from support.corpus.cases import RefusedClip
from support.corpus.draw import draw
from support.corpus.editor import CorpusEditor
from support.corpus.refusals import REFUSED


def clips() -> Iterator[object]:
    """Return every clip; the first one of each refusal is tried daily."""
    tried: set[type[Refusal]] = set()
    for group, cases in REFUSED.items():
        for case in cases:
            daily = case.daily and case.because not in tried
            tried |= {case.because} if daily else set()
            yield pytest.param(case, id=f"{group}: {case.name}", marks=() if daily else pytest.mark.slow)


@pytest.mark.parametrize("refusal", rules.REFUSALS)
def test_every_refusal_of_a_clip_is_shown_by_one_of_the_corpus(refusal: type[Refusal]) -> None:
    assert [case.name for cases in REFUSED.values() for case in cases if case.because is refusal] != []


@pytest.mark.parametrize("case", list(clips()))
def test_a_clip_is_refused_for_the_rule_it_breaks(case: RefusedClip, tmp_path: Path) -> None:
    clip = draw(case.source)
    if case.harm:
        harmed = tmp_path / f"harmed.{case.source.container}"
        harmed.write_bytes(case.harm(clip.read_bytes()))
        clip = harmed
    with pytest.raises(case.because) as refused:
        CorpusEditor(tmp_path).judge(clip, case.limits, case.start)
    assert refused.type is case.because
    assert refused.value.text("es") == case.es
    assert refused.value.text("en") == case.en
