"""Refused unusual corpus clips: crops below the rule, damage, two recordings, Dolby Vision alone."""

from typing import Any

from anb.media.rules import DolbyVisionAlone, TooLittleLeft, TooSmall, TwoRecordings
from support.corpus.cases import RefusedClip
from support.corpus.changes import AVC3, SMALLER, WEBM9, WIDE, joined
from support.corpus.elements import DolbyVision, PixelCrop
from support.corpus.moov_edits import Renamed, clean_aperture, dolby_vision_alone
from support.corpus.source import H264, HEVC_PLAIN, VP9, ClipSource
from support.corpus.times import FRAGMENTS

_LEAST_ES = "su lado menor debe tener al menos {least}. Graba en 1080p o más."
_LEAST_EN = "its shorter side needs at least {least}. Record at 1080p or more."


def _small(name: str, source: ClipSource, width: int, height: int) -> RefusedClip:
    es = f"Tu video mide {width} por {height} píxeles; {_LEAST_ES.format(least=1080)}"
    en = f"Your video measures {width} by {height} pixels; {_LEAST_EN.format(least=1080)}"
    return RefusedClip(name=name, source=source, because=TooSmall, es=es, en=en)


_TINY: dict[str, Any] = {"width": 64, "height": 36, "frames": 59, "first": 1}
_SHRINKING = ClipSource(frames=1, **AVC3, then=ClipSource(**AVC3, **_TINY))
_SHRINKING_VP9 = ClipSource(frames=1, **WEBM9, then=ClipSource(**WEBM9, **_TINY))
HIDDEN = [
    _small("an aperture of 720p", ClipSource(changes=(clean_aperture(1280, 720),)), 1280, 720),
    _small("an aperture of one pixel", ClipSource(changes=(clean_aperture(1, 1),)), 1, 1),
    _small(
        "PixelCrop to 720p",
        ClipSource(coded=VP9, container="webm", elements=(PixelCrop((320, 180, 320, 180)),)),
        1280,
        720,
    ),
    _small("one picture of 1080p and 59 of 64x36", _SHRINKING, 64, 36),
    _small("one picture of 1080p and 59 of 64x36, WebM", _SHRINKING_VP9, 64, 36),
]

_LOST = ("-copyinkf", "-bsf:v", "noise=drop='eq(n,0)'")


def _damaged(name: str, source: ClipSource) -> RefusedClip:
    return RefusedClip(
        name=name,
        source=source,
        because=TooLittleLeft,
        limits=SMALLER,
        es=(
            "Tu video está dañado al comienzo (0,97 s), y los 0,67 s que quedan no alcanzan: deben ser de 1 a 60 s. "
            "Expórtalo o cópialo de nuevo y vuelve a subirlo."
        ),
        en=(
            "Your video is damaged at the beginning (0.97 s), and the remaining 0.67 s are not enough: "
            "we need 1 to 60 s. "
            "Export or copy it again, then upload it again."
        ),
    )


def _twice(name: str, form: dict[str, Any]) -> RefusedClip:
    return RefusedClip(
        name=name,
        source=joined(form, {"frames": 40}, {"frames": 40, "first": 40}, joint="glued"),
        because=TwoRecordings,
        limits=SMALLER,
        es=(
            "Este archivo trae dos grabaciones pegadas: la segunda empieza en el segundo 1,3. "
            "Únelas con un editor de video, o sube una sola."
        ),
        en=(
            "This file holds two recordings joined together: the second begins at 1.3 s. "
            "Join them in a video editor, or upload one of them."
        ),
    )


_FRAGMENTED: dict[str, Any] = {"coded": H264, "muxed": ("-movflags", FRAGMENTS)}
_50: dict[str, Any] = WIDE | {"frames": 50}
BROKEN = [
    _damaged("its first picture is lost, and too little is left", ClipSource(**_50, copied=_LOST)),
    _damaged(
        "its first picture is lost, and too little is left: VP9",
        ClipSource(**_50, coded=(*VP9, "-g", "30"), container="webm", copied=_LOST),
    ),
    _twice("two recordings in one WebM", WEBM9),
    _twice("two recordings in one MP4 of fragments", _FRAGMENTED),
]


def _alone(name: str, **other: Any) -> RefusedClip:
    return RefusedClip(
        name=name,
        source=ClipSource(coded=HEVC_PLAIN, pixels="yuv420p10le", **other),
        because=DolbyVisionAlone,
        es=(
            "Tu video viene en Dolby Vision perfil 5, que solo se ve bien en equipos Dolby. "
            "Expórtalo en SDR, HDR10 o HLG, o grábalo sin Dolby Vision, y súbelo de nuevo."
        ),
        en=(
            "Your video is in Dolby Vision profile 5, which only looks right on Dolby devices. "
            "Export it as SDR, HDR10 or HLG, or record without Dolby Vision, then upload it again."
        ),
    )


ALONE = [
    _alone("Dolby Vision profile 5", changes=(dolby_vision_alone(), Renamed(b"hvc1", b"dvh1"))),
    _alone("Dolby Vision profile 5, in Matroska", container="mkv", elements=(DolbyVision(5, 0),)),
]
