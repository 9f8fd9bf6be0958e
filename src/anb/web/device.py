"""The device of a request, in the few words by which people recognize it; the rest of `User-Agent` is not kept."""

import re

from fastapi import Request

# The first that matches: most browsers also carry the names of others.
_BROWSERS = (
    ("Edge", re.compile(r"\bEdg(?:e|A|iOS)?/")),
    ("Opera", re.compile(r"\bOPR/|\bOPT/")),
    ("Samsung Internet", re.compile(r"\bSamsungBrowser/")),
    ("Firefox", re.compile(r"\b(?:Firefox|FxiOS)/")),
    ("Chrome", re.compile(r"\b(?:Chrome|CriOS)/")),
    ("Safari", re.compile(r"\bVersion/[\d.]+ .*\bSafari/")),
)
_SYSTEMS = (
    ("Android", re.compile(r"\bAndroid\b")),
    ("iPhone", re.compile(r"\biPhone\b")),
    ("iPad", re.compile(r"\biPad\b")),
    ("Windows", re.compile(r"\bWindows\b")),
    ("ChromeOS", re.compile(r"\bCrOS\b")),
    ("Mac", re.compile(r"\bMacintosh\b")),
    ("Linux", re.compile(r"\bLinux\b")),
)
_PRODUCT = re.compile(r"[A-Za-z][\w.+-]{0,39}(?=/|$| )")


def device_of(request: Request) -> str:
    """Name the device that sends a request."""
    return named(request.headers.get("user-agent", ""))


def named(user_agent: str) -> str:
    """Name a device: `Chrome/Android`, a browser and its system; `curl`, a program; or nothing that we recognize."""
    browser = next((name for name, sign in _BROWSERS if sign.search(user_agent)), "")
    system = next((name for name, sign in _SYSTEMS if sign.search(user_agent)), "")
    if browser:
        return f"{browser}/{system}" if system else browser
    product = _PRODUCT.match(user_agent)
    return product[0] if product and product[0] != "Mozilla" else ""
