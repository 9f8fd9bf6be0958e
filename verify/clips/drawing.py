"""Makes the file that a recipe describes: drawn by the corpus, rewritten by FFmpeg."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import av

from support.clips import ffmpeg
from support.corpus import draw as corpus_draw
from support.corpus import moov_edits
from support.corpus.colours import ColourTags
from support.corpus.moov_edits import EditList, Turned, clean_aperture
from support.corpus.source import AV1, VP8, VP9, ClipSource
from verify.clips import model, telling
from verify.clips.properties import BOXED, WEB, ClipRecipe

SUFFIXES = {"index-first": "mp4", "fragments": "mp4", "webm-live": "webm"}
MUXED = {
    "index-first": ("-movflags", "+faststart"),
    "fragments": ("-movflags", "+frag_keyframe+empty_moov+default_base_moof"),
    "webm-live": ("-live", "1"),
}
SOUND = ("-f", "lavfi", "-t", "2", "-i", "sine=frequency=440:sample_rate=48000")
THUMBNAIL = ("-f", "lavfi", "-i", "color=red:s=160x90:r=1:d=1")
PROXY = ("-f", "lavfi", "-t", "2", "-i", "testsrc2=s=320x180:r=30")
FIELDS: dict[str, Literal["top", "bottom"] | None] = {"progressive": None, "top": "top", "bottom": "bottom"}
HOLE_KEPT = 4  # one byte out of this many is kept at the start of a damaged picture


@dataclass(frozen=True)
class ContainerTags(ColourTags):
    """A look that the container describes wrongly or not at all."""

    said: ColourTags = field(default_factory=ColourTags)

    def tags(self) -> str:
        """Return the filter that sets the encoder's tags."""
        return self.said.tags()


def draw(recipe: ClipRecipe, folder: Path) -> Path:
    """Make the clip below a folder."""
    suffix = SUFFIXES.get(recipe.container, recipe.container)
    clip = folder / f"clip.{suffix}"
    if recipe.change == "none":
        _write(recipe, corpus_draw.draw(_source(recipe)), clip)
    else:
        _joined(recipe, folder, clip)
    _finish(recipe, clip)
    return clip


def _source(recipe: ClipRecipe, *, late: bool = False) -> ClipSource:
    count = len(model.ticks(recipe))
    half, ticks = count // 2, () if recipe.timing == "even" else tuple(model.ticks(recipe))
    width, height = recipe.pixels_across, recipe.pixels_down
    if late and recipe.change == "size":
        width, height = model.SECOND_SIZE
    crop = recipe.crop == "container"
    return ClipSource(
        width=width,
        height=height,
        hidden=(0, 0, 0, model.SPARE) if crop else (0, 0, 0, 0),
        turned=Turned(model.TURNED[recipe.turn], mirrored="mirrored" in recipe.turn),
        sar=recipe.sar,
        frames=count if recipe.change == "none" else count - half if late else half,
        first=half if late else 0,
        grid=model.own_rate(recipe) * (model.STEPS if ticks else 1),
        ticks=ticks,
        coded=_coded(recipe),
        pixels=recipe.pixels,
        look=_look(recipe, late=late),
        fields=FIELDS[recipe.scan],
        container="webm" if recipe.codec == "vp8" else "mp4",
        changes=(clean_aperture(width, height, down=-model.SPARE),) if crop else (),
    )


def _coded(recipe: ClipRecipe) -> tuple[str, ...]:
    group = str(model.group(recipe))
    # An SEI message with each keyframe, next to which the turn is written.
    remark = () if recipe.turn_by == "container" else ("-nal-hrd", "vbr", "-maxrate", "80M", "-bufsize", "80M")
    h264 = ("-c:v", "libx264", "-crf", "12", "-g", group, "-keyint_min", group, "-sc_threshold", "0", *remark)
    x265 = f"log-level=none:keyint={group}:min-keyint={group}:scenecut=0:bframes=0"
    fields = {"top": ("-flags", "+ildct+ilme", "-x264-params", "tff=1")}
    fields |= {"bottom": ("-flags", "+ildct+ilme", "-x264-params", "bff=1")}
    return {
        "h264": (*h264, "-preset", "ultrafast", *fields.get(recipe.scan, ())),
        "h264-b": (*h264, "-preset", "veryfast", "-bf", "3"),
        "hevc": ("-c:v", "libx265", "-preset", "ultrafast", "-crf", "12", "-tag:v", "hvc1", "-x265-params", x265),
        "vp8": (*VP8[:-2], "-g", group, "-keyint_min", group),
        "vp9": (*VP9, "-g", group, "-keyint_min", group),
        "av1": (*AV1[:4], "-crf", "10", "-g", group, *AV1[-2:]),
    }[recipe.codec]


def _look(recipe: ClipRecipe, *, late: bool = False) -> ColourTags:
    """Return the look of the pictures, and what the container says about it."""
    own = model.look(recipe, late=late)
    is_, nothing = (own.matrix, own.transfer, own.primaries, own.range), ColourTags(tagged=())
    if recipe.codec == "vp8":
        return ContainerTags(*is_, said=nothing)
    declared = {
        "both": ColourTags(*is_),
        "container": ColourTags(*is_),
        "stream": nothing,
        "neither": nothing,
        "differently": _contrary(recipe, own),
    }[recipe.told]
    return ContainerTags(*is_, said=declared)


def _contrary(recipe: ClipRecipe, own: model.ColourMeaning) -> ColourTags:
    """Return other colours than the clip's own, if its stream can contradict them."""
    matrix = "smpte170m" if own.matrix == "bt709" else "bt709"
    reach = "tv" if own.range == "pc" else "pc"
    if recipe.codec == "vp9":  # only the container has its primaries
        return ColourTags(matrix, own.transfer, own.primaries, reach)
    return ColourTags(matrix, "bt709", "smpte432" if own.primaries == "bt709" else "bt709", reach)


