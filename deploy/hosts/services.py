"""Units of systemd: written, enabled, and restarted only when what they run on is another than when they started."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from deploy.hosts.machine import Machine

UNITS = "/etc/systemd/system"


def rendered(name: str, **known: Any) -> str:  # noqa: ANN401 - whatever the template takes
    """Return a file of `deploy/hosts/files`, filled in."""
    return _environment().get_template(f"{name}.j2").render(**known)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("deploy.hosts", package_path="files"),
        autoescape=False,  # noqa: S701 - configuration, not pages
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def install(machine: Machine, unit: str, **known: Any) -> str:  # noqa: ANN401 - as above
    """Write a unit; return its path."""
    path = f"{UNITS}/{unit}"
    if machine.put(path, rendered(unit, **known)):
        reload(machine)
    return path


def extend(machine: Machine, unit: str, **known: Any) -> str:  # noqa: ANN401 - as above
    """Write our additions to a unit of Debian's; return their path."""
    path = f"{UNITS}/{unit}.d/anb.conf"
    if machine.put(path, rendered(f"{unit}.conf", **known)):
        reload(machine)
    return path


def reload(machine: Machine) -> None:
    """Let systemd read its units again."""
    machine.run("systemctl", "daemon-reload")


def is_active(machine: Machine, unit: str) -> bool:
    """Say whether a unit is up."""
    return machine.succeeds("systemctl", "is-active", "--quiet", unit)


def settle(machine: Machine, unit: str, paths: Sequence[str], *more: str, verb: str = "restart") -> None:
    """Enable a unit; start it when it is down, and restart (or reload) it when it runs on something old."""
    machine.run("systemctl", "enable", "--quiet", unit)
    now = machine.fingerprint(paths, *more)
    if not is_active(machine, unit):
        machine.say(f"starting {unit}")
        machine.run("systemctl", "restart", unit)
    elif machine.applied(unit) != now:
        machine.say(f"{unit}: {verb}")
        machine.run("systemctl", verb, unit)
    machine.apply(unit, now)


def environment_file(values: Mapping[str, str]) -> str:
    """Write settings as systemd and our own program read them: one line each, quoted."""
    for name, value in values.items():
        if any(letter in value for letter in '\n\r"\\'):
            raise ValueError(f"{name} has a character that a settings file cannot hold")
    return "".join(f'{name}="{value}"\n' for name, value in values.items())
