"""A release carries what its hosts need and leaves out what none of them uses."""

import re
from pathlib import Path

import pytest
from babel import Locale
from deploy.hosts import bundle

from anb import sentences


def lay(site: Path, *names: str) -> None:
    for name in names:
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Wheels as they are installed, with catalogues for three languages."""
    lay(tmp_path, *(f"anb/locale/{language}/LC_MESSAGES/anb.po" for language in ("es", "en", "pt")))
    data = ("root", "en", "en_US", "es", "es_CO", "es_419", "pt", "pt_BR", "pl", "ro", "fr_CA", "est")
    lay(tmp_path, *(f"babel/locale-data/{name}.dat" for name in data))
    lay(tmp_path, "sqlalchemy/testing/x.py", "sqlalchemy/orm.py", "bin/uv")
    return tmp_path


def test_languages_that_have_a_catalogue_keep_their_data_and_no_others(site: Path) -> None:
    bundle.leave_out(site)
    left = {path.stem for path in (site / "babel" / "locale-data").iterdir()}
    assert left == {"root", "en", "en_US", "es", "es_CO", "es_419", "pt", "pt_BR"}


def test_what_no_host_uses_is_left_out(site: Path) -> None:
    bundle.leave_out(site)
    left = {str(path.relative_to(site)) for path in site.rglob("*.py")} | {path.name for path in site.iterdir()}
    assert left == {"sqlalchemy/orm.py", "sqlalchemy", "babel", "anb"}


@pytest.mark.parametrize("language", sorted(sentences.catalogues()))
def test_a_catalogue_is_of_the_language_that_its_folder_names(language: str) -> None:
    """Otherwise a release would leave out the data that the catalogue needs."""
    header = (sentences.FOLDER / language / sentences.FILE).read_text(encoding="utf-8")
    (named,) = re.findall(r'^"Language: (\w+)', header, re.MULTILINE)
    assert Locale.parse(named).language == language
