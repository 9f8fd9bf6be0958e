"""From scores to standings: weighted means, exact, without a correction of strict or generous jurors."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from uuid import UUID

from anb.contest.jury_rules import JuryRules
from anb.jury.domain import AsideEffect, ClipScore, JurorProgress, JuryStanding, Marks, ScoredClip, SpreadClip, fits


def weighted(rules: JuryRules, marks: Marks) -> Fraction:
    """Return the weighted mean of a score's marks."""
    return Fraction(sum(each.weight * marks[each.name] for each in rules.criteria), rules.weights)


def mean(values: Sequence[Fraction]) -> Fraction:
    """Return the plain mean."""
    return sum(values, Fraction()) / len(values)


def deviation(values: Sequence[Fraction]) -> float:
    """Return the standard deviation of these values, as a population: they are all the scores there are."""
    middle = mean(values)
    return math.sqrt(mean([(value - middle) ** 2 for value in values]))


def stand(rules: JuryRules, clips: Sequence[ScoredClip], scores: Sequence[ClipScore]) -> list[JuryStanding]:
    """Return the players by their best clips; marks of former rules do not count."""
    given = {clip: [weighted(rules, one.marks) for one in own] for clip, own in by_clip(rules, scores).items()}
    means = {clip: mean(values) for clip, values in given.items()}
    scored = [one for one in clips if one.video_id in given]
    scored.sort(key=lambda one: _place(one, means[one.video_id], len(given[one.video_id])))
    best: dict[UUID, ScoredClip] = {}
    for one in scored:
        best.setdefault(one.player_id, one)
    return list(_placed(list(best.values()), means, given, Counter(one.player_id for one in scored)))


def by_clip(rules: JuryRules, scores: Sequence[ClipScore]) -> dict[UUID, list[ClipScore]]:
    """Return the scores of each clip that hold by the rules."""
    found: dict[UUID, list[ClipScore]] = {}
    for one in scores:
        if fits(rules, one.marks):
            found.setdefault(one.video_id, []).append(one)
    return found


def spread(rules: JuryRules, clip: ScoredClip, scores: Sequence[ClipScore], jurors: Sequence[UUID]) -> SpreadClip:
    """Return a clip with how far its scores are apart, and which jurors have none."""
    values = [weighted(rules, one.marks) for one in scores]
    known = {one.juror_id for one in scores}
    missing = [juror for juror in jurors if juror not in known and juror != clip.player_id]
    if not values:
        return SpreadClip(clip, scores, None, None, None, None, missing)
    return SpreadClip(clip, scores, mean(values), deviation(values), min(values), max(values), missing)


def weigh(
    rules: JuryRules, clips: Sequence[ScoredClip], scores: Sequence[ClipScore], juror: JurorProgress
) -> AsideEffect:
    """Return the difference that a juror's scores make among all scores, theirs included."""
    others = [one for one in scores if one.juror_id != juror.id]
    counted = {one.video_id for one in clips}
    theirs = counted & by_clip(rules, [one for one in scores if one.juror_id == juror.id]).keys()
    places = (
        {(one.player_id, one.position, one.city_position) for one in stand(rules, clips, each)}
        for each in (scores, others)
    )
    moved = {player for player, *_ in set.symmetric_difference(*places)}
    return AsideEffect(juror.name, len(theirs), len(theirs - by_clip(rules, others).keys()), len(moved))


def _place(clip: ScoredClip, score: Fraction, scores: int) -> tuple[object, ...]:
    """Return the order of clips: the score, then more scores, then the clip that was public first."""
    return (-score, -scores, clip.first_published_at, clip.video_id)


def _placed(
    best: Sequence[ScoredClip],
    means: Mapping[UUID, Fraction],
    given: Mapping[UUID, Sequence[Fraction]],
    clips: Counter[UUID],
) -> Iterator[JuryStanding]:
    ties = Counter((one.city_key, means[one.video_id]) for one in best)
    in_city: Counter[str] = Counter()
    for position, one in enumerate(best, 1):
        in_city[one.city_key] += 1
        score = means[one.video_id]
        yield JuryStanding(
            position=position,
            city_position=in_city[one.city_key],
            tied=ties[one.city_key, score] > 1,
            player_id=one.player_id,
            video_id=one.video_id,
            city_key=one.city_key,
            city=one.city,
            score=score,
            scores=len(given[one.video_id]),
            clips=clips[one.player_id],
        )
