"""The upload page: it checks the rules before the file is sent, with the server's own sentences."""

from secrets import token_urlsafe
from typing import NamedTuple
from uuid import UUID

from fastapi import Response

from anb.db.session import Database
from anb.errors import Refusal
from anb.fields import InvalidField
from anb.media.rules import TooLong, TooShort, TooSmall, TooWide
from anb.media.unreadable import NotAVideo
from anb.pages.view import View
from anb.settings import MIB
from anb.videos import entry
from anb.videos.admission import TooManyClips
from anb.videos.domain import QUOTAS, START_FIELD, TITLE_LENGTH, TooManyBytes

# The sentences of the script while it sends; its others are the server's refusals.
_SAID = (
    "arrived", "busy", "cancelled", "checking", "kept", "left_minutes", "left_seconds", "no_file",
    "no_name", "no_signal", "of", "offline", "send", "send_all", "signed_out", "some", "span", "strange", "unreadable",
    "waits", "which",
)  # fmt: skip


class Welcome(NamedTuple):
    """Whether the season takes clips of a player, and how many more if it limits them."""

    closed: Refusal | None = None
    room: entry.Room | None = None


def find_welcome(database: Database, caller: UUID) -> Welcome:
    """Ask the season about a player's next clip."""
    with database.reading() as uow:
        try:
            room = entry.find_room(uow, caller)
        except QUOTAS as closed:
            return Welcome(closed)
    if room is not None and room.left == 0:
        return Welcome(TooManyClips(most=room.most, count=room.most))
    return Welcome(None, room)


class Typed(NamedTuple):
    """What was typed in a form whose clip was refused."""

    title: str = ""
    start: str = ""


UNTYPED = Typed()


def upload_page(view: View, welcome: Welcome, refusal: Refusal | None = None, typed: Typed = UNTYPED) -> Response:
    """Show the upload form, with the refusal of the last upload and what was typed.

    If the season takes no clip of this player, show why instead.
    """
    limits, language = view.settings, view.t.language
    named = refusal.spoken(language) if isinstance(refusal, InvalidField) else []
    return view.show(
        "upload.html",
        refusal.status if refusal else 200,
        media="'self' blob:",  # the chosen file is shown before it is sent
        limits=limits,
        megabytes=limits.upload_max_bytes // MIB,
        title_most=TITLE_LENGTH,
        problem=refusal.text(language) if refusal else "",
        typed=typed,
        latest_start=limits.clip_max_seconds - min(limits.clip_min_seconds, limits.edit_clip_seconds),
        key=token_urlsafe(16),
        errors={"title": "", "video_file": "", START_FIELD: ""} | {one["field"]: one["message"] for one in named},
        closed=welcome.closed.text(language) if welcome.closed else "",
        room=welcome.room,
        words=_words(view, welcome.room),
    )


def _words(view: View, room: entry.Room | None) -> dict[str, str | float]:
    """Return the limits and sentences of the script, which fills in `{seconds}` and the like with what it measures."""
    limits, t = view.settings, view.t
    window = {"least": float(limits.clip_min_seconds), "most": float(limits.clip_max_seconds)}
    size = {"width": "{width}", "height": "{height}"}
    refusals: dict[str, Refusal] = {
        "not_a_video": NotAVideo(),
        "too_many_bytes": TooManyBytes(found="{megabytes} MB", limit=limits.upload_max_bytes // MIB),
        "too_short": TooShort(seconds="{seconds}", **window),
        "too_long": TooLong(seconds="{seconds}", **window),
        "too_small": TooSmall(**size, least=limits.clip_min_side),
        "too_wide": TooWide(**size, most=limits.clip_max_side),
    }
    return {
        **{name: t.pattern(f"upload.{name}") for name in _SAID},
        **{name: refusal.text(t.language) for name, refusal in refusals.items()},
        "megabytes": t.pattern("amount.megabytes"),
        "surplus": t.count("upload.room", room.left) if room else "",
        "edit_seconds": limits.edit_clip_seconds,
        "most_bytes": limits.upload_max_bytes,
        "least_seconds": limits.clip_min_seconds,
        "most_seconds": limits.clip_max_seconds,
        "least_side": limits.clip_min_side,
        "most_side": limits.clip_max_side,
    }
