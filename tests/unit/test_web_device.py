"""A device in the words by which its owner knows it."""

import pytest

from anb.web.device import named

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X)"
IPAD = "Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X)"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (f"Mozilla/5.0 (Linux; Android 15; Pixel 9) {WEBKIT} Chrome/131.0.0.0 Mobile Safari/537.36", "Chrome/Android"),
        (
            f"Mozilla/5.0 (Linux; Android 14; SM-A15) {WEBKIT} SamsungBrowser/27.0 Chrome/125.0.0.0 Safari/537.36",
            "Samsung Internet/Android",
        ),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
            "Edge/Windows",
        ),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/130.0.0.0 Safari/537.36 OPR/115.0.0.0",
            "Opera/Windows",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox/Linux"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/131.0.0.0 Safari/537.36", "Chrome/ChromeOS"),
        (f"{IPHONE} {WEBKIT} Version/18.1 Mobile/15E148 Safari/604.1", "Safari/iPhone"),
        (f"{IPAD} {WEBKIT} CriOS/131.0 Mobile/15E148 Safari/604.1", "Chrome/iPad"),
        (f"{MAC} {WEBKIT} Version/18.1 Safari/605.1.15", "Safari/Mac"),
        ("Firefox/133.0", "Firefox"),
        ("curl/8.11.0", "curl"),
        ("python-requests/2.32.3", "python-requests"),
        ("PostmanRuntime/7.42.0", "PostmanRuntime"),
        ("Mozilla/5.0 (something else)", ""),
        ("<script>alert(1)</script>", ""),
        ("x" * 5000, ""),
        ("", ""),
    ],
)
def test_it_is_named(user_agent: str, device: str) -> None:
    assert named(user_agent) == device
