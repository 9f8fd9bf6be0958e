"""The linter of our English finds what it should, and lets plain sentences pass."""

from pathlib import Path

import pytest

import prose

REFUSED = [
    ("Who comes late is told so.", "who-subject"),
    ("A page for who has no script.", "for-who"),
    ("This is no valid form.", "is-no"),
    ("Wait so many seconds.", "so-many"),
    ("The file lies on the share.", "lies"),
    ("The text stands in a file.", "stands"),
    ("A second process runs beside it.", "beside"),
    ("The upload goes on after a cut.", "goes-on"),
    ("It ends by itself.", "by-itself"),
    ("It asks whose turn it is.", "whose-turn"),
    ("They are put behind each other.", "each-other"),
    ("Then comes the closing.", "inversion"),
    ("What shall be other is told.", "shall"),
    ("It leaves all of it as it is.", "all-of-it"),
    ("A fault of ours is tried again.", "of-ours"),
    ("What came is kept.", "what-comes"),
    ("Nobody waits for it.", "nobody"),
]
PLAIN = [
    "Who signs the release?",
    "The lease is no longer valid.",
    "It waits so much that the client gives up.",
    "`beside` is a name, and [a link](beside.md) is one too.",
    "The worker takes the job that comes next and finishes it.",
]


def rules_of(text: str) -> set[str]:
    return {found.rule for found in prose.findings_in(text, "a.md")}


@pytest.mark.parametrize(("sentence", "rule"), REFUSED)
def test_a_construction_that_is_refused_is_found(sentence: str, rule: str) -> None:
    assert rule in rules_of(sentence)


def test_every_rule_has_a_sentence_that_it_refuses() -> None:
    assert {rule.name for rule in prose.rules()} == {rule for _, rule in REFUSED}


@pytest.mark.parametrize("sentence", PLAIN)
def test_a_plain_sentence_passes(sentence: str) -> None:
    assert rules_of(sentence) == set()


def test_docstrings_comments_and_help_are_read_and_code_is_not(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        '"""Opens.\n\nNobody closes it."""\n\nNOBODY = "nobody"\n# One line,\n# and nobody else.\n'
        'add(help="for nobody", name="nobody")\n'
    )
    told = [found for line, text in prose.paragraphs(module) for found in prose.findings_in(text, "module.py", line)]
    assert sorted(found.line for found in told) == [3, 7, 8]


def test_blocks_of_code_in_a_page_are_not_read(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("One.\n\n```sh\n# nobody\n```\n\nNobody.\n")
    (found,) = [one for line, text in prose.paragraphs(page) for one in prose.findings_in(text, "page.md", line)]
    assert found.line == 7


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("a.py", "def _take_to_desk(): ...", ["desk"]),
        ("papers.py", "", ["papers"]),
        ("a.md", "Mend it.", ["Mend"]),
        ("a.md", "I recommend a desktop.", []),
        ("a.py", 'add_parser("repair-queue", aliases=["mend-queue"])', []),
    ],
)
def test_words_that_were_replaced_are_refused_in_prose_names_and_paths(path: str, text: str, found: list[str]) -> None:
    assert [one.said for one in prose.words_in(path, text)] == found


@pytest.mark.slow  # `make check` asks the same of every commit
def test_what_is_read_has_no_finding() -> None:
    assert [str(found) for found in prose.prose(*prose.settings()["read"])] == []
    assert [str(found) for found in prose.refused_words()] == []


def test_what_is_read_is_there() -> None:
    assert [path for path in prose.settings()["read"] if not prose.tracked(path)] == []
