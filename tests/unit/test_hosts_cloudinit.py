"""User data: small, without a secret, readable by cloud-init and by CloudFormation's Fn::Sub."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from deploy.hosts import cloudinit
from deploy.hosts.cloudinit import MOST_BYTES, PROVISION, UserDataTooLong, user_data
from deploy.hosts.facts import ROLES, Facts, Role, WrongFacts, parse, read

from support.hosts import FACTS, KEY, PASSWORD, QUEUE

BOOTSTRAP = Path(cloudinit.__file__).with_name("bootstrap.py").read_text(encoding="utf-8")


def written(text: str, path: str) -> str:
    """Return what cloud-init would write to a path: a block of YAML, without its indentation."""
    block = text.partition(f"- path: {path}\n")[2].partition("content: |\n")[2]
    lines = []
    for line in block.splitlines():
        if line and not line.startswith("    "):
            break
        lines.append(line[4:])
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("role", ROLES)
class TestUserData:
    def test_it_carries_the_facts_and_the_program_to_the_letter(self, role: Role) -> None:
        text = user_data(FACTS[role])
        assert parse(written(text, "/etc/anb/host.json")) == FACTS[role]
        assert written(text, "/usr/local/sbin/anb-host") == BOOTSTRAP
        assert written(text, "/etc/systemd/system/anb-provision.service") == PROVISION

    def test_it_is_a_quarter_below_what_ec2_takes(self, role: Role) -> None:
        assert len(user_data(FACTS[role]).encode()) < MOST_BYTES * 3 / 4

    def test_it_holds_no_secret(self, role: Role) -> None:
        text = user_data(FACTS[role])
        for secret in (KEY, QUEUE, PASSWORD):
            assert secret not in text
        assert "password" not in text.lower()

    def test_nothing_in_it_but_the_facts_own_placeholders_means_anything_to_fn_sub(self, role: Role) -> None:
        assert "${" not in user_data(FACTS[role])
        known = replace(FACTS[role], file_host="${FileAddress}", database_host="${DatabaseAddress}")
        assert user_data(known).count("${") == 2


class TestFacts:
    def test_they_come_back_as_they_were(self) -> None:
        facts = replace(FACTS["worker"], settings={"ANB_EDIT_CLIP_SECONDS": "4"}, domain="ñandú.example")
        assert parse(facts.to_json()) == facts

    def test_user_data_that_is_too_long_is_refused_here_not_at_aws(self) -> None:
        settings = {f"ANB_{number}": "x" * 1000 for number in range(20)}
        with pytest.raises(UserDataTooLong, match="EC2 takes 16384"):
            user_data(replace(FACTS["web"], settings=settings))

    @pytest.mark.parametrize(
        "text",
        ["", "[]", '{"role": "web"}', FACTS["web"].to_json().replace('"web"', '"cook"'),
         json.dumps({**json.loads(FACTS["web"].to_json()), "colour": "red"})],
    )  # fmt: skip
    def test_wrong_ones_are_refused_with_the_reason(self, text: str) -> None:
        with pytest.raises(WrongFacts):
            parse(text)

    def test_a_setting_that_is_none_of_ours_is_refused(self) -> None:
        with pytest.raises(WrongFacts, match="PATH"):
            Facts("web", "b", "r", "f", "d", settings={"PATH": "/tmp"})  # noqa: S108

    def test_a_host_without_facts_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(WrongFacts, match="cannot be read"):
            read(tmp_path / "host.json")
