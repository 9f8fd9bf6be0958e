"""The independent properties of a generated clip, their values, and which values can be combined."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

# Each property with its values. The first is the default, as most phones make it.
PROPERTIES: dict[str, tuple[str, ...]] = {
    "container": ("mp4", "index-first", "mov", "fragments", "webm", "webm-live", "mkv"),
    "codec": ("h264", "h264-b", "hevc", "vp8", "vp9", "av1"),
    "pixels": ("yuv420p", "yuv420p10le", "yuv422p", "yuv444p"),
    "size": ("640x360", "360x640", "480x360", "1080x360", "641x361", "1040x584", "480x270"),
    "sar": ("1", "4/3"),
    "rate": ("30", "25", "24", "29.97", "60", "12.5", "10", "90"),
    "timing": ("even", "jitter", "drops", "gap"),
    "matrix": ("bt709", "smpte170m", "bt470bg", "bt2020nc", "rgb-code", "ycgco-code", "reserved-code"),
    "primaries": ("bt709", "bt470bg", "smpte170m", "smpte432", "bt2020"),
    "transfer": ("bt709", "iec61966-2-1", "arib-std-b67", "smpte2084"),
    "range": ("tv", "pc"),
    "told": ("both", "stream", "container", "neither", "differently"),
    "turn": ("0", "90", "180", "270", "0-mirrored", "90-mirrored"),
    "turn_by": ("container", "stream", "twice"),
    "crop": ("none", "container"),
    "tracks": ("alone", "sound", "sound-first", "thumbnail-first", "proxy-first"),
    "edit_list": ("none", "later", "earlier", "empty-first", "duration-0"),
    "first": ("whole", "lost"),
    "change": ("none", "size", "range"),
    "scan": ("progressive", "top", "bottom"),
    "damage": ("none", "cut", "joined", "hole"),
}
BOXED = {"mp4", "index-first", "mov", "fragments"}  # ISO/IEC 14496-12
WEB = {"webm", "webm-live"}
UNCONVERTIBLE = {"rgb-code", "ycgco-code", "reserved-code"}
HDR = {"arib-std-b67", "smpte2084"}
SD_HEIGHT = 576

Values = Mapping[str, str]
DEFAULTS = {name: values[0] for name, values in PROPERTIES.items()}


@dataclass(frozen=True)
class ClipRecipe:
    """One clip: the values that differ from the defaults, in the order of the properties."""

    changed: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, values: Values) -> "ClipRecipe":
        """Keep the values that differ."""
        return cls(
            tuple((name, values[name]) for name in PROPERTIES if values.get(name, DEFAULTS[name]) != DEFAULTS[name])
        )

    @classmethod
    def parse(cls, line: str) -> "ClipRecipe":
        """Parse a printed recipe. Raises ValueError."""
        values = dict(word.partition("=")[::2] for word in line.split())
        for name, value in values.items():
            if value not in PROPERTIES.get(name, ()):
                raise ValueError(f"{name}={value} is not a property of a clip")
        if not possible(DEFAULTS | values):
            raise ValueError(f"{line}: such a clip cannot be made")
        return cls.of(DEFAULTS | values)

    def __getattr__(self, name: str) -> str:
        """Return the value of a property."""
        if name not in DEFAULTS:
            raise AttributeError(name)
        return dict(self.changed).get(name, DEFAULTS[name])

    def __str__(self) -> str:
        """Write it as one line that makes the same clip again."""
        return " ".join(f"{name}={value}" for name, value in self.changed) or f"codec={DEFAULTS['codec']}"

    @property
    def values(self) -> dict[str, str]:
        """Return all its properties."""
        return DEFAULTS | dict(self.changed)

    @property
    def pixels_across(self) -> int:
        """Return the stored columns, including hidden ones."""
        return int(self.size.partition("x")[0])

    @property
    def pixels_down(self) -> int:
        """Return the stored rows that are visible."""
        return int(self.size.partition("x")[2])


def _when(name: str, values: set[str], **then: set[str]) -> list[tuple[tuple[str, ...], Callable[..., bool]]]:
    """If a property has one of these values, the others must have one of those."""
    return [
        ((name, other), lambda one, two, allowed=allowed: one not in values or two in allowed)
        for other, allowed in then.items()
    ]  # fmt: skip


ODD = {size for size in PROPERTIES["size"] if re.search(r"[13579]x|[13579]$", size)}
EDITED = set(PROPERTIES["edit_list"][1:])
PLAIN: dict[str, set[str]] = {name: {value} for name, value in DEFAULTS.items()}


def _plain(*names: str) -> dict[str, Any]:
    return {name: PLAIN[name] for name in names}


RULES: list[tuple[tuple[str, ...], Callable[..., bool]]] = [
    # The limits of containers and codecs.
    *_when("container", WEB, codec={"vp8", "vp9", "av1"}, tracks={"alone", "sound", "sound-first"}),
    *_when("container", BOXED, codec={"h264", "h264-b", "hevc", "vp9", "av1"}),
    *_when("container", {"mov"}, codec={"h264", "h264-b", "hevc"}),
    *_when("codec", {"vp8"}, pixels={"yuv420p"}, **_plain("primaries", "transfer", "range", "crop")),
    *_when("codec", {"vp8"}, matrix={"bt470bg"}, told={"stream"}),
    *_when("codec", {"vp9"}, pixels={"yuv420p", "yuv420p10le", "yuv444p"}),
    *_when("codec", {"av1"}, pixels={"yuv420p", "yuv420p10le"}),
    *_when("codec", {"hevc"}, pixels={"yuv420p", "yuv420p10le", "yuv444p"}),
    (("codec", "pixels", "size"), lambda codec, pixels, size: (
        size not in ODD or pixels == "yuv444p" or codec in {"vp8", "vp9", "av1"}
    )),
    # VP9 has no primaries and no transfer: only its container has them.
    (("codec", "told", "primaries"), lambda codec, told, primaries: (
        codec != "vp9" or told != "stream" or primaries == "bt709"
    )),
    (("codec", "told", "transfer"), lambda codec, told, transfer: (
        codec != "vp9" or told != "stream" or transfer == "bt709"
    )),
    # The colours of a MOV (nclc) have no range.
    (("container", "told", "range"), lambda container, told, range_: (
        container != "mov" or told != "container" or range_ == "tv"
    )),
    # Colours with a meaning.
    *_when("transfer", HDR, pixels={"yuv420p10le"}, matrix={"bt2020nc"}, primaries={"bt2020"}, change={"none"}),
    *_when("matrix", UNCONVERTIBLE, codec={"h264", "h264-b", "hevc"}, told={"stream"}, change={"none"}),
    *_when("matrix", UNCONVERTIBLE, size={"1040x584"}),
    # In 4:4:4 the code for RGB means RGB, and decoders treat it so.
    *_when("matrix", {"rgb-code"}, pixels={"yuv420p", "yuv420p10le", "yuv422p"}),
    # Without tags, the colours are those that players assume.
    *_when("told", {"neither"}, **_plain("matrix", "primaries", "transfer", "range")),
    # One to four, upright: an edit shows it 180 pixels wide, and its patches of 17 are too small to judge colours by.
    (("size", "sar", "turn"), lambda size, sar, turn: (
        (size, sar) != ("1080x360", "4/3") or turn in {"0", "180", "0-mirrored"}
    )),
    # Where the turn is written.
    *_when("turn", {"0", "0-mirrored", "90-mirrored"}, turn_by={"container"}),
    *_when("turn_by", {"stream", "twice"}, codec={"h264", "h264-b"}),
    *_when("turn", {"0-mirrored", "90-mirrored"}, container=BOXED),
    # Content of an MP4's boxes.
    *_when("edit_list", EDITED, container={"mp4", "mov"}, **_plain("first", "change", "damage")),
    *_when("edit_list", EDITED, tracks={"alone", "sound", "sound-first"}),
    # Pictures that change within a clip are joined from two files.
    *_when("change", {"size", "range"}, container={"webm", "webm-live", "mkv"}, codec={"h264", "vp8", "vp9"}),
    *_when("change", {"size", "range"}, told={"stream"}, size={"640x360", "1080x360", "641x361", "1040x584"}),
    *_when("change", {"size", "range"}, timing={"even"}, **_plain("sar", "turn", "turn_by", "crop", "scan", "first")),
    *_when("change", {"size", "range"}, **_plain("damage", "tracks")),
    *_when("change", {"range"}, codec={"h264", "vp9"}),
    # Two moments in a frame.
    *_when("scan", {"top", "bottom"}, codec={"h264"}, pixels={"yuv420p"}, timing={"even"}, rate={"30", "25"}),
    *_when("scan", {"top", "bottom"}, size={"640x360", "480x360", "1040x584"}, crop={"none"}, first={"whole"}),
    *_when("scan", {"top", "bottom"}, damage={"none", "cut"}),
    # The bar that shows combing moves along the rows, and has no position of its own if these are upright.
    *_when("scan", {"top", "bottom"}, turn={"0", "180", "0-mirrored"}),
    # Damage: cut if an index promises the missing part, joined if files can be.
    *_when("damage", {"cut"}, container={"mp4", "index-first", "mov"}),
    *_when("damage", {"joined"}, container={"fragments", "webm", "webm-live"}, tracks={"alone"}),
    *_when("damage", {"hole", "joined"}, first={"whole"}),
]  # fmt: skip


def possible(values: Values) -> bool:
    """Return whether a clip with these values can be made and has one meaning. Some values may be open."""
    return all(
        rule(*(values[name] for name in names)) for names, rule in RULES if all(name in values for name in names)
    )


def _forbidden() -> dict[tuple[str, str], frozenset[tuple[str, str]]]:
    found: dict[tuple[str, str], set[tuple[str, str]]] = {
        (name, value): set() for name, values in PROPERTIES.items() for value in values
    }
    for (one, other), rule in (each for each in RULES if len(each[0]) == TWO):
        for pair in ((a, b) for a in PROPERTIES[one] for b in PROPERTIES[other] if not rule(a, b)):
            found[one, pair[0]].add((other, pair[1]))
            found[other, pair[1]].add((one, pair[0]))
    return {each: frozenset(others) for each, others in found.items()}


TWO = 2
FORBIDDEN = _forbidden()  # for each value, those that cannot be combined with it
OF_MORE = [rule for rule in RULES if len(rule[0]) > TWO]


def left_beside(values: Values, name: str) -> list[str]:
    """Return the values of a property that are compatible with all set ones."""
    kept = [value for value in PROPERTIES[name] if FORBIDDEN[name, value].isdisjoint(values.items())]
    asked = [(names, rule) for names, rule in OF_MORE if name in names and all(n in values or n == name for n in names)]
    return [
        value for value in kept if all(rule(*(({**values, name: value})[n] for n in names)) for names, rule in asked)
    ]
