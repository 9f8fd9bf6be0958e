"""What the stylesheet and the templates promise: colours that can be read, and nothing inline."""

import re
from importlib.resources import files

import pytest

from anb.pages import assets

PAGES = files("anb.pages")
CSS = PAGES.joinpath("static", "site.css").read_text(encoding="utf-8")
TEMPLATES = {path.name: path.read_text(encoding="utf-8") for path in PAGES.joinpath("templates").iterdir()}
READABLE = 4.5  # WCAG 2.2, 1.4.3: text of ordinary size
SEEN = 3.0  # 1.4.11: borders of fields, the ring of the focus
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
