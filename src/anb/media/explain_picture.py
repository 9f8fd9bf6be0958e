"""How pictures of one format are edited, and why: size, rotation, fill and colours."""

from collections.abc import Iterator
from dataclasses import dataclass

from anb.media.picture import HEIGHT, OURS, SD_HEIGHT, WIDTH, colours_of, fit, looked_up
from anb.media.probe import FrameFormat

ROLES = ("primaries", "transfer", "matrix", "range")
SILENT = (2, 2, 2, 0)  # the numbers that mean “unspecified”


@dataclass(frozen=True)
class Decision:
    """One decision of the edit, and its reason."""

    about: str
    does: str
    because: str


def decisions(frame_format: FrameFormat, since: str) -> Iterator[Decision]:
    """Explain a format; `since` is text that says from when on pictures have it."""
    yield _size(frame_format, since)
    yield _fitting(frame_format, since)
    yield Decision(f"colours{since}", _converted(frame_format), "; ".join(_sources(frame_format)))


def _size(frame_format: FrameFormat, since: str) -> Decision:
    steps = [f"coded as {frame_format.coded_width}x{frame_format.coded_height} {frame_format.pixels}"]
    if any(frame_format.crop):
        left, top, right, bottom = frame_format.crop
        steps.append(f"the container hides {left} left, {top} top, {right} right and {bottom} bottom")
    if frame_format.sar != 1:
        steps.append(f"its pixels are {frame_format.sar} as wide as high")
    if frame_format.rotation or frame_format.mirrored:
        steps.append(f"it is turned {frame_format.rotation}°{' and mirrored' if frame_format.mirrored else ''}")
    return Decision(f"size{since}", f"people see {frame_format.width}x{frame_format.height}", "; ".join(steps))


def _fitting(frame_format: FrameFormat, since: str) -> Decision:
    size = fit(frame_format)
    if size.fills:
        return Decision(
            f"frame{since}", f"it fills {WIDTH}x{HEIGHT}", "its shape is 16:9, or too close to see the difference"
        )
    does = f"{size.width}x{size.height} in the middle, over a blurred fill of itself"
    return Decision(
        f"frame{since}",
        does,
        f"its shape is {frame_format.width / frame_format.height:.3f}, the frame's {WIDTH / HEIGHT:.3f}",
    )


def _converted(frame_format: FrameFormat) -> str:
    colours = colours_of(frame_format)
    taken = f"taken as {colours.primaries}, {colours.transfer}, {colours.matrix}, {colours.range}"
    if colours == OURS:
        return f"{taken}: nothing to convert"
    if looked_up(frame_format):
        return f"{taken}: looked up in the table of HLG"
    return f"{taken}: {'tone-mapped' if frame_format.hdr else 'converted'} to BT.709"


def _sources(frame_format: FrameFormat) -> Iterator[str]:
    told = frame_format.told
    for place, role in enumerate(ROLES):
        source, numbers = told.source[place], {"stream": told.stream[place], "container": told.container[place]}
        name = getattr(frame_format, role)
        if source is None:
            yield f"{role}: not specified, so {_default(frame_format, role)}"
            continue
        number = numbers["container" if source == "either" else source]
        by = "by the container, and the stream says nothing else" if source == "either" else f"by the {source}"
        said = f"{role}: {name} {by}" if name else f"{role}: code {number} {by}, unknown here"
        others = [(who, what) for who, what in numbers.items() if what not in {SILENT[place], number}]
        yield said + "".join(f" (the {who} says {what}, which counts less)" for who, what in others)


def _default(frame_format: FrameFormat, role: str) -> str:
    colours = colours_of(frame_format)
    custom = f" up to {SD_HEIGHT} rows" if role == "matrix" and colours.matrix == "smpte170m" else ""
    return f"{getattr(colours, role)}{custom} by custom"
