"""Hooks of mkdocs for the site of docs/: navigation, files outside docs/, and diagrams without a network."""

import posixpath
import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from support import docs_site, node  # noqa: E402

MERMAID = "assets/mermaid.min.js"
_paths: dict[str, str] = {}  # page of the site -> page of the repository, of those that are read as written


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Take the navigation from docs/index.md."""
    config.nav = docs_site.navigation(ROOT)
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what pages lead to outside docs/, and Mermaid."""
    _paths.update({file.src_uri: f"docs/{file.src_uri}" for file in files.documentation_pages()})
    for path, text in docs_site.outside(ROOT):
        source = docs_site.address(ROOT, path)
        if path.endswith(".md"):
            _paths[source] = path
        files.append(File.generated(config, source, content=text))
    script = node.installed(Path(__file__).parent) / "node_modules" / "mermaid" / "dist" / "mermaid.min.js"
    files.append(File.generated(config, MERMAID, abs_src_path=str(script)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001 - as mkdocs calls it
    """Turn the links that a git host follows into those of the site."""
    path = _paths.get(page.file.src_uri)
    return docs_site.prepared(ROOT, markdown, path) if path else markdown


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:  # noqa: ARG001 - as mkdocs calls it
    """Bring Mermaid to the pages that draw, and to no other: the theme would ask a server of others for it."""
    if 'class="mermaid"' not in output:
        return output
    place = posixpath.relpath(MERMAID, posixpath.dirname(page.file.dest_uri) or ".")
    script = f'<script src="{place}"></script>'
    return output.replace("</head>", f"{script}</head>", 1)
