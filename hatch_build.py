"""Make what FFmpeg needs beside a clip, whenever the package is built: the drawings of the house, the table of HLG."""

import runpy
from pathlib import Path
from typing import Any

import resvg_py
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# The drawing and its width in pixels on a 1280x720 picture.
WIDTHS = {"watermark": 168, "bumper": 1280}


class CustomBuildHook(BuildHookInterface):  # type: ignore[misc]  # hatchling ships no types
    """Draw `media/brand/*.svg` and write `media/hlg.cube`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Put each beside its source."""
        media = Path(self.root, "src", "anb", "media")
        runpy.run_path(str(media / "hlg.py"))["write"]()
        brand = media / "brand"
        for name, width in WIDTHS.items():
            svg = (brand / f"{name}.svg").read_text(encoding="utf-8")
            png = resvg_py.svg_to_bytes(svg_string=svg, width=width, skip_system_fonts=True)
            (brand / f"{name}.png").write_bytes(bytes(png))
