"""Make the edit of an original and its other renditions on local disk, and verify the results."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from anb.errors import AnbError, Outage, Refusal
from anb.media import probe, result, rules, work_folder
from anb.media.edit_run import ClipBroken, EditProgress, EditRun, StartOutOfReach, Steps
from anb.media.recipe import RECIPE_VERSION, Brand, Recipe, plan_edit
from anb.media.renditions import POSTERS, Rendered, Rendition
from anb.ports import Ports
from anb.sentences import Sentence
from anb.settings import Settings

TYPES = {"jpg": "image/jpeg", "avif": "image/avif", "vtt": "text/vtt"}
UNREADABLE_TO_ITS_END = Sentence("failed.unreadable-to-its-end")


class EditRejected(AnbError):
    """The file is at fault: another attempt would end the same. The player reads `reason`, the operator `detail`."""

    def __init__(self, reason: Sentence, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class FinishedEdit:
    """A finished edit on local disk with all its renditions; it exists only within the `edit` block."""

    path: Path  # of the edit itself
    duration: float  # seconds
    frames: int
    bytes: int
    timings: dict[str, float]  # seconds of each step
    renditions: tuple[Rendered, ...]  # including the edit
    recipe: int = RECIPE_VERSION


@contextmanager
def edit(
    ports: Ports, settings: Settings, original: Path, on_progress: Callable[[float], bool], start: float = 0
) -> Iterator[FinishedEdit]:
    """Make an edit that starts `start` seconds into the clip; its files on local disk exist only within the block.

    `on_progress` is called several times a second with the per cent done; when it returns False the work ends with
    Stopped. Raises EditRejected when the file is at fault, Outage when we are.
    """
    steps = Steps()
    with steps.taking("probe"):
        recipe = _recipe(ports, settings, original, start)
    with work_folder.folder(settings) as folder:
        results = folder / "results"
        results.mkdir()
        run = EditRun(ports, settings, recipe, original, results, EditProgress(on_progress), steps)
        try:
            videos = run.videos()
            with steps.taking("stills"):
                renditions = (*_videos(run, videos), *_stills(run, folder))
        except StartOutOfReach as far:
            raise EditRejected(_out_of_reach(recipe), str(far)) from far
        except (result.MissingPictures, ClipBroken) as broken:
            raise EditRejected(UNREADABLE_TO_ITS_END, str(broken)) from broken
        except result.Faulty as fault:
            raise Outage(f"the result is not what the recipe says: {fault}") from fault
        made = videos[Rendition.PROCESSED]
        path = run.path(Rendition.PROCESSED)
        yield FinishedEdit(path, made.duration, made.frames, made.bytes, steps.seconds, renditions)


def _out_of_reach(recipe: Recipe) -> Sentence:
    return Sentence("failed.start-out-of-reach", {"start": recipe.passed, "before": recipe.before})


def _recipe(ports: Ports, settings: Settings, original: Path, start: float) -> Recipe:
    try:
        facts = probe.examine(ports.prober, original, start)
        rules.judge_readable(facts)
    except Refusal as refusal:
        raise EditRejected(refusal.sentence, f"{refusal} {refusal.__cause__ or ''}".strip()) from refusal
    return plan_edit(facts, settings, Brand.ours())


def _videos(run: EditRun, videos: dict[Rendition, probe.Probe]) -> Iterator[Rendered]:
    for rendition, made in videos.items():
        yield Rendered(rendition, run.path(rendition), "video/mp4", made.coded_width, made.coded_height, made.duration)


def _stills(run: EditRun, folder: Path) -> Iterator[Rendered]:
    """Write posters, sprite and thumbnails next to the folder of FFmpeg, and return them."""
    recipe, edit = run.recipe, run.recipe.edit
    poster = _written(folder, Rendition.POSTER, "jpg", run.poster(), (edit.width, edit.height))
    yield poster
    yield _written(folder, Rendition.SPRITE, "jpg", run.sprite(), recipe.stills.sheet)
    yield _written(folder, Rendition.THUMBNAILS, "vtt", recipe.stills.vtt(recipe.bumper_frames).encode())
    for rendition, picture in run.smaller_posters(poster.path).items():
        form = "jpg" if rendition is Rendition.POSTER_640_JPEG else "avif"
        yield _written(folder, rendition, form, picture, POSTERS[rendition])


def _written(
    folder: Path, rendition: Rendition, form: str, content: bytes, size: tuple[int, int] | None = None
) -> Rendered:
    path = folder / f"{rendition}.{form}"
    path.write_bytes(content)
    return Rendered(rendition, path, TYPES[form], *(size or (None, None)))
