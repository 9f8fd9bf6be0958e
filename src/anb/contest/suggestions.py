"""Suggestions for what a reader has begun to type."""

from typing import Literal, NamedTuple

from anb.accounts.domain import fold
from anb.contest import service
from anb.contest.listing import WantedClips
from anb.db.paging import Page
from anb.db.session import UnitOfWork

MOST = 8
READ = 50  # clips that suggestions come from


class Suggestion(NamedTuple):
    """A player's name or a clip's title, and which of both."""

    kind: Literal["player", "title"]
    text: str


def suggest(uow: UnitOfWork, typed: str) -> list[Suggestion]:
    """Suggest players and then titles of the latest season that have what was typed. Raises InvalidList."""
    clips = service.list_clips(uow, Page(limit=READ), WantedClips(words=typed)).rows
    players = [Suggestion("player", clip.player) for clip in clips if _has(clip.player, typed)]
    titles = [Suggestion("title", clip.title) for clip in clips if _has(clip.title, typed)]
    return list(dict.fromkeys((*players, *titles)))[:MOST]


def _has(text: str, typed: str) -> bool:
    """Say whether each typed word begins a word of a text."""
    words = _words(text)
    return all(any(word.startswith(begun) for word in words) for begun in _words(typed))


def _words(text: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in fold(text)).split()
