"""Draw clips with FFmpeg as phones and browsers make them, each once per machine and kept outside the repository."""

import fcntl
import hashlib
import math
import os
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import imageio_ffmpeg

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
CACHE = Path(os.environ.get("ANB_TEST_CLIPS") or Path(tempfile.gettempdir(), f"anb-test-clips-{os.getuid()}"))

GPS = "+04.6097-074.0817/"  # Bogotá, as an iPhone writes it
GREY = "0x707070"
# The colour of the square in each corner of the picture as people see it; its side is an eighth of the shorter side.
CORNERS = {"top_left": "red", "top_right": "lime", "bottom_left": "blue", "bottom_right": "yellow"}

_ENCODERS = {
    "h264": ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "30", "-g", "60"],
    "hevc": [
        "-c:v",
        "libx265",
        "-preset",
        "ultrafast",
        "-crf",
        "32",
        "-tag:v",
        "hvc1",
        "-x265-params",
        "log-level=none",
    ],
    "vp8": ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "16", "-b:v", "4M"],
    "vp9": ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1", "-b:v", "4M"],
    "av1": ["-c:v", "libsvtav1", "-preset", "13", "-crf", "45", "-svtav1-params", "progress=0"],
    "mpeg4": ["-c:v", "mpeg4", "-q:v", "8"],  # phones no longer record it: to be refused
}
# How to turn the picture people see into the one the sensor wrote, so that turning it clockwise by the key rights it.
_TURNED = {0: "null", 90: "transpose=cclock", 180: "hflip,vflip", 270: "transpose=clock"}

# Colours as files have them: each converts the drawing and declares its colours.
BT709 = (
    "scale=out_color_matrix=bt709:out_range=tv,format={pixels},"
    "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
)
UNTAGGED = "scale=out_color_matrix=bt709:out_range=tv,format={pixels},setparams=range=unknown:colorspace=unknown"
BT601 = "scale=out_color_matrix=bt601:out_range=tv,format={pixels},setparams=range=tv:colorspace=bt470bg"
BT601_FULL = "scale=out_color_matrix=bt601:out_range=pc,format={pixels},setparams=range=pc:colorspace=bt470bg"
# The drawing as a scene in HDR: its white is paper's, 203 cd/m².
_HDR = (
    "format=gbrpf32le,setparams=color_primaries=bt709:color_trc=bt709:colorspace=gbr,zscale=t=linear:npl=203,"
    "zscale=p=bt2020,zscale=t=TRANSFER:m=bt2020nc:r=tv:npl=203:agamma=false,format={pixels}"
)


@dataclass(frozen=True, kw_only=True)
class Clip:
    """What to draw; by default, a clip that the contest's rules accept."""

    seconds: float = 22
    width: int = 1920  # as people see it, after turning
    height: int = 1080
    fps: str = "30"
    codec: str = "h264"
    container: Literal["mp4", "mov", "webm", "mkv", "avi"] = "mp4"
    picture: Literal["moving", "grey"] = "moving"  # both with the four corners
    rotation: Literal[0, 90, 180, 270] = 0  # the clockwise turn that the file asks players for
    mirrored: bool = False  # as front cameras record; with rotation 0 only
    sar: str = "1"
    pixels: str = "yuv420p"
    grade: str = BT709  # from the RGB of the drawing to the colours of the file
    vfr: bool = False  # frames dropped at random, as phones do in the dark
    audio: bool = False
    late: float = 0  # seconds by which the pictures begin after the sound
    gps: str | None = None
    moov_first: bool = False
    live: bool = False  # as a browser records: fragments, no length in the header


# Ten-bit HDR, as phones record by default; `dataclasses.replace` makes other lengths and sizes of them.
HLG = Clip(codec="hevc", container="mov", pixels="yuv420p10le", grade=_HDR.replace("TRANSFER", "arib-std-b67"))
PQ = Clip(codec="hevc", container="mov", pixels="yuv420p10le", grade=_HDR.replace("TRANSFER", "smpte2084"))


def draw(clip: Clip = Clip()) -> Path:
    """Return the drawn clip; the file is shared, so do not write to it."""

    def make(path: Path) -> None:
        if clip.rotation == 0 and not clip.mirrored:
            ffmpeg(*_drawing(clip), str(path))
            return
        upright = path.with_stem(f"{path.stem}-unturned")
        ffmpeg(*_drawing(clip), str(upright))
        turn = ["-display_rotation:v:0", str(-clip.rotation), *["-display_hflip:v:0"] * clip.mirrored]
        ffmpeg(*turn, "-i", str(upright), "-c", "copy", *_container(clip), str(path))
        upright.unlink()

    return kept_file(repr(clip), clip.container, make)


