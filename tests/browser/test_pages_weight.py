"""How much a phone loads before anyone scrolls. To read the figure: run this file with `-m slow -n0 -s`.

To measure another site, with the clips that it has: `ANB_WEIGHED_URL=https://… tests/run.py -m slow -n0 -s FILE`.
"""

import os
import sys

import pytest
from playwright.sync_api import Browser, expect

from support.browser import visiting
from support.site import Site

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 780}
MOST = 150_000  # bytes that come over the network, with their headers


@pytest.mark.usefixtures("published")
def test_the_home_page_is_light_on_a_phone(browser: Browser, site: Site) -> None:
    with visiting(browser, site, size=PHONE, device_scale_factor=3, is_mobile=True, has_touch=True) as fan:
        names: dict[str, str] = {}
        sizes: dict[str, float] = {}
        network = fan.network()
        network.send("Network.enable")
        network.on("Network.responseReceived", lambda said: names.update({said["requestId"]: said["response"]["url"]}))
        network.on("Network.loadingFinished", lambda said: sizes.update({said["requestId"]: said["encodedDataLength"]}))
        fan.page.goto(os.environ.get("ANB_WEIGHED_URL", f"{site.url}/"), wait_until="networkidle")
        posters = fan.page.locator(".card img.poster")
        expect(posters.first).to_be_visible()
        loaded = sorted(f"{size:.0f} {names[each]}" for each, size in sizes.items() if size)
        sys.stdout.write("\n".join([f"{sum(sizes.values()) / 1000:.0f} kB:", *loaded, ""]))
        assert posters.first.evaluate("(image) => image.currentSrc").endswith("/poster-640")
        assert sum(sizes.values()) <= MOST
