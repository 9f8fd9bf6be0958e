"""The results of a season: places, ties, winners, and the statement that is signed. Names stand beside it."""

import json
import secrets
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from anb.errors import AnbError, Refusal

FORMAT = "anb-results/1"
SALT_BYTES = 16
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class JuryPlace(NamedTuple):
    """A player's place by the jury's scores."""

    position: int
    points: int  # thousandths of the mean


class Unfrozen(NamedTuple):
    """How many closed seasons have no results that should have them."""

    stopped: int  # rows, tallies and log differ
    late: int  # of the others: results are due, and a little longer


@dataclass(frozen=True)
class CountedPlayer:
    """A player as the log counted them. The name is None when the account was erased."""

    player_id: UUID
    city: str
    city_key: str
    votes: int
    jury_votes: int
    reached_index: int
    name: str | None
    username: str | None


@dataclass(frozen=True)
class FinalPlace:
    """A player's place in the results. Salt, name and user name are None once the account is erased."""

    position: int
    player_id: UUID
    city: str
    city_key: str
    city_position: int
    votes: int
    jury_votes: int
    reached_index: int  # of the log's entry with which the player had these votes, or else was opened: it decides ties
    tied: bool
    city_tied: bool
    is_winner: bool
    jury_position: int | None
    jury_points: int | None
    commitment: bytes
    salt: bytes | None
    name: str | None
    username: str | None


@dataclass(frozen=True)
class StatedSeason:
    """What the results of a season state besides its places."""

    slug: str
    version: int
    closed_at: datetime
    winners_per_city: int
    origin: str  # of the season's log
    log_size: int
    log_root: bytes


@dataclass(frozen=True)
class Results(StatedSeason):
    """One version of the results of a season."""

    id: UUID
    season_id: UUID
    season: str
    due_at: datetime
    frozen_at: datetime
    players: int
    digest: bytes
    note: str
    is_superseded: bool  # a later version exists, or the season was reopened


class ResultsNotReady(Refusal):
    """The season has no results yet, or they are not due."""

    status: ClassVar[int] = 404
    code: ClassVar[str] = "results-not-ready"


class ResultsChanged(AnbError):
    """The rows of results are not those that were signed."""


def rank(
    players: Iterable[CountedPlayer], winners_per_city: int, jury: Mapping[UUID, JuryPlace] | None = None
) -> list[FinalPlace]:
    """Place players by the public's votes; of two with as many, the one who had them first in the log is ahead.

    The first of each city win, if anybody voted for them.
    """
    ordered = sorted(players, key=lambda each: (-each.votes, each.reached_index, each.player_id))
    alike = Counter(each.votes for each in ordered)
    alike_in_city = Counter((each.city_key, each.votes) for each in ordered)
    in_city: Counter[str] = Counter()
    places = []
    for position, each in enumerate(ordered, 1):
        in_city[each.city_key] += 1
        salt = None if each.name is None else secrets.token_bytes(SALT_BYTES)
        juried = (jury or {}).get(each.player_id)
        places.append(
            FinalPlace(
                position=position,
                player_id=each.player_id,
                city=each.city,
                city_key=each.city_key,
                city_position=in_city[each.city_key],
                votes=each.votes,
                jury_votes=each.jury_votes,
                reached_index=each.reached_index,
                tied=alike[each.votes] > 1,
                city_tied=alike_in_city[each.city_key, each.votes] > 1,
                is_winner=in_city[each.city_key] <= winners_per_city and each.votes > 0,
                jury_position=None if juried is None else juried.position,
                jury_points=None if juried is None else juried.points,
                # Of an erased person nothing is bound: no salt is kept, so the hash tells nothing.
                commitment=commit(salt or secrets.token_bytes(SALT_BYTES), each.name or "", each.username or ""),
                salt=salt,
                name=each.name,
                username=each.username,
            )
        )
    return places


def canonical(value: object) -> str:
    """Write JSON in the one form that is hashed: keys in order, no spaces, no escapes for letters."""
    return _CANONICAL.encode(value)


def commit(salt: bytes, name: str, username: str) -> bytes:
    """Bind a name and a user name, so that they can be erased but not replaced."""
    return sha256(salt + canonical({"name": name, "username": username}).encode()).digest()


def state(counted: StatedSeason, places: Sequence[FinalPlace]) -> dict[str, Any]:
    """Return the statement of the results: everything but names. It holds text, whole numbers, true, false and null."""
    return {
        "format": FORMAT,
        "season": counted.slug,
        "version": counted.version,
        "closed_at": counted.closed_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "winners_per_city": counted.winners_per_city,
        "log": {"origin": counted.origin, "size": counted.log_size, "root": b64encode(counted.log_root).decode()},
        "places": [_stated(place) for place in places],
    }


def _stated(place: FinalPlace) -> dict[str, Any]:
    return {
        "position": place.position,
        "player_id": str(place.player_id),
        "city": place.city,
        "city_position": place.city_position,
        "votes": place.votes,
        "jury_votes": place.jury_votes,
        "reached_index": place.reached_index,
        "tied": place.tied,
        "city_tied": place.city_tied,
        "winner": place.is_winner,
        "jury_position": place.jury_position,
        "jury_points": place.jury_points,
        "name_commitment": place.commitment.hex(),
    }


def digest_of(statement: Mapping[str, Any]) -> bytes:
    """Return the hash of a statement that the note signs."""
    return sha256(canonical(statement).encode()).digest()


def note_text(counted: StatedSeason, digest: bytes) -> str:
    """Return the text that the key of the log signs: whose results, which version, over which log, and their hash."""
    return (
        f"{counted.origin}\nresults {counted.version}\n{counted.log_size}\n{b64encode(counted.log_root).decode()}\n"
        f"{b64encode(digest).decode()}\n"
    )
