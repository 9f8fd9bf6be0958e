"""What an act on a cluster's votes would change in the ranking, and how often a clip was opened and voted for."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from anb.db.session import UnitOfWork
from anb.moderation.vote_store import OF_CLUSTER

HOURS = 48  # as long as views are kept


class Effect(NamedTuple):
    """A clip whose votes would change, and its player's place before and after."""

    title: str
    username: str
    votes: int  # that would stop counting, or count again
    held: int  # that would never count
    place: int
    place_after: int


class ViewHour(NamedTuple):
    """How often the pages of clips were opened in an hour."""

    hour: datetime
    views: int


class ClipHour(NamedTuple):
    """How often a clip's page was opened in an hour, and how many votes of the public it got."""

    hour: datetime
    views: int
    votes: int


# Places are those by votes alone, with the changes of all these clips at once.
_EFFECTS = """
with chosen as ({chosen}), clips as (
    select votes.season_id, votes.video_id, videos.owner_id, videos.title,
        count(*) filter (where held.vote_id is null) as votes, count(held.vote_id) as held
    from chosen join votes on votes.id = chosen.id join videos on videos.id = votes.video_id
    left join held_votes as held on held.vote_id = votes.id
    group by votes.season_id, votes.video_id, videos.owner_id, videos.title
), changed as (
    select season_id, owner_id, sum(votes) * :sign as votes from clips group by season_id, owner_id
), whole as (select * from clips order by votes desc, video_id limit :most)
select whole.title, users.username, whole.votes, whole.held,
    (
        select count(*) + 1 from player_tallies as other where other.season_id = whole.season_id and other.clips > 0
            and other.votes > coalesce(mine.votes, 0) and other.player_id <> whole.owner_id
    ) as place,
    (
        select count(*) + 1 from player_tallies as other
        left join changed as theirs on theirs.season_id = other.season_id and theirs.owner_id = other.player_id
        where other.season_id = whole.season_id and other.clips > 0 and other.player_id <> whole.owner_id
            and other.votes + coalesce(theirs.votes, 0) > coalesce(mine.votes, 0) + changed.votes
    ) as place_after
from whole
join users on users.id = whole.owner_id
join changed on changed.season_id = whole.season_id and changed.owner_id = whole.owner_id
left join player_tallies as mine on mine.season_id = whole.season_id and mine.player_id = whole.owner_id
order by whole.votes desc, whole.video_id
"""
_VOID = text(
    _EFFECTS.format(chosen=f"{OF_CLUSTER} and member.cleared_at is null and votes.voided_at is null")
).bindparams(sign=-1)
_RESTORE = text(_EFFECTS.format(chosen=f"{OF_CLUSTER} and votes.void_reason = 'fraud'")).bindparams(sign=1)
_HOURS = text("""
with hours as (
    select generate_series(date_trunc('hour', clock_timestamp()) - make_interval(hours => cast(:hours as int) - 1),
        clock_timestamp(), interval '1 hour') as hour
), cast_in as (
    select date_trunc('hour', cast_at) as hour, count(*) as votes from votes
    where video_id = :video_id and not jury and cast_at >= (select min(hour) from hours) group by 1
)
select hours.hour, coalesce(seen.views, 0) as views, coalesce(cast_in.votes, 0) as votes
from hours left join cast_in on cast_in.hour = hours.hour
left join clip_hours as seen on seen.video_id = :video_id and seen.hour = hours.hour
order by hours.hour
""")


# `offset 0`: PostgreSQL looks each clip up, and never reads the hours of all clips.
_MOST_VIEWED = text("""
with hours as (
    select generate_series(date_trunc('hour', clock_timestamp()) - make_interval(hours => cast(:hours as int) - 1),
        clock_timestamp(), interval '1 hour') as hour
), most as (
    select video_id from clip_tallies where season_id = :season_id and is_open
    order by shortfall, reached_index, video_id limit :clips
), seen as (
    select each.hour, sum(each.views) as views from most cross join lateral (
        select clip_hours.hour, clip_hours.views from clip_hours where clip_hours.video_id = most.video_id
            and clip_hours.hour >= (select min(hour) from hours) offset 0
    ) as each group by 1
)
select hours.hour, coalesce(seen.views, 0) as views from hours left join seen on seen.hour = hours.hour order by 1
""")


def list_void_effects(uow: UnitOfWork, cluster_id: UUID, most: int) -> list[Effect]:
    """Return what voiding a cluster's votes would change, for the clips with the most of them."""
    return [Effect._make(row) for row in uow.execute(_VOID, {"cluster_id": cluster_id, "most": most})]


def list_restore_effects(uow: UnitOfWork, cluster_id: UUID, most: int) -> list[Effect]:
    """Return what restoring a cluster's votes would change, for the clips with the most of them."""
    return [Effect._make(row) for row in uow.execute(_RESTORE, {"cluster_id": cluster_id, "most": most})]


def list_hours(uow: UnitOfWork, video_id: UUID) -> Sequence[ClipHour]:
    """Return the last hours of a clip, oldest first."""
    return [ClipHour._make(row) for row in uow.execute(_HOURS, {"video_id": video_id, "hours": HOURS})]


def list_view_hours(uow: UnitOfWork, season_id: UUID, clips: int) -> Sequence[ViewHour]:
    """Return the last hours of a season's most voted clips together, oldest first."""
    values = {"season_id": season_id, "hours": HOURS, "clips": clips}
    return [ViewHour(row.hour, int(row.views)) for row in uow.execute(_MOST_VIEWED, values)]
