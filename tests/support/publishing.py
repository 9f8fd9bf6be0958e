"""Does what a worker does, except the edit."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from anb.contest import service as contest
from anb.jobs.domain import Claim
from anb.media.recipe import RECIPE_VERSION
from anb.media.renditions import MADE, POSTERS, Rendition
from anb.ports import Stored
from anb.videos import processing
from anb.videos import service as videos
from anb.videos.domain import NewRendition
from support.worlds import AcceptedClip, World

FORMS = {Rendition.PROCESSED: "mp4", Rendition.LIGHT: "mp4", Rendition.THUMBNAILS: "vtt"}
AVIF = set(POSTERS) - {Rendition.POSTER_640_JPEG}
TYPES = {"mp4": "video/mp4", "jpg": "image/jpeg", "vtt": "text/vtt", "avif": "image/avif"}


def publish(
    world: World,
    upload: AcceptedClip,
    made: Sequence[Rendition] = MADE,
    recipe: int = RECIPE_VERSION,
    *,
    job: UUID | None = None,
) -> str:
    """Publish a video with files of some bytes; return the key of the edit."""
    kept = [keep(world, rendition, recipe) for rendition in made]
    claim = begin(world, job or upload.task_id)
    assert claim is not None
    with world.uow() as uow:
        assert contest.publish(uow, world.ports, claim, kept, {"encode": 1.0})
    return kept[0].stored.key


def begin(world: World, job_id: UUID, worker: str = "test") -> Claim | None:
    """Claim this job, as if it were alone in the queue."""
    others = "update jobs set available_at = available_at {} interval '1 hour' where state = 'queued' and id <> :job"
    with world.uow() as uow:
        uow.execute(text(others.format("+")), {"job": job_id})
        begun = processing.begin(uow, world.settings, worker)
        uow.execute(text(others.format("-")), {"job": job_id})
    return begun[0] if begun else None


def keep(world: World, rendition: Rendition, recipe: int) -> NewRendition:
    """Write a file of some bytes where the worker stores a rendition."""
    form = FORMS.get(rendition) or ("avif" if rendition in AVIF else "jpg")
    key = videos.new_key("edits", form)
    path = world.settings.media_root / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"an edit")
    stored = Stored(key, path.stat().st_size, "0" * 64)
    return NewRendition(rendition, stored, TYPES[form], recipe, 1280, 720, 22.0 if form == "mp4" else None)
