"""Writes the parts of docs/ that the code tells; with --check it only says which are out of step (a test asks that)."""

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from deploy.aws import prices

from anb.db.tables import metadata
from support import corpus_paper, erd, reference

ROOT = Path(__file__).parents[1]

# page -> block in it -> who tells it
BLOCKS: Mapping[str, Mapping[str, Callable[[], str]]] = {
    "docs/data.md": {"tables": lambda: erd.draw(metadata), "promises": lambda: erd.promises(metadata)},
    "docs/corpus.md": {
        "count": corpus_paper.counted,
        "tolerances": corpus_paper.tolerances,
        "accepted": corpus_paper.accepted,
        "refused": corpus_paper.refused,
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
    """Return a page with each block between its marks written anew. Raises KeyError for a block that has no marks."""
    for name, tell in blocks.items():
        begin, end = f"<!-- {name}: written by tests/papers.py -->", f"<!-- end of {name} -->"
        before, _, rest = text.partition(begin)
        _, mark, after = rest.partition(end)
        if not mark:
            raise KeyError(name)
        text = f"{before}{begin}\n\n{tell()}\n\n{end}{after}"
    return text


def stale() -> Iterator[tuple[Path, str]]:
    """Yield the pages that say something else than the code, and what they should say."""
    for name, blocks in BLOCKS.items():
        page = ROOT / name
        text = page.read_text(encoding="utf-8")
        wanted = fill(text, blocks)
        if text != wanted:
            yield page, wanted


def main() -> int:
    """Write, or with --check compare."""
    checking = "--check" in sys.argv
    found = list(stale())
    for page, wanted in found:
        if checking:
            sys.stdout.write(f"{page.relative_to(ROOT)} is out of step with the code; run tests/papers.py\n")
        else:
            page.write_text(wanted, encoding="utf-8")
    return 1 if checking and found else 0


if __name__ == "__main__":
    sys.exit(main())
