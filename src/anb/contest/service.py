"""The operations of the contest: publish, list, vote, rank. Those on seasons are in `seasons`."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from anb.accounts import service as accounts
from anb.accounts.domain import Account, Actor, Role, fold
from anb.contest import list_store, rank_store, season_store, seasons, store, voters
from anb.contest.domain import (
    AlreadyVoted,
    EmailNotConfirmed,
    OwnVideo,
    PublicClip,
    Rank,
    Season,
    SeasonClosed,
    SeasonNotFound,
    TooManyVotesToday,
    VoidReason,
    Votable,
    VotedBefore,
    VotesNotOpenYet,
)
from anb.contest.listing import ListOrder, WantedClips, check_search, check_shuffle
from anb.contest.rank_store import Ranking
from anb.db.paging import Listed, Page
from anb.db.session import UnitOfWork
from anb.jobs.domain import Claim
from anb.ports import Ports
from anb.videos import entry, processing
from anb.videos import service as videos
from anb.videos.domain import NewRendition, VideoNotFound
from anb.votelog import service as votelog
from anb.votelog.publishing import PromisedVote
from anb.zones import in_colombia

open_season, close_season, current_season = seasons.open_season, seasons.close_season, seasons.current_season
open_first_season = seasons.open_first_season


def publish(
    uow: UnitOfWork, ports: Ports, claim: Claim, made: Sequence[NewRendition], timings: dict[str, float]
) -> bool:
    """Publish an edit. A first edit is open to votes at once, unless the season of the clip is moderated.

    Return False if the claim was lost meanwhile and the files must not be shown.
    """
    at_once = not entry.is_moderated(uow, claim.video_id)
    return processing.finish(uow, ports, claim, made, timings, open_to_votes=at_once)


def list_public(
    uow: UnitOfWork, page: Page, city: str | None = None, season: Season | None = None
) -> Listed[PublicClip]:
    """Return the public videos of a season, of the latest one by default, newest first.

    `city` ignores case and accents.
    """
    return list_clips(uow, page, WantedClips(season=season, city_key=None if city is None else fold(city)))


def list_clips(uow: UnitOfWork, page: Page, wanted: WantedClips) -> Listed[PublicClip]:
    """Return the public videos that a reader wants to see, in their order. Raises InvalidList, InvalidPage."""
    if wanted.words:
        check_search(wanted)
        return list_store.search(uow, page, wanted)
    if wanted.order is ListOrder.SHUFFLE:
        check_shuffle(wanted, page)
        return list_store.list_shuffled(uow, page, wanted)
    return list_store.list_in_order(uow, page, wanted)


def newest_ids(uow: UnitOfWork, most: int) -> list[tuple[UUID, datetime]]:
    """Return the newest public clips of all seasons, and since when they are public."""
    found: list[tuple[UUID, datetime]] = []
    for season in season_store.list_begun(uow):
        found += list_store.newest_ids(uow, season.id, most - len(found)) if len(found) < most else []
    return found


def show_public(uow: UnitOfWork, video_id: UUID) -> PublicClip:
    """Return a public video, of whichever season. Raises VideoNotFound."""
    clip = list_store.get_public(uow, video_id)
    if clip is None:
        raise VideoNotFound
    return clip


def season_of(uow: UnitOfWork, video_id: UUID) -> Season | None:
    """Return the season of a public video; None while it waits for one. Raises VideoNotFound."""
    season_id = videos.find_public(uow, video_id).season_id
    return None if season_id is None else season_store.get(uow, season_id)


def with_own_vote(uow: UnitOfWork, clip: PublicClip, voter: UUID) -> PublicClip:
    """Return a clip with the vote that its reader has just cast, which the next seal counts."""
    return replace(clip, votes=clip.votes + 1) if store.awaits_log(uow, voter, clip.id) else clip


def has_voted(uow: UnitOfWork, voter: UUID, video_id: UUID) -> bool:
    """Say whether a person has voted for a video."""
    return store.has_voted(uow, voter, video_id)


def voted_as_juror(uow: UnitOfWork, voter: UUID, video_id: UUID) -> bool | None:
    """Say whether a person's vote for a video is a juror's, which is counted apart; None without a vote."""
    return store.voted_as_juror(uow, voter, video_id)


def cities(uow: UnitOfWork, season: Season | None = None) -> list[str]:
    """Return the cities that have players with public videos in a season, the latest one by default."""
    return list_store.cities(uow, WantedClips(season=season))


def cast_vote(uow: UnitOfWork, ports: Ports, actor: Actor, video_id: UUID) -> PromisedVote:
    """Count one vote, and return what its promise says; a juror's is counted apart, and never as one of the public.

    Raises AccountNotFound, VideoNotFound, OwnVideo, SeasonClosed, VotesNotOpenYet, EmailNotConfirmed, VotedBefore,
    TooManyVotesToday, AlreadyVoted, SecondFactorNeeded.
    """
    account, season = _admit(uow, ports, actor, video_id)
    jury = accounts.acts_as(uow, actor, Role.JUROR, known=account)
    vote = store.add_vote(uow, account.id, video_id, season, jury=jury)
    if vote is None:
        if store.has_voted(uow, account.id, video_id):
            raise AlreadyVoted
        _votable(_find_votable(uow, ports, account, video_id).season)  # what changed since it was read
        raise SeasonClosed
    return vote


def check_vote(uow: UnitOfWork, ports: Ports, actor: Actor, video_id: UUID) -> None:
    """Check what `cast_vote` would refuse, without a vote. Raises what it raises."""
    account, _ = _admit(uow, ports, actor, video_id)
    if store.has_voted(uow, account.id, video_id):
        raise AlreadyVoted


def _admit(uow: UnitOfWork, ports: Ports, actor: Actor, video_id: UUID) -> tuple[Account, Season]:
    """Return the account of a voter and the season of a clip, if the account may vote in it."""
    account = accounts.hold(uow, actor.account_id)  # else an erasure could miss this vote
    votable = _find_votable(uow, ports, account, video_id)
    season = _votable(votable.season)
    _check_voter(uow, account, season, is_barred=votable.is_barred)
    return account, season


def _find_votable(uow: UnitOfWork, ports: Ports, account: Account, video_id: UUID) -> Votable:
    """Return a clip of another player. The database decides again at the insert. Raises VideoNotFound, OwnVideo."""
    votable = store.find_votable(uow, video_id, voters.mark_of(ports, account.email))
    if votable is None:
        raise VideoNotFound
    if votable.owner_id == account.id:
        raise OwnVideo
    return votable


def hold_season(uow: UnitOfWork, season_id: UUID) -> Season:
    """Return a season and lock it against changes and votes until the transaction ends.

    Raises SeasonNotFound.
    """
    season_store.hold(uow, season_id)
    season = season_store.get(uow, season_id)
    if season is None:
        raise SeasonNotFound(slug=season_id)
    return season


def _votable(season: Season | None) -> Season:
    """Return a season whose votes are open. Raises SeasonClosed, VotesNotOpenYet."""
    if season is None or season.is_closed:
        raise SeasonClosed
    if not season.takes_votes:
        opens = season.votes_open_at or season.opened_at
        raise VotesNotOpenYet(season=season.name, moment=in_colombia(opens), at=opens)
    return season


def _check_voter(uow: UnitOfWork, account: Account, season: Season, *, is_barred: bool) -> None:
    """Check that the season lets a person vote. Raises EmailNotConfirmed, VotedBefore, TooManyVotesToday."""
    if season.asks_confirmation and not account.is_confirmed:
        raise EmailNotConfirmed
    if is_barred:
        raise VotedBefore
    most = season.votes_per_day
    if most is None:
        return
    accounts.lock_account(uow, account.id)  # else two votes at once would not see each other
    if voters.count_today(uow, account.id, season.id) >= most:
        raise TooManyVotesToday(most=most, count=most)


def void_votes(uow: UnitOfWork, video_id: UUID, reason: VoidReason) -> int:
    """Void the votes for a video that were cast in the open season, and return how many; their rows stay.

    Votes of a closed season have been counted and stay.
    """
    return store.void_votes(uow, video_id, reason)


def void_votes_of(uow: UnitOfWork, vote_ids: Collection[int], reason: VoidReason) -> int:
    """Void votes; return how many counted until now. The log says so within a second."""
    return store.void_votes_of(uow, vote_ids, reason)


def restore_votes_of(uow: UnitOfWork, vote_ids: Collection[int]) -> int:
    """Let void votes count again; return how many. Those of a clip that left the season stay void."""
    return store.restore_votes_of(uow, vote_ids)


def rebuild_count(uow: UnitOfWork, season_id: UUID) -> int:
    """Build the tallies of a season anew from its log, and let lists notice; return of how many clips."""
    count = votelog.rebuild(uow, season_id)
    store.note_change(uow)
    return count


def version(uow: UnitOfWork) -> str:
    """Return a text that changes when the public lists do: with a sealed vote, a video, a name, a season."""
    return store.version(uow)


def rank(uow: UnitOfWork, page: Page, city: str | None = None, season: Season | None = None) -> Listed[Rank]:
    """Return the players of a season by their votes, of the latest one by default: of a city, or of the country."""
    return rank_store.rank(uow, page, Ranking(season, None if city is None else fold(city)))
