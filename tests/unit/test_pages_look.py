"""What stylesheet, scripts and templates promise: readable colours, nothing inline, and little weight."""

import gzip
import re
from importlib.resources import files

import pytest

from anb.adapters.media import prober
from anb.pages import assets

PAGES = files("anb.pages")
CSS = PAGES.joinpath("static", "site.css").read_text(encoding="utf-8")
TEMPLATES = {path.name: path.read_text(encoding="utf-8") for path in PAGES.joinpath("templates").iterdir()}
READABLE = 4.5  # WCAG 2.2, 1.4.3: text of ordinary size
SEEN = 3.0  # 1.4.11: borders of fields, the focus ring
PAIRS = [
    ("text", "page", READABLE),
    ("text", "surface", READABLE),
    ("text", "wood", READABLE),
    ("soft", "page", READABLE),
    ("soft", "surface", READABLE),
    ("court", "page", READABLE),
    ("court", "surface", READABLE),
    ("info", "page", READABLE),
    ("success", "page", READABLE),
    ("danger", "page", READABLE),
    ("danger", "surface", READABLE),
    ("on-action", "action", READABLE),
    ("on-action", "action-over", READABLE),
    ("page", "danger", READABLE),
    ("page", "court", READABLE),
    ("soft", "surface", SEEN),
    ("focus", "page", SEEN),
    ("focus", "surface", SEEN),
]


def colours(scheme: str) -> dict[str, str]:
    light, dark = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)[:2]
    return dict(re.findall(r"--([\w-]+): (#\w+);", light if scheme == "light" else light + dark))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_colours_can_be_told_apart(scheme: str, front: str, back: str, least: float) -> None:
    known = colours(scheme)
    dark, bright = sorted((luminance(known[front]), luminance(known[back])))
    assert (bright + 0.05) / (dark + 0.05) >= least


@pytest.mark.parametrize("name", TEMPLATES)
def test_nothing_is_inline(name: str) -> None:
    source = TEMPLATES[name]
    assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:", source)
    assert not re.search(r'<script(?![^>]*(src=|type="application/json"))', source)


@pytest.mark.parametrize("name", TEMPLATES)
def test_nothing_is_marked_safe_by_hand(name: str) -> None:
    assert not re.search(r"\|\s*safe|autoescape false|Markup", TEMPLATES[name])


def test_the_stylesheet_asks_nobody_else() -> None:
    assert not re.search(r"@import|url\(", CSS)


def test_an_asset_changes_its_address_with_its_content() -> None:
    assert assets.address("site.css") == f"/static/{assets.VERSION}/site.css"
    with pytest.raises(KeyError):
        assets.address("no-such-file.css")


def weight(*scripts: str) -> int:
    """Return the transferred size of scripts, in bytes."""
    return sum(len(gzip.compress(PAGES.joinpath("static", f"{name}.js").read_bytes(), 6)) for name in scripts)


def loaded(name: str) -> set[str]:
    """Return a script and all its imports."""
    source = PAGES.joinpath("static", f"{name}.js").read_text(encoding="utf-8")
    imported = re.findall(r'^import .*"\./(\w+)\.js";$', source, re.MULTILINE)
    return {name}.union(*map(loaded, imported))


def test_a_page_that_is_watched_loads_little_and_the_upload_not_much() -> None:
    assert weight(*loaded("site")) <= 3.5 * 1024
    assert "tus" in loaded("upload")
    assert weight(*loaded("upload")) <= 45 * 1024


def test_a_count_in_the_browser_is_loaded_apart_and_small() -> None:
    assert loaded("verify") == {"verify", "site"}
    assert weight(*loaded("recount")) <= 8 * 1024


def test_every_script_of_the_upload_is_fetched_at_once() -> None:
    (listed,) = re.findall(r"for part in \[(.*?)\]", TEMPLATES["upload.html"])
    assert set(re.findall(r'"(\w+)"', listed)) == loaded("upload") - {"upload", "site"}


def test_the_browser_looks_for_the_same_first_bytes_as_the_server() -> None:
    source = PAGES.joinpath("static", "look.js").read_text(encoding="utf-8")
    (boxes,) = re.findall(r"BOXES = \[(.*?)\]", source)
    (ebml,) = re.findall(r'EBML = "(.*?)"', source)
    assert {name.encode() for name in re.findall(r'"(\w+)"', boxes)} == prober.BOXES
    assert ebml.encode().decode("unicode_escape").encode("latin-1") == prober.EBML


def test_scripts_make_no_code_out_of_text() -> None:
    for name in loaded("upload") | loaded("verify") | loaded("recount"):
        source = PAGES.joinpath("static", f"{name}.js").read_text(encoding="utf-8")
        assert not re.search(r"\beval\(|new Function\(|innerHTML|document\.write", source), name


@pytest.mark.parametrize(
    ("name", "packages"),
    [
        ("tus", ("tus-js-client", "js-base64", "url-parse")),
        ("altcha", ("altcha",)),
        ("redoc", ("redoc", "classnames", "perfect-scrollbar")),
    ],
)
def test_the_licenses_of_what_is_bundled_come_along(name: str, packages: tuple[str, ...]) -> None:
    licenses = PAGES.joinpath("static", f"{name}.txt").read_text(encoding="utf-8")
    assert all(package in licenses for package in (*packages, "Permission is hereby granted"))
    assert f"licenses: {name}.txt" in PAGES.joinpath("static", f"{name}.js").read_text(encoding="utf-8").splitlines()[0]


def test_what_is_bundled_asks_no_server_of_its_makers() -> None:
    assert "cdn." not in PAGES.joinpath("static", "redoc.js").read_text(encoding="utf-8")
