"""Make the edit of an original and all that goes with it, on local disk; believed only after a look at the results."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from anb.errors import AnbError, Bilingual, Outage, Refusal
from anb.media import probe, result, rules, workplace
from anb.media.making import Making, Progress, Steps
from anb.media.recipe import RECIPE_VERSION, Brand, Recipe, write
from anb.media.renditions import Rendered, Rendition
from anb.ports import Ports
from anb.settings import Settings

UNREADABLE_TO_ITS_END = Bilingual(
    es="No pudimos leer tu video hasta el final; parece dañado. Expórtalo o cópialo de nuevo y vuelve a subirlo.",
    en="We could not read your video to its end; it seems damaged. Export or copy it again, then upload it again.",
)


class EditRefused(AnbError):
    """The file is at fault: trying again would end the same. The player reads `reason`, the operator `detail`."""

    def __init__(self, reason: Bilingual, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Made:
    """A finished edit on local disk with all its renditions; it lasts as long as the block that made it."""

    path: Path  # of the edit itself
    duration: float  # seconds
    frames: int
    bytes: int
    timings: dict[str, float]  # seconds of each step
    renditions: tuple[Rendered, ...]  # the edit among them
    recipe: int = RECIPE_VERSION


@contextmanager
def edit(ports: Ports, settings: Settings, original: Path, on_progress: Callable[[float], bool]) -> Iterator[Made]:
    """Make an edit and lend it to the block; nothing of it stays on local disk after.

    `on_progress` is called several times a second with the per cent done; when it answers False the work ends with
    Stopped. Raises EditRefused when the file is at fault, Outage when we are.
    """
    steps = Steps()
    with steps.taking("probe"):
        recipe = _recipe(ports, settings, original)
    with workplace.folder(settings) as folder:
        results = folder / "results"
        results.mkdir()
        making = Making(ports, settings, recipe, original, results, Progress(on_progress), steps)
        try:
            videos = making.videos()
            with steps.taking("stills"):
                renditions = (*_videos(making, videos), *_stills(making, folder))
        except result.CutShort as short:
            raise EditRefused(UNREADABLE_TO_ITS_END, str(short)) from short
        except result.Faulty as fault:
            raise Outage(f"the result is not what the recipe says: {fault}") from fault
        made = videos[Rendition.PROCESSED]
        path = making.path(Rendition.PROCESSED)
        yield Made(path, made.duration, made.frames, made.bytes, steps.seconds, renditions)


def _recipe(ports: Ports, settings: Settings, original: Path) -> Recipe:
    try:
        facts = probe.examine(ports.prober, original)
        rules.judge_readable(facts)
    except Refusal as refusal:
        reason = Bilingual(refusal.text("es"), refusal.text("en"))
        raise EditRefused(reason, f"{refusal} {refusal.__cause__ or ''}".strip()) from refusal
    return write(facts, settings, Brand.ours())


def _videos(making: Making, videos: dict[Rendition, probe.Probe]) -> Iterator[Rendered]:
    for rendition, made in videos.items():
        yield Rendered(
            rendition, making.path(rendition), "video/mp4", made.coded_width, made.coded_height, made.duration
        )


def _stills(making: Making, folder: Path) -> Iterator[Rendered]:
    """Lay poster, sprite and thumbnails beside the folder of FFmpeg, and name them."""
    recipe, edit = making.recipe, making.recipe.edit
    texts = recipe.stills.vtt(recipe.bumper_frames).encode()
    for rendition, content, media_type, size in (
        (Rendition.POSTER, making.poster(), "image/jpeg", (edit.width, edit.height)),
        (Rendition.SPRITE, making.sprite(), "image/jpeg", recipe.stills.sheet),
        (Rendition.THUMBNAILS, texts, "text/vtt", (None, None)),
    ):
        path = folder / f"{rendition}.{'vtt' if rendition is Rendition.THUMBNAILS else 'jpg'}"
        path.write_bytes(content)
        yield Rendered(rendition, path, media_type, *size)