def _joined(recipe: ClipRecipe, folder: Path, clip: Path) -> None:
    """Append pictures of another kind to the first, in one track."""
    names = folder / "parts.txt"
    parts = []
    for late in (False, True):
        part = folder / f"part{late:d}.mkv"
        again = ("-bsf:v", ",".join([*telling.filters(recipe, late=late), *_repeated(recipe)]) or "null")
        ffmpeg("-i", str(corpus_draw.draw(_source(recipe, late=late))), "-c", "copy", *again, str(part))
        parts.append(part)
    names.write_text("".join(f"file '{part}'\n" for part in parts), encoding="utf-8")
    ffmpeg("-f", "concat", "-safe", "0", "-i", str(names), "-c", "copy", *MUXED.get(recipe.container, ()), str(clip))


def _repeated(recipe: ClipRecipe) -> list[str]:
    return ["dump_extra"] if recipe.codec == "h264" else []


def _write(recipe: ClipRecipe, base: Path, clip: Path) -> None:
    """Write the drawn pictures into their container, with further tracks and tags."""
    filters = telling.filters(recipe)
    if recipe.first == "lost":
        filters.append("noise=drop=eq(n\\,0)")
    options = ["-bsf:v:" + str(_place(recipe)), ",".join(filters)] if filters else []
    if recipe.codec == "hevc" and recipe.container in BOXED:
        options += [f"-tag:v:{_place(recipe)}", "hvc1"]
    ffmpeg(
        *_turn_said(recipe),
        *["-i", str(base)],
        *_beside(recipe),
        *_coded_beside(recipe),
        *[f"-c:v:{_place(recipe)}", "copy", "-copyinkf"],
        *options,
        *MUXED.get(recipe.container, ()),
        str(clip),
    )


def _place(recipe: ClipRecipe) -> int:
    """Return the index of the pictures' track among the video tracks."""
    return 1 if recipe.tracks in {"thumbnail-first", "proxy-first"} else 0


def _turn_said(recipe: ClipRecipe) -> list[str]:
    """Return the options for the container's turn: as drawn, or set again if drawing could not set it."""
    if recipe.turn_by == "stream":
        return ["-display_rotation:v:0", "0"]
    if recipe.codec == "vp8" and model.TURNED[recipe.turn]:
        return ["-display_rotation:v:0", str(-model.TURNED[recipe.turn])]
    return []


def _beside(recipe: ClipRecipe) -> list[str]:
    own, other = ["-map", "0:v:0"], ["-map", "1:0"]
    return {
        "alone": own,
        "sound": [*SOUND, *own, *other],
        "sound-first": [*SOUND, *other, *own],
        "thumbnail-first": [*THUMBNAIL, *other, *own],
        "proxy-first": [*PROXY, *other, *own],
    }[recipe.tracks]


def _coded_beside(recipe: ClipRecipe) -> list[str]:
    chosen = ["-disposition:v:0", "0", "-disposition:v:1", "default"]
    if recipe.tracks == "thumbnail-first":
        return [*chosen, "-c:v:0", "mjpeg", "-pix_fmt:v:0", "yuvj420p"]
    if recipe.tracks == "proxy-first":
        return [*chosen, "-c:v:0", "libx264", "-preset:v:0", "ultrafast"]
    # Sound begins at 0: before it is the encoder's priming, for which fragments would delay the first picture.
    late = ["-bsf:a", "setts=pts=PTS-STARTPTS:dts=DTS-STARTDTS"] if recipe.container == "fragments" else []
    return ["-c:a", "libopus" if recipe.container in WEB else "aac", *late]


def _finish(recipe: ClipRecipe, clip: Path) -> None:
    """Change the boxes and the bytes of an otherwise complete file."""
    if recipe.edit_list != "none":
        clip.write_bytes(moov_edits.changed(clip.read_bytes(), [_edit_list(recipe)]))
    data = clip.read_bytes()
    if recipe.damage == "cut":
        clip.write_bytes(data[: len(data) * 3 // 4])
    elif recipe.damage == "joined":
        clip.write_bytes(data + data)
    elif recipe.damage == "hole":
        clip.write_bytes(_holed(recipe, clip, data))


def _edit_list(recipe: ClipRecipe) -> EditList:
    times, kept = model.times(recipe), model.kept_by_edit_list(recipe)
    end = times[kept.stop] if kept.stop < len(times) else times[-1] + 1 / model.own_rate(recipe)
    begin, length = float(times[kept.start]), float(end - times[kept.start])
    return {
        "later": EditList(((length, begin),)),
        "earlier": EditList(((length, 0),)),
        "empty-first": EditList(((0.3, None), (length, 0))),
        "duration-0": EditList(((0, 0),)),
    }[recipe.edit_list]


def largest(packets: Iterable[Any]) -> bytes:
    """Return the bytes of the largest packet: a small one may repeat a picture and occur several times."""
    return max(map(bytes, packets), key=len)


def _holed(recipe: ClipRecipe, clip: Path, data: bytes) -> bytes:
    """Overwrite a picture between two keyframes with noise."""
    group = model.group(recipe)
    with av.open(str(clip)) as container:
        stream = max(container.streams.video, key=lambda each: each.width * each.height)
        packets = [packet for packet in container.demux(stream) if packet.size]
        hit = largest(packets[group + group // 2 : 2 * group])
    kept = len(hit) // HOLE_KEPT
    begin = data.index(hit) + kept
    noise = random.Random(str(recipe)).randbytes(len(hit) - kept)
    return data[:begin] + noise + data[begin + len(noise) :]
