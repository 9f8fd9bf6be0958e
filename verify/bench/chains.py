"""The same edit with a separate decode and encode for each step, as other platforms make it."""

from pathlib import Path

from anb.media import picture
from anb.media.recipe import EDIT, FADE_SECONDS, INK, Encoding, Recipe
from verify.bench.edits import Cost, run

# A typical choice: the fastest preset, and one more encode to join the bumpers.
HASTY = Encoding(preset="ultrafast", x264="", crf=28)
SCALED = f"scale={picture.WIDTH}:{picture.HEIGHT}:flags=bicubic"
MARKED = f"overlay={picture.WATERMARK_PLACE}:format=yuv420,format=yuv420p,{picture.TAGGED}"


def floor(recipe: Recipe, clip: Path) -> float:
    """Decode and scale as the edit does, without writing. Return the CPU seconds."""
    fitted = next(chain for chain in recipe.chains if chain.endswith("[fitted]"))
    graph = [fitted, *(chain for chain in recipe.chains if chain.endswith("[framed]"))]
    return run([*_cut(recipe, clip), "-filter_complex", ";".join(graph), "-map", "[framed]", "-f", "null", "-"])


def two_encodes(recipe: Recipe, clip: Path, folder: Path) -> Cost:
    """Cut, scale and mark in one encode, and join the bumpers in a second, both with a fast preset."""
    marked, whole = folder / "two-1.mp4", folder / "two-2.mp4"
    graph = f"[0:v]fps={recipe.rate},{SCALED},setsar=1[s];[s][1:v]{MARKED}[v]"
    cpu = _encode(recipe, [*_cut(recipe, clip), "-i", str(recipe.brand.watermark)], graph, HASTY, marked)
    return Cost(cpu + _bumpers(recipe, HASTY, marked, whole), whole)


def four_encodes(recipe: Recipe, clip: Path, folder: Path, how: Encoding = EDIT) -> Cost:
    """Cut, scale, mark and join with an encode each, at the given settings."""
    cut, scaled, marked, whole = (folder / f"four-{step}.mp4" for step in range(4))
    mark = ["-i", str(scaled), "-i", str(recipe.brand.watermark)]
    cpu = _encode(recipe, _cut(recipe, clip), f"[0:v]fps={recipe.rate},format=yuv420p[v]", how, cut)
    cpu += _encode(recipe, ["-i", str(cut)], f"[0:v]{SCALED},setsar=1[v]", how, scaled)
    cpu += _encode(recipe, mark, f"[0:v][1:v]{MARKED}[v]", how, marked)
    return Cost(cpu + _bumpers(recipe, how, marked, whole), whole)


def _cut(recipe: Recipe, clip: Path) -> list[str]:
    return ["-t", f"{recipe.clip_frames / recipe.rate:.3f}", "-i", str(clip)]


def _bumpers(made: Recipe, how: Encoding, marked: Path, whole: Path) -> float:
    """Add the bumpers before and after the clip, in one encode of the result."""
    seconds, rate = made.bumper_frames / made.rate, made.rate
    still = ["-loop", "1", "-framerate", str(rate), "-t", f"{seconds:.3f}", "-i", str(made.brand.bumper)]
    fade, last = f"d={FADE_SECONDS}:color={INK}", seconds - FADE_SECONDS
    drawn = f"{picture.DRAWN},fade=in:0:{fade},fade=out:st={last:.3f}:{fade},{picture.TAGGED}"
    graph = f"[1:v]{drawn}[o];[2:v]{drawn}[c];[o][0:v][c]concat=n=3:v=1:a=0,{picture.TAGGED}[v]"
    return _encode(made, ["-i", str(marked), *still, *still], graph, how, whole)


def _encode(made: Recipe, inputs: list[str], graph: str, how: Encoding, result: Path) -> float:
    keyframes = str(made.keyframes)
    beyond = ["-x264-params", how.x264] if how.x264 else []
    coded = ["-c:v", "libx264", "-preset", how.preset, *beyond, "-crf", str(how.crf), "-g", keyframes, "-an"]
    return run([*inputs, "-filter_complex", graph, "-map", "[v]", *coded, "-movflags", "+faststart", str(result)])
