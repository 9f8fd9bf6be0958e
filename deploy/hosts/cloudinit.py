"""Renders the user data of a new host: its facts, a small program, and a unit that runs it."""

import json
from pathlib import Path

from deploy.hosts.facts import PLACE, Facts

PROGRAM = "/usr/local/sbin/anb-host"
UNIT = "/etc/systemd/system/anb-provision.service"
MOST_BYTES = 16_384  # EC2's limit of user data
# A first start that fails (no release or no network yet) is tried again, also after a reboot.
PROVISION = f"""[Unit]
Description=Make this host what its facts say
Wants=network-online.target
After=network-online.target cloud-config.service
ConditionPathExists=!/var/lib/anb/converged
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart={PROGRAM} update
Restart=on-failure
RestartSec=15

[Install]
WantedBy=multi-user.target
"""


class UserDataTooLong(ValueError):
    """The user data is larger than EC2 allows."""


def user_data(facts: Facts) -> str:
    """Return the cloud-config of a host.

    Facts may hold placeholders such as `${FileAddress}`, to be filled in later; `${` occurs nowhere else in it.
    """
    files = (
        _file(str(PLACE), facts.to_json(), "0644"),
        _file(PROGRAM, Path(__file__).with_name("bootstrap.py").read_text(encoding="utf-8"), "0755"),
        _file(UNIT, PROVISION, "0644"),
    )
    commands = (["systemctl", "daemon-reload"], ["systemctl", "enable", "--now", "--no-block", "anb-provision.service"])
    text = (
        "#cloud-config\nwrite_files:\n"
        + "".join(files)
        + "runcmd:\n"
        + "".join(f"- {json.dumps(c)}\n" for c in commands)
    )
    if len(text.encode()) > MOST_BYTES:
        raise UserDataTooLong(f"user data has {len(text.encode())} bytes; EC2 takes {MOST_BYTES}")
    return text


def _file(path: str, content: str, mode: str) -> str:
    """Write a file as a YAML block: its content stays readable and needs no escapes."""
    block = "".join(f"    {line}".rstrip() + "\n" for line in content.splitlines())
    return f"- path: {path}\n  permissions: '{mode}'\n  owner: root:root\n  content: |\n{block}"
