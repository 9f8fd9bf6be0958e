"""Clients generated from our OpenAPI document complete the contract's journey against the running platform."""

import json
from pathlib import Path

import pytest

from support import clients, node
from support.site import Site, short_clip

# Each generator is installed once per machine from its lock file, and its output is compiled.
pytestmark = pytest.mark.slow


def test_a_typescript_client_does_the_journey(site: Site, tmp_path: Path) -> None:
    journey = clients.typescript(tmp_path)
    assert "journey done" in clients.run([node.NODE, journey, site.url, short_clip()], tmp_path)


def test_a_python_client_does_the_journey(site: Site, tmp_path: Path) -> None:
    program = clients.python(tmp_path)
    assert "journey done" in clients.run([*program, site.url, short_clip()], tmp_path)


def test_the_postman_collection_does_the_journey(site: Site, tmp_path: Path) -> None:
    collection = tmp_path / "collection.json"
    answer = site.client().get("/api/postman.json")
    assert answer.status_code == 200
    text = json.dumps(answer.json()).replace('"src": "{{clip}}"', f'"src": {json.dumps(str(short_clip()))}')
    collection.write_text(text, encoding="utf-8")
    said = clients.newman(collection, "--env-var", f"base_url={site.url}", "--working-dir", str(short_clip().parent))
    assert "followJob" in said
