"""The commands that the papers tell operators to type on hosts are tried in the lab, each of them."""

from deploy.lab.papers import ELSEWHERE, ORDERS, commands, pages

BESIDES = {"anb-host exposure"}  # docs/rooms/hosts.md


def test_every_command_of_the_pages_is_typed_in_the_lab_or_said_where_else() -> None:
    written = {command for page in pages() for command in commands(page.read_text(encoding="utf-8"))}
    tried = {order.written for order in ORDERS if order.written}
    assert written == (tried | ELSEWHERE.keys()) - BESIDES


def test_commands_are_found_in_blocks_and_between_the_lines() -> None:
    block = "```sh\nsudo anb-host status    # how it is\nmake run\n```"
    page = f"Say `sudo anb jobs\nlist`, or `ls`.\n{block}\n| `du a \\| sort` |"
    assert list(commands(page)) == ["anb-host status", "anb jobs list", "du a | sort"]
