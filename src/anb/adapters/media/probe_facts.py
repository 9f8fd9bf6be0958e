"""Check the probing child's answer by its form only: a hostile file may have taken over the child.

Facts end up in FFmpeg's arguments, so numbers must be numbers, and names must be made of letters.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

LARGEST_SIDE = 1 << 16
LARGEST_NUMBER = 1 << 127  # of a ratio of times in units of 1/2^32 s
LONGEST_WORD = 256
MATRIX_NUMBERS = 9
MOST_CHANGES = 64
MOST_TRACKS = 64
FOUR = 4  # values that describe colours
NAME = re.compile(r"[a-z0-9_-]{1,32}")
CONTAINERS = {"mp4", "mov", "webm", "mkv"}

Check = Callable[[Any], bool]


class NotFacts(Exception):
    """The answer does not have the form that our child gives it."""


def believed(answer: bytes, demuxer: str) -> dict[str, Any]:
    """Read an answer. Raises NotFacts, with the name of the field that is wrong."""
    try:
        facts = json.loads(answer, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise NotFacts("no JSON") from error
    if isinstance(facts, dict) and facts.keys() == {"unreadable"}:
        return {"unreadable": str(facts["unreadable"])[:LONGEST_WORD]}
    _check(facts, WHOLE, "facts")
    if facts["demuxer"] != demuxer:
        raise NotFacts("demuxer")
    video = facts["video"]
    if video is not None:
        _check(video, PICTURE if "frames" in video else STREAM, "video")
    return dict(facts)


def _refuse(constant: str) -> float:
    raise ValueError(constant)  # NaN is neither too short nor too long


def _check(facts: object, form: Mapping[str, Check], name: str) -> None:
    if not isinstance(facts, dict) or facts.keys() != form.keys():
        raise NotFacts(name)
    for key, holds in form.items():
        if not holds(facts[key]):
            raise NotFacts(key)


def _count(value: object) -> bool:
    return type(value) is int and 0 <= value < LARGEST_NUMBER


def _side(value: object) -> bool:
    return type(value) is int and 0 < value < LARGEST_SIDE


def _flag(value: object) -> bool:
    return isinstance(value, bool)


def _measure(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0


def _name(value: object) -> bool:
    return isinstance(value, str) and NAME.fullmatch(value) is not None


def _word(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_WORD


def _pair(value: object) -> bool:
    return isinstance(value, list) and [*map(_count, value)] == [True, True] and value[1] > 0


def _ratio(value: object) -> bool:
    """Say whether it is a pair whose first number may be negative."""
    return isinstance(value, list) and [type(part) for part in value] == [int, int] and _pair([abs(value[0]), value[1]])


def _start(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == START.keys() and all(START[key](value[key]) for key in START)


def _matrix(value: object) -> bool:
    return isinstance(value, list) and len(value) == MATRIX_NUMBERS and all(type(entry) is int for entry in value)


def _change(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == CHANGE.keys() and all(CHANGE[key](value[key]) for key in CHANGE)


def _track(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == TRACK.keys() and all(TRACK[key](value[key]) for key in TRACK)


def _or_none(holds: Check) -> Check:
    return lambda value: value is None or holds(value)


SOURCES = ("stream", "container", "either", None)
TRACK: dict[str, Check] = {
    "index": _count,
    "kind": _name,
    "codec": _name,
    "width": _count,
    "height": _count,
    "frames": _count,
    "plays": _flag,
    "cover": _flag,
}
WHOLE: dict[str, Check] = {
    "demuxer": _name,
    "container": CONTAINERS.__contains__,
    "bytes": _count,
    "moov_first": _or_none(_flag),
    "audio_streams": _count,
    "other_streams": _count,
    "tags": lambda value: isinstance(value, list) and all(map(_word, value)),
    "ignore_edit_list": _flag,
    "tracks": lambda value: isinstance(value, list) and len(value) <= MOST_TRACKS and all(map(_track, value)),
    "video": lambda value: value is None or isinstance(value, dict),
}
STREAM: dict[str, Check] = {"index": _count, "codec": _name}
FORM: dict[str, Check] = {
    "width": _side,
    "height": _side,
    "crop": lambda value: isinstance(value, list) and [*map(_count, value)] == [True] * 4,
    "pixels": _name,
    "bits": _count,
    "interlaced": _flag,
    "primaries": _or_none(_name),
    "transfer": _or_none(_name),
    "matrix": _or_none(_name),
    "range": _or_none(_name),
    "display_matrix": _or_none(_matrix),
    "turns_told": _count,
    "peak_nits": _or_none(_measure),
    "colours_from": lambda value: (
        isinstance(value, list) and len(value) == FOUR and all(map(SOURCES.__contains__, value))
    ),
    "stream_colours": lambda value: isinstance(value, list) and [*map(_count, value)] == [True] * FOUR,
    "container_colours": lambda value: isinstance(value, list) and [*map(_count, value)] == [True] * FOUR,
}
START: dict[str, Check] = {"at": _pair, "time": _ratio, "seek": _or_none(_ratio), "before": _pair}
CHANGE = FORM | {"at": _pair}
PICTURE: dict[str, Check] = (
    STREAM
    | FORM
    | {
        "profile": _or_none(_word),
        "dolby_vision": _or_none(lambda value: isinstance(value, list) and [*map(_count, value)] == [True, True]),
        "sar": lambda value: _pair(value) and value[0] > 0,
        "field_order": _name,
        "whole": _flag,
        "frames": _count,
        "seconds": _measure,
        "average_rate": _pair,
        "usual_rate": _pair,
        "lost": _measure,
        "delay": _measure,
        "begins_again": _or_none(_measure),
        "start": _or_none(_start),
        "changes": lambda value: isinstance(value, list) and len(value) <= MOST_CHANGES and all(map(_change, value)),
    }
)