def samples() -> list[Path]:
    """Return the real clips in the folder next to the repository, if there are any."""
    return sorted(SAMPLES.glob("*.mp4"))


def to_the_rules(sample: Path, *, seconds: float = 22, side: int = 1080) -> Path:
    """Return a real clip adapted to the contest's rules: looped to a length, its shorter side enlarged."""
    fit = f"scale=w='if(gt(iw,ih),-2,{side})':h='if(gt(iw,ih),{side},-2)':flags=fast_bilinear"

    def make(path: Path) -> None:
        looped = ["-stream_loop", "-1", "-i", str(sample), "-t", str(seconds)]
        ffmpeg(*looped, "-map", "0:v:0", "-map", "0:a:0?", "-vf", fit, *_ENCODERS["h264"], str(path))

    return kept_file(f"{sample} {sample.stat().st_size} {seconds} {fit}", "mp4", make)


def ffmpeg(*arguments: str) -> None:
    """Run FFmpeg. Raises with its output if it fails."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *arguments]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}\n{done.stderr}")


def _drawing(clip: Clip) -> list[str]:
    size, rate = f"{clip.width}x{clip.height}", clip.fps
    # Drawn small and enlarged: half the time, and the picture stays crisp.
    moving = f"testsrc2=s=640x360:r={rate},format=gbrp,scale={clip.width}:{clip.height}:flags=neighbor"
    source = moving if clip.picture == "moving" else f"color=c={GREY}:s={size}:r={rate},format=gbrp"
    filters = [*_corners(clip), _TURNED[clip.rotation], *(["hflip"] if clip.mirrored else []), f"setsar={clip.sar}"]
    filters.append(clip.grade.format(pixels=clip.pixels))
    if clip.vfr:
        filters.insert(0, "select='gt(random(7),0.3)+not(n)'")
    sound = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"] if clip.audio else []
    voice = ["-c:a", "libopus" if clip.container == "webm" else "aac"] if clip.audio else []
    place = ["-metadata", f"location={clip.gps}"] if clip.gps else []
    mode = ["-fps_mode", "vfr" if clip.vfr else "cfr"]
    return [
        *[
            "-f",
            "lavfi",
            "-itsoffset",
            str(clip.late),
            "-i",
            source,
            *sound,
            "-t",
            str(clip.seconds + clip.late),
            "-vf",
            ",".join(filters),
            *mode,
        ],
        *[*_ENCODERS[clip.codec], "-pix_fmt", clip.pixels, *voice, *place, *_container(clip)],
    ]


def _corners(clip: Clip) -> list[str]:
    side = marker_side(clip.width, clip.height)
    places = {"left": 0, "top": 0, "right": clip.width - side, "bottom": clip.height - side}
    return [
        f"drawbox=x={places[across]}:y={places[down]}:w={side}:h={side}:c={colour}:t=fill"
        for (down, across), colour in ((name.split("_"), colour) for name, colour in CORNERS.items())
    ]


def marker_side(width: int, height: int) -> int:
    """Return the side, in pixels, of the corner squares of a picture of that size."""
    return math.floor(min(width, height) / 8)


def _container(clip: Clip) -> list[str]:
    if clip.container == "webm":
        return ["-live", "1"] if clip.live else []
    if clip.container in {"mp4", "mov"}:
        flags = ["use_metadata_tags"] * bool(clip.gps) + ["faststart"] * clip.moov_first
        flags += ["frag_keyframe", "empty_moov"] * clip.live
        return ["-movflags", "+".join(flags)] if flags else []
    return []


def kept_file(wish: str, suffix: str, make: Callable[[Path], None]) -> Path:
    """Return the cached file for a wish; one process makes it, complete or not at all, while the others wait."""
    CACHE.mkdir(mode=0o700, parents=True, exist_ok=True)
    recipe = f"{wish} {Path(imageio_ffmpeg.get_ffmpeg_exe()).name} {Path(__file__).stat().st_mtime_ns}"
    kept = CACHE / f"{hashlib.sha256(recipe.encode()).hexdigest()[:16]}.{suffix}"
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            part = kept.with_stem(f"{kept.stem}-part")
            make(part)
            part.replace(kept)
    return kept
