"""What scripts of the public pages weigh: the modules that a page loads at once, compressed."""

import gzip
import re
from importlib.resources import files

import pytest

PAGES = files("anb.pages")
STATIC, TEMPLATES = PAGES.joinpath("static"), PAGES.joinpath("templates")
KILO = 1024


def modules(template: str) -> set[str]:
    """Return the modules that a page loads at once, those of the layout too."""
    text = "".join(TEMPLATES.joinpath(name).read_text(encoding="utf-8") for name in ("layout.html", template))
    waiting, found = re.findall(r"<script[^>]*static\('([\w.]+)'\)", text), set[str]()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            source = STATIC.joinpath(name).read_text(encoding="utf-8")
            waiting += re.findall(r'^import .*"\./([\w.]+)";', source, re.MULTILINE)
    return found


@pytest.mark.parametrize(("template", "most"), [("home.html", 12), ("clip.html", 15)], ids=["home", "watch"])
def test_scripts_weigh_little(template: str, most: int) -> None:
    named = modules(template)
    assert "site.js" in named
    weight = sum(len(gzip.compress(STATIC.joinpath(name).read_bytes())) for name in named)
    assert weight <= most * KILO, f"{sorted(named)}: {weight} bytes"
