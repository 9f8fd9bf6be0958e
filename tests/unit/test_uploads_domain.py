"""What is kept of a refusal, so that a client that comes back late hears it as it was said."""

from uuid import UUID

from anb.media.rules import TooShort
from anb.uploads.domain import ClipRefused, kept_of
from anb.videos.domain import SameFile


def test_a_refusal_is_heard_again_in_both_languages() -> None:
    first = TooShort(seconds=18.4, least=20.0, most=60.0)
    again = ClipRefused(kept_of(first))
    assert (again.status, again.code) == (400, "clip-too-short")
    assert (again.text("es"), again.text("en")) == (first.text("es"), first.text("en"))


def test_what_programs_read_of_it_is_kept_too() -> None:
    video = UUID("0198c000-0000-7000-8000-000000000000")
    again = ClipRefused(kept_of(SameFile(video_id=video, title="Mi triple")))
    assert again.shown == ("video_id",)
    assert again.fields == {"video_id": str(video)}


def test_one_refusal_does_not_change_what_others_say() -> None:
    ClipRefused(kept_of(SameFile(video_id="x", title="y")))
    assert (ClipRefused.code, ClipRefused.shown) == ("refused", ())
