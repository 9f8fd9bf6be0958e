"""The colours and turn that a stream itself declares: bit stream filters that set or remove the encoder's tags."""

from verify.clips import model
from verify.clips.properties import UNCONVERTIBLE, ClipRecipe

# The numbers of ITU-T H.273.
PRIMARIES = {"bt709": 1, "bt470bg": 5, "smpte170m": 6, "bt2020": 9, "smpte432": 12}
TRANSFERS = {"bt709": 1, "iec61966-2-1": 13, "smpte2084": 16, "arib-std-b67": 18}
MATRICES = {"rgb-code": 0, "bt709": 1, "reserved-code": 3, "bt470bg": 5, "smpte170m": 6, "ycgco-code": 8, "bt2020nc": 9}
OF_VP9 = {"bt709": "bt709", "bt470bg": "bt601", "smpte170m": "smpte170", "bt2020nc": "bt2020"}
UNKNOWN = 2


def filters(recipe: ClipRecipe, *, late: bool = False) -> list[str]:
    """Return the filters. The encoder has already written the container's values."""
    return [*_colours(recipe, late=late), *_turn(recipe)]


def _colours(recipe: ClipRecipe, *, late: bool) -> list[str]:
    if recipe.codec == "vp8" or recipe.told in {"both", "neither"}:
        return []
    own = model.look(recipe, late=late)
    matrix = recipe.matrix if recipe.matrix in UNCONVERTIBLE else own.matrix
    if recipe.codec == "vp9":
        if recipe.told == "container":
            return ["vp9_metadata=color_space=unknown:color_range=tv"]
        return [f"vp9_metadata=color_space={OF_VP9[matrix]}:color_range={own.range}"]
    numbers = (PRIMARIES[own.primaries], TRANSFERS[own.transfer], MATRICES[matrix])
    if recipe.told == "container":
        return [_said(recipe, UNKNOWN, UNKNOWN, UNKNOWN, "tv")]
    return [_said(recipe, *numbers, own.range)]


def _said(recipe: ClipRecipe, primaries: int, transfer: int, matrix: int, reach: str) -> str:
    if recipe.codec == "av1":
        fields = f"color_primaries={primaries}:transfer_characteristics={transfer}:matrix_coefficients={matrix}"
        return f"av1_metadata={fields}:color_range={reach}"
    codec = "hevc" if recipe.codec == "hevc" else "h264"
    fields = f"colour_primaries={primaries}:transfer_characteristics={transfer}:matrix_coefficients={matrix}"
    return f"{codec}_metadata={fields}:video_full_range_flag={int(reach == 'pc')}"


def _turn(recipe: ClipRecipe) -> list[str]:
    if recipe.turn_by == "container":
        return []
    # The second filter writes it with each set of headers, and the first repeats these with each keyframe.
    return ["h264_mp4toannexb", f"h264_metadata=display_orientation=insert:rotate={-model.TURNED[recipe.turn] % 360}"]
