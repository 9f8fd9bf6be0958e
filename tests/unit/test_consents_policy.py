"""The versions of the data policy: their texts, in order, with the controller's data."""

from pathlib import Path

import pytest

from anb.consents import policy_texts
from anb.consents.policy_texts import FOLDER, PolicyText, policy_text, versions
from anb.settings import Settings

SETTINGS = Settings.model_construct(
    consent_wait_days=12,
    controller_name="Liga {de} prueba",
    controller_id="NIT 1",
    controller_address="Calle 1",
    controller_email="datos@example.com",
    controller_phone="601",
)


def texts() -> list[PolicyText]:
    return [policy_text(SETTINGS, version, language) for version in versions() for language in ("es", "en")]


def test_the_version_in_force_is_the_newest() -> None:
    assert policy_texts.current_version() == max(versions())
    assert list(versions()) == sorted(versions(), reverse=True)


@pytest.mark.parametrize("text", texts(), ids=lambda text: f"{text.version}-{text.language}")
def test_each_names_the_controller_the_law_and_the_rights(text: PolicyText) -> None:
    said = "\n".join(line for block in text.blocks for line in block.lines)
    for part in ("Ley 1581", "Decreto 1377", "Superintendencia", "Liga {de} prueba", "datos@example.com", "12"):
        assert part in said, part
    assert text.version in said
    assert "{" not in said.replace("{de}", "")
    assert not any(line.startswith(("#", "- ")) for line in said.splitlines())
    assert {block.kind for block in text.blocks} == {"heading", "paragraph", "list"}


def test_languages_have_the_same_parts() -> None:
    for version in versions():
        kinds = [[block.kind for block in policy_text(SETTINGS, version, each).blocks] for each in ("es", "en")]
        assert kinds[0] == kinds[1]


def test_a_language_without_a_text_of_its_own_reads_spanish() -> None:
    text = policy_text(SETTINGS, versions()[0], "pt")
    assert text.language == "es"
    assert text == policy_text(SETTINGS, versions()[0], "es")


def test_the_digest_is_of_the_text_that_was_shown() -> None:
    version = versions()[0]
    other = SETTINGS.model_copy(update={"controller_name": "Otra"})
    digests = {policy_text(each, version, "es").digest for each in (SETTINGS, other)} | {
        policy_text(SETTINGS, version, "en").digest
    }
    assert len(digests) == 3


def test_every_version_is_whole() -> None:
    for folder in FOLDER.iterdir():
        assert policy_texts.VERSION.fullmatch(folder.name), folder
        assert {path.name for path in folder.iterdir()} == {"es.txt", "en.txt"}
    assert Path(FOLDER).is_dir()
