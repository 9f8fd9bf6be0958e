"""Writes the parts of docs/ that are generated from code, and the record of the API's documents (support.published).

With --check it only names the pages that differ (a test runs that).
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # for `deploy`, which is not installed

from deploy.aws import prices  # noqa: E402

from anb.db.all_tables import metadata  # noqa: E402
from support import erd, published, reference  # noqa: E402
from support.corpus import page as corpus_page  # noqa: E402

# page -> block in it -> function that writes it
BLOCKS: Mapping[str, Mapping[str, Callable[[], str]]] = {
    "docs/data.md": {"tables": lambda: erd.draw(metadata), "promises": lambda: erd.promises(metadata)},
    "docs/corpus.md": {
        "count": corpus_page.counted,
        "tolerances": corpus_page.tolerances,
        "accepted": corpus_page.accepted,
        "refused": corpus_page.refused,
        "refusals": corpus_page.refusals,
    },
    "docs/settings.md": {
        "limits": reference.limits,
        "process": reference.process_settings,
        "stack": reference.stack_settings,
    },
    "docs/prices.md": {
        "meant": prices.meant,
        "month": lambda: prices.summed(prices.month()),
        "thousand": lambda: prices.summed(prices.thousand()),
        "listed": prices.listed,
    },
    "docs/api.md": {
        "endpoints": reference.endpoints,
        "refusals": reference.refusals,
        "nginx": reference.nginx_refusals,
    },
}


def fill(text: str, blocks: Mapping[str, Callable[[], str]]) -> str:
    """Return a page with each block between its marks written anew. Raises KeyError for a block without marks."""
    for name, tell in blocks.items():
        begin, end = f"<!-- {name}: written by tests/generated_docs.py -->", f"<!-- end of {name} -->"
        before, _, rest = text.partition(begin)
        _, mark, after = rest.partition(end)
        if not mark:
            raise KeyError(name)
        text = f"{before}{begin}\n\n{tell()}\n\n{end}{after}"
    return text


def stale() -> Iterator[tuple[Path, str]]:
    """Yield the pages that differ from the code, and what they should say."""
    for name, blocks in BLOCKS.items():
        page = ROOT / name
        text = page.read_text(encoding="utf-8")
        wanted = fill(text, blocks)
        if text != wanted:
            yield page, wanted
    for name, lines in published.published().items():
        page, wanted = published.KNOWN / name, "\n".join(lines) + "\n"
        if page.read_text(encoding="utf-8") != wanted:
            yield page, wanted


def main() -> int:
    """Write the pages, or with --check compare them."""
    checking = "--check" in sys.argv
    found = list(stale())
    for page, wanted in found:
        if checking:
            sys.stdout.write(f"{page.relative_to(ROOT)} is out of step with the code; run tests/generated_docs.py\n")
        else:
            page.write_text(wanted, encoding="utf-8")
    return 1 if checking and found else 0


if __name__ == "__main__":
    sys.exit(main())
