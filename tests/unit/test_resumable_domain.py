"""What is kept of a refusal, so that a client that returns late gets the same answer."""

from uuid import UUID

from anb.errors import Refusal
from anb.media.rules import TooShort
from anb.resumable.domain import ClipRefused, kept_of


class RefusalForPrograms(Refusal):
    """A refusal with more fields for programs."""

    shown = ("video_id",)


def test_a_refusal_is_heard_again_in_both_languages() -> None:
    first = TooShort(seconds=18.4, least=20.0, most=60.0)
    again = ClipRefused(kept_of(first))
    assert (again.status, again.code) == (400, "clip-too-short")
    assert (again.text("es"), again.text("en")) == (first.text("es"), first.text("en"))


def test_what_the_version_before_kept_is_heard_as_it_was_said() -> None:
    old = {"code": "clip-cut-off", "status": 400, "shown": {}, "es": "Está cortado.", "en": "It is cut off."}
    assert [ClipRefused(old).text(language) for language in ("es", "en")] == ["Está cortado.", "It is cut off."]


def test_the_version_before_finds_what_it_reads() -> None:
    first = TooShort(seconds=18.4, least=20.0, most=60.0)
    kept = kept_of(first)
    assert (kept["es"], kept["en"], kept["shown"]) == (first.text("es"), first.text("en"), {})


def test_what_programs_read_of_it_is_kept_too() -> None:
    video = UUID("0198c000-0000-7000-8000-000000000000")
    again = ClipRefused(kept_of(RefusalForPrograms(video_id=video)))
    assert again.shown == ("video_id",)
    assert again.fields == {"video_id": str(video)}


def test_one_refusal_does_not_change_what_others_say() -> None:
    ClipRefused(kept_of(RefusalForPrograms(video_id="x")))
    assert (ClipRefused.code, ClipRefused.shown) == ("refused", ())
