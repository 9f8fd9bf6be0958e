"""The page on architecture names the layers that import-linter checks, in their order."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_has_the_order_that_is_checked() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(one["layers"] for one in contracts if "__main__" in one.get("layers", ()))
    order = " → ".join(f"`{layer}`" for layer in layers if layer != "__main__")
    assert order in " ".join((ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split())
