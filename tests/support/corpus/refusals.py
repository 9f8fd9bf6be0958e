"""The refused corpus clips, each with the rule it breaks and the sentences for the player."""

from fractions import Fraction

from anb.media.rules import NoPicture, TooLong, TooShort, TooSmall, TooWide, UnsupportedCodec
from anb.media.unreadable import NotAVideo, Protected
from support.corpus.cases import CONTEST, RefusedClip
from support.corpus.harm import HARMED
from support.corpus.moov_edits import EditList, Renamed, Turned
from support.corpus.source import VP9, ClipSource
from support.corpus.strange_refusals import ALONE, BROKEN, HIDDEN
from support.corpus.times import FRAGMENTS, LONG, SOUND

_WINDOW_ES, _WINDOW_EN = "sube uno de 20 a 60 s.", "upload one of 20 to 60 s."
_LEAST_ES = "su lado menor debe tener al menos 1080. Graba en 1080p o más."
_LEAST_EN = "its shorter side needs at least 1080. Record at 1080p or more."
_WE_TAKE_ES = "recibimos H.264, HEVC, VP8, VP9 o AV1. Expórtalo en H.264 y súbelo de nuevo."
_WE_TAKE_EN = "we take H.264, HEVC, VP8, VP9 or AV1. Export it in H.264 and upload it again."
_NONE_ES = "No encontramos un video en este archivo. Sube un MP4, MOV o WebM, tal como lo graba tu celular."
_NONE_EN = "We found no video in this file. Upload an MP4, MOV or WebM, just as your phone records it."
_SOUND_ES = "Este archivo no trae imágenes en movimiento. Sube el video de tu jugada."
_SOUND_EN = "This file holds no moving pictures. Upload the video of your play."


def _length(
    name: str, source: ClipSource, said: str, because: type[TooShort | TooLong], *, daily: bool = True
) -> RefusedClip:
    es, en = f"Tu video dura {said.replace('.', ',')} s; {_WINDOW_ES}", f"Your video lasts {said} s; {_WINDOW_EN}"
    return RefusedClip(name=name, source=source, because=because, es=es, en=en, limits=CONTEST, daily=daily)


def _small(name: str, source: ClipSource, width: int, height: int) -> RefusedClip:
    return RefusedClip(
        name=name,
        source=source,
        because=TooSmall,
        es=f"Tu video mide {width} por {height} píxeles; {_LEAST_ES}",
        en=f"Your video measures {width} by {height} pixels; {_LEAST_EN}",
    )


def _coded(name: str, source: ClipSource, codec: str, english: str | None = None) -> RefusedClip:
    es = f"Tu video viene en {codec}; {_WE_TAKE_ES}"
    en = f"Your video is coded in {english or codec}; {_WE_TAKE_EN}"
    return RefusedClip(name=name, source=source, because=UnsupportedCodec, es=es, en=en)


def _nothing(name: str, source: ClipSource) -> RefusedClip:
    return RefusedClip(name=name, source=source, because=NotAVideo, es=_NONE_ES, en=_NONE_EN)


_LIVE = ClipSource(frames=597, coded=VP9, container="webm", muxed=("-live", "1"))
_TRIMMED = ClipSource(frames=660, coded=LONG, changes=(EditList(((12.5, 2),)),))
LENGTHS = [
    _length("19.9 s", ClipSource(frames=597, coded=LONG), "19.9", TooShort),
    _length(
        "19.9 s, live WebM", ClipSource(frames=597, coded=VP9, container="webm", muxed=("-live", "1")), "19.9", TooShort
    ),
    _length("60.1 s", ClipSource(frames=1803, coded=LONG), "60.1", TooLong, daily=False),
    _length(
        "60.1 s, in fragments",
        ClipSource(frames=1803, coded=LONG, muxed=("-movflags", FRAGMENTS)),
        "60.1",
        TooLong,
        daily=False,  # its drawing takes long
    ),
    _length("22 s, of which an edit list shows 12.5", _TRIMMED, "12.5", TooShort),
    _length("2 s", ClipSource(grid=Fraction(60), frames=120), "2", TooShort),
]

SIZES = [
    _small("720p", ClipSource(width=1280, height=720), 1280, 720),
    _small("1079 rows", ClipSource(width=1919, height=1079, coded=VP9, container="webm"), 1919, 1079),
    _small("1078 columns, turned", ClipSource(width=1920, height=1078, turned=Turned(90)), 1078, 1920),
    _small("few rows of wide pixels", ClipSource(width=1920, height=1000, sar="2/1"), 3840, 1000),
    _small("narrow pixels: 1072 across", ClipSource(width=1608, height=1080, sar="2/3"), 1072, 1080),
    RefusedClip(
        name="8208 columns",
        source=ClipSource(width=8208, height=1080, frames=30),
        because=TooWide,
        es="Tu video mide 8208 por 1080 píxeles; su lado mayor puede tener hasta 8192. Expórtalo en 4K o menos.",
        en="Your video measures 8208 by 1080 pixels; its longer side may have 8192. Export it at 4K or less.",
    ),
]

CODECS = [
    _coded("MPEG-4 Part 2", ClipSource(coded=("-c:v", "mpeg4", "-q:v", "4")), "MPEG-4 Part 2 (DivX, Xvid)"),
    _coded("Motion JPEG", ClipSource(coded=("-c:v", "mjpeg", "-q:v", "4"), container="mov", frames=30), "Motion JPEG"),
    _coded(
        "ProRes", ClipSource(coded=("-c:v", "prores_ks"), container="mov", pixels="yuv422p10le", frames=30), "ProRes"
    ),
    _coded(
        "a codec nobody knows",
        ClipSource(changes=(Renamed(b"avc1", b"zzzz"),)),
        "un formato que no conocemos",
        "a format that we do not know",
    ),
]

_ENCRYPTED = ("-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "7" * 32, "-encryption_kid", "a" * 32)
CONTENTS = [
    RefusedClip(
        name="sound alone",
        source=ClipSource(beside=SOUND, mapped=("-map", "1:a:0"), coded=()),
        because=NoPicture,
        es=_SOUND_ES,
        en=_SOUND_EN,
    ),
    _nothing("an AVI", ClipSource(container="avi")),
    _nothing("an MPEG transport stream", ClipSource(container="ts")),
    _nothing("a picture", ClipSource(frames=1, coded=("-c:v", "mjpeg"), container="jpg")),
    RefusedClip(
        name="encrypted, as shops sell films",
        source=ClipSource(muxed=_ENCRYPTED),
        because=Protected,
        es="Tu video está protegido (cifrado) y no se puede abrir. Sube el original, tal como lo grabó tu celular.",
        en="Your video is protected (encrypted) and cannot be opened. "
        "Upload the original, just as your phone recorded it.",
    ),
]

REFUSED: dict[str, list[RefusedClip]] = {
    "lengths": LENGTHS,
    "sizes": SIZES,
    "codecs": CODECS,
    "not a video": CONTENTS,
    "crops and sizes that hide": HIDDEN,
    "broken or joined": BROKEN,
    "colours that cannot be shown": ALONE,
    "harmed or unusual": HARMED,
}
