"""Doubtful votes in SQL: which are held, by clip and one by one, and which counted votes are a cluster's."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from anb.db.paging import Listed, Page, count_of, cut
from anb.db.session import UnitOfWork
from anb.fraud.doubts import Doubt
from anb.moderation.votes_domain import HeldClip, HeldVote, VoteFilter

# What was voided a moment ago is held until the log says so.
_WANTED = """
(cast(:video_id as uuid) is null or held.video_id = :video_id)
and (cast(:doubt as text) is null or :doubt = any(held.reasons))
and (cast(:cluster_id as uuid) is null
    or held.voter_id in (select account_id from cluster_members where cluster_id = :cluster_id))
and (cast(:up_to as bigint) is null or held.vote_id <= :up_to)
and not exists (select from votes where votes.id = held.vote_id and votes.void_reason = 'fraud')
"""
_IDS = text(f"select held.vote_id from held_votes as held where {_WANTED} order by held.vote_id")  # noqa: S608
# A place is that by votes alone: how ties are broken does not matter here.
_CLIPS = text(f"""
with clips as (
    select held.season_id, held.video_id, count(*) filter (where not held.jury) as votes, max(held.vote_id) as newest
    from held_votes as held where {_WANTED} group by held.season_id, held.video_id
), whole as (select *, count(*) over () as clips from clips order by votes desc, video_id limit :most)
select whole.video_id, whole.votes, whole.newest, whole.clips, videos.title, users.username, users.city,
    coalesce(clip_tallies.votes, 0) as counted, coalesce(mine.votes, 0) as player_votes,
    (
        select count(*) + 1 from player_tallies as other
        where other.season_id = whole.season_id and other.clips > 0 and other.votes > coalesce(mine.votes, 0)
            and other.player_id <> videos.owner_id
    ) as place,
    (
        select count(*) + 1 from player_tallies as other
        where other.season_id = whole.season_id and other.clips > 0
            and other.votes > coalesce(mine.votes, 0) + whole.votes and other.player_id <> videos.owner_id
    ) as place_released
from whole
join videos on videos.id = whole.video_id
join users on users.id = videos.owner_id
left join clip_tallies on clip_tallies.video_id = whole.video_id
left join player_tallies as mine on mine.season_id = whole.season_id and mine.player_id = videos.owner_id
order by whole.votes desc, whole.video_id
""")  # noqa: S608 - no value of anybody's
_REASONS = text(f"""
select held.video_id, reason, count(*) as votes from held_votes as held, unnest(held.reasons) as reason
where {_WANTED} and held.video_id = any(:videos) group by held.video_id, reason order by votes desc, reason
""")  # noqa: S608
_VOTES = text(f"""
select held.vote_id, held.voter_id, users.username, held.cast_at, held.reasons, count(*) over () as total
from held_votes as held join users on users.id = held.voter_id
where {_WANTED} and (cast(:after as bigint) is null or held.vote_id < :after)
order by held.vote_id desc limit :most
""")  # noqa: S608
# Of seasons whose results are not due yet: afterwards only a reopened season changes.
OF_CLUSTER = """
select votes.id from votes
join seasons on seasons.id = votes.season_id
join cluster_members as member on member.account_id = votes.voter_id
where member.cluster_id = :cluster_id and not votes.jury
    and (seasons.closed_at is null or coalesce(seasons.results_at, seasons.closed_at) > clock_timestamp())
"""
_COUNTED = text(f"{OF_CLUSTER} and member.cleared_at is null and votes.voided_at is null order by votes.id")
_VOIDED = text(f"{OF_CLUSTER} and votes.void_reason = 'fraud' order by votes.id")


def find_held(uow: UnitOfWork, wanted: VoteFilter) -> list[int]:
    """Return the held votes that are wanted."""
    return list(uow.execute(_IDS, wanted.values()).scalars())


def list_clips(uow: UnitOfWork, wanted: VoteFilter, most: int) -> list[HeldClip]:
    """Return the clips with held votes, those with the most first."""
    rows = uow.execute(_CLIPS, {**wanted.values(), "most": most}).all()
    videos = [row.video_id for row in rows]
    reasons: dict[UUID, dict[Doubt, int]] = {}
    for row in uow.execute(_REASONS, {**wanted.values(), "videos": videos}):
        reasons.setdefault(row.video_id, {})[Doubt(row.reason)] = row.votes
    return [HeldClip(reasons=reasons.get(row.video_id, {}), **_named(row)) for row in rows]


def list_votes(uow: UnitOfWork, wanted: VoteFilter, page: Page) -> Listed[HeldVote]:
    """Return held votes, newest first."""
    after = page.key(count_of)
    values = {**wanted.values(), "after": None if after is None else after[0], "most": page.limit + 1}
    rows = [_named(row) for row in uow.execute(_VOTES, values)]
    total = len(find_held(uow, wanted))
    votes = [HeldVote(**{**row, "reasons": tuple(map(Doubt, row["reasons"]))}) for row in map(_without_total, rows)]
    return cut(votes, total, page, lambda vote: (vote.vote_id,))


def counted_of(uow: UnitOfWork, cluster_id: UUID) -> list[int]:
    """Return the votes that the doubtful accounts of a cluster cast, as far as they are not void; held ones too."""
    return list(uow.execute(_COUNTED, {"cluster_id": cluster_id}).scalars())


def voided_of(uow: UnitOfWork, cluster_id: UUID) -> list[int]:
    """Return the votes of a cluster's accounts that were voided as fraud."""
    return list(uow.execute(_VOIDED, {"cluster_id": cluster_id}).scalars())


def _named(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a Row
    known = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    known.pop("clips", None)
    return known


def _without_total(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "total"}
