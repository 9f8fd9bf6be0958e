"""Refused corpus clips: changes to the whole file, and forms that few cameras write."""

from fractions import Fraction
from typing import Any

from anb.media.rules import RateTooHigh, StartTooLate, TooLong
from anb.media.unreadable import AllDamaged, CutOff, TooMuchWork
from support.corpus.cases import QUICK, RefusedClip
from support.corpus.moov_edits import Late, Without
from support.corpus.source import VP9, ClipSource
from support.hostile.strangers import claiming_hundreds, claiming_thousands

_SMALL: dict[str, Any] = {"width": 640, "height": 360}
_LIMITS = QUICK | {"clip_min_side": 360}
_AGAIN_ES = "Expórtalo o cópialo de nuevo y vuelve a subirlo."
_AGAIN_EN = "Export or copy it again, then upload it again."
_SYNC = b"\x49\x83\x42"  # each keyframe of VP9 begins with it


def _cut(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


def _without_keyframes(data: bytes) -> bytes:
    return data.replace(_SYNC, bytes(3))


_WEBM = ClipSource(**_SMALL, coded=(*VP9, "-g", "30"), container="webm")

HARMED = [
    RefusedClip(
        name="its last third missing, index first",
        source=ClipSource(**_SMALL, muxed=("-movflags", "+faststart")),
        harm=_cut,
        because=CutOff,
        es=f"Tu archivo está cortado: le falta una parte del video. {_AGAIN_ES}",
        en=f"Your file is cut off: a part of the video is missing. {_AGAIN_EN}",
        limits=_LIMITS,
    ),
    RefusedClip(
        name="every keyframe broken",
        source=_WEBM,
        harm=_without_keyframes,
        because=AllDamaged,
        es=f"Este archivo trae un video, pero no pudimos ver ninguna de sus imágenes; parece dañado. {_AGAIN_ES}",
        en=f"This file holds a video, but we could not see any of its pictures; it seems damaged. {_AGAIN_EN}",
        limits=_LIMITS,
    ),
    RefusedClip(
        name="three million samples on one 4K keyframe",
        source=ClipSource(**_SMALL),
        harm=claiming_thousands,
        because=TooMuchWork,
        es=f"Leer este archivo exige mucho más trabajo que un video normal; parece mal armado. {_AGAIN_ES}",
        en=f"Reading this file takes far more work than an ordinary video; it seems malformed. {_AGAIN_EN}",
        limits=_LIMITS,
    ),
    RefusedClip(
        name="2 s, of which the edit is to start after 1.5",
        source=ClipSource(**_SMALL),
        start=1.5,
        because=StartTooLate,
        es=(
            "Elegiste empezar en el segundo 1,5 de un video de 2 s; elige un comienzo de 0 a 1 s, "
            "para que queden al menos 1 s."
        ),
        en=(
            "You chose to start at 1.5 s of a video of 2 s; choose a start from 0 to 1 s, "
            "so that at least 1 s are left."
        ),
        limits=_LIMITS,
    ),
    RefusedClip(
        name="its last picture shown a day and a half later",
        source=ClipSource(**_SMALL, changes=(Late((1 << 31) - 16, 1), Without(b"edts"))),
        because=TooLong,
        es="Tu video dura 139812,13 s; sube uno de 1 a 60 s.",
        en="Your video lasts 139812.13 s; upload one of 1 to 60 s.",
        limits=_LIMITS,
    ),
    RefusedClip(
        name="every picture shown after its edit list ends",
        source=ClipSource(**_SMALL, changes=(Late(1 << 31, 60),)),
        because=AllDamaged,
        es=f"Este archivo trae un video, pero no pudimos ver ninguna de sus imágenes; parece dañado. {_AGAIN_ES}",
        en=f"This file holds a video, but we could not see any of its pictures; it seems damaged. {_AGAIN_EN}",
        limits=_LIMITS,
    ),
    RefusedClip(
        name="300 pictures a second",
        source=ClipSource(**_SMALL, grid=Fraction(300), frames=330),
        because=RateTooHigh,
        es=(
            "Tu video trae 300 imágenes por segundo de 640 por 360 píxeles; recibimos hasta 250. "
            "Expórtalo a 30 o 60 y súbelo de nuevo."
        ),
        en=(
            "Your video holds 300 frames per second of 640 by 360 pixels; we take up to 250. "
            "Export it at 30 or 60, then upload it again."
        ),
        limits=_LIMITS,
    ),
    RefusedClip(
        name="200 pictures of 4K a second",
        source=ClipSource(**_SMALL),
        harm=claiming_hundreds,
        because=RateTooHigh,
        es=(
            "Tu video trae 200 imágenes por segundo de 3840 por 2160 píxeles; recibimos hasta 144. "
            "Expórtalo a 30 o 60 y súbelo de nuevo."
        ),
        en=(
            "Your video holds 200 frames per second of 3840 by 2160 pixels; we take up to 144. "
            "Export it at 30 or 60, then upload it again."
        ),
        limits=_LIMITS,
    ),
]
