"""The upload's page: the rules before the file travels, in the words the server would use after it."""

from fastapi import Response

from anb.errors import Refusal
from anb.media.rules import TooLong, TooShort, TooSmall, TooWide
from anb.pages.view import View
from anb.videos.domain import TITLE_LENGTH, TooManyBytes
from anb.web.problems import InvalidField

MIB = 1024 * 1024
# What the script says while it sends; the rest of its words are the server's refusals.
_SAID = ("no_file", "no_name", "of", "checking", "cancelled", "offline", "entrance")


def upload_page(view: View, refusal: Refusal | None = None) -> Response:
    """Show the form of an upload, and why the last one was refused."""
    limits, language = view.settings, view.t.language
    named = refusal.spoken(language) if isinstance(refusal, InvalidField) else []
    return view.show(
        "upload.html",
        refusal.status if refusal else 200,
        media="'self' blob:",  # the chosen file is shown before it travels
        limits=limits,
        megabytes=limits.upload_max_bytes // MIB,
        title_most=TITLE_LENGTH,
        problem=refusal.text(language) if refusal else "",
        errors={"title": "", "video_file": ""} | {one["field"]: one["message"] for one in named},
        words=_words(view),
    )


def _words(view: View) -> dict[str, str | float]:
    """Return what the script compares with and says; a measure it finds takes the place of `{seconds}` and the like."""
    limits, t = view.settings, view.t
    window = {"least": float(limits.clip_min_seconds), "most": float(limits.clip_max_seconds)}
    size = {"width": "{width}", "height": "{height}"}
    refusals = {
        "too_many_bytes": TooManyBytes(limit=limits.upload_max_bytes // MIB),
        "too_short": TooShort(seconds="{seconds}", **window),
        "too_long": TooLong(seconds="{seconds}", **window),
        "too_small": TooSmall(**size, least=limits.clip_min_side),
        "too_wide": TooWide(**size, most=limits.clip_max_side),
    }
    return {
        **{name: t.sentences[f"upload.{name}"] for name in _SAID},
        **{name: refusal.text(t.language) for name, refusal in refusals.items()},
        "most_bytes": limits.upload_max_bytes,
        "least_seconds": limits.clip_min_seconds,
        "most_seconds": limits.clip_max_seconds,
        "least_side": limits.clip_min_side,
        "most_side": limits.clip_max_side,
    }
