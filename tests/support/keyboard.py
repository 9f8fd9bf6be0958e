"""A visitor without a mouse: Tab, Space, Enter and letters; the focus must be seen wherever it goes."""

from playwright.sync_api import Locator

from support.browser import Visitor

REACHABLE = "a[href], button, input:not([type=hidden]), select, summary, video[controls]"
# Where the focus is: on which reachable element, how it is marked, and whether another element covers it.
HERE = """(reachable) => {
    const at = document.activeElement;
    const box = at.getBoundingClientRect();
    const ring = getComputedStyle(at.closest(".card") ?? at);
    const x = Math.min(Math.max(box.x + box.width / 2, 0), innerWidth - 1);
    const top = document.elementFromPoint(x, Math.min(Math.max(box.y + box.height / 2, 0), innerHeight - 1));
    return {
        index: [...document.querySelectorAll(reachable)].indexOf(at),
        name: at.outerHTML.slice(0, 80),
        ringed: at.tagName === "VIDEO" || (ring.outlineStyle !== "none" && parseFloat(ring.outlineWidth) >= 2),
        open: at.contains(top) || Boolean(top?.contains(at)) || Boolean(top?.closest(".card")?.contains(at)),
    };
}"""


def walk(visitor: Visitor) -> None:
    """Press Tab from top to bottom; each reachable element gets the focus, ringed and not covered."""
    page = visitor.page
    count = page.locator(REACHABLE).locator("visible=true").count()
    reached = set()
    for _ in range(count + 12):  # a player contains controls of its own
        page.keyboard.press("Tab")
        reached.add(_seen(visitor))
    assert len(reached - {-1}) >= count


def tab_to(visitor: Visitor, wanted: Locator) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(visitor.page.locator(REACHABLE).count() + 1):
        visitor.page.keyboard.press("Tab")
        _seen(visitor)
        if wanted.evaluate("(one) => one === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {wanted}")


def _seen(visitor: Visitor) -> int:
    """Return which reachable element has the focus, -1 if none; it must be ringed and not covered."""
    here = visitor.page.evaluate(HERE, REACHABLE)
    index: int = here["index"]
    assert index < 0 or here["ringed"], f"no ring around {here['name']}"
    assert index < 0 or here["open"], f"something lies over {here['name']}"
    return index
