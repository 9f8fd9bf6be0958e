"""Each command that the docs tell operators to type on hosts is tried in the lab."""

import re
from pathlib import Path

import pytest
from verify.lab.doc_commands import ELSEWHERE, ORDERS, DocCommand, commands, pages

from anb.contest.domain import SeasonOpenAlready

ROOT = Path(__file__).parents[2]

BESIDES = {"anb-host exposure"}  # docs/packages/hosts.md


def test_every_command_of_the_pages_is_typed_in_the_lab_or_said_where_else() -> None:
    written = {command for page in pages() for command in commands(page.read_text(encoding="utf-8"))}
    tried = {order.written for order in ORDERS if order.written}
    assert written == (tried | ELSEWHERE.keys()) - BESIDES


def test_commands_are_found_in_blocks_and_between_the_lines() -> None:
    block = "```sh\nsudo anb-host status    # how it is\nmake run\n```"
    page = f"Say `sudo anb jobs\nlist`, or `ls`.\n{block}\n| `du a \\| sort` |"
    assert list(commands(page)) == ["anb-host status", "anb jobs list", "du a | sort"]


@pytest.fixture(scope="module")
def our_texts() -> str:
    code = [path for folder in ("src/anb", "deploy/hosts") for path in (ROOT / folder).rglob("*.py")]
    return str(SeasonOpenAlready()) + "".join(path.read_text(encoding="utf-8") for path in code)


OF_OURS = [order for order in ORDERS if re.match(r"(! )?anb(-host)? ", order.typed or order.written)]
SENTENCES = [order for order in OF_OURS if " " in order.says]


@pytest.mark.parametrize("order", SENTENCES, ids=[order.says for order in SENTENCES])
def test_a_sentence_that_a_command_is_expected_to_print_is_one_of_ours(order: DocCommand, our_texts: str) -> None:
    assert order.says in our_texts
