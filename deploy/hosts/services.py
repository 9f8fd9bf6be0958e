"""Units of systemd: written, enabled, and restarted only if their files or settings changed since they started."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from deploy.hosts.machine import Machine

UNITS = "/etc/systemd/system"
UNREAD = "/run/anb-host.unread"


def rendered(name: str, **known: Any) -> str:  # noqa: ANN401 - any variable of the template
    """Return a rendered template of `deploy/hosts/files`."""
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
    return _write(machine, f"{UNITS}/{unit}", rendered(unit, **known))


def extend(machine: Machine, unit: str, **known: Any) -> str:  # noqa: ANN401 - as above
    """Write our additions to one of Debian's units; return their path."""
    return _write(machine, f"{UNITS}/{unit}.d/anb.conf", rendered(f"{unit}.conf", **known))


def mask(machine: Machine, *units: str) -> None:
    """Stop unwanted units, and prevent them from starting."""
    unwanted = [unit for unit in units if not _is_masked(machine, unit)]
    for unit in unwanted:
        _note(machine)
        machine.link(f"{UNITS}/{unit}", "/dev/null")
    if unwanted:
        machine.say(f"masked {', '.join(unwanted)}")
        freshen(machine)
        machine.run("systemctl", "stop", *unwanted, check=False)  # most do not exist


def freshen(machine: Machine) -> None:
    """Let systemd reload its units if one was written since. It takes a while, so do it once for several units."""
    if machine.at(UNREAD).exists():
        machine.run("systemctl", "daemon-reload")
        machine.at(UNREAD).unlink()


def enable(machine: Machine, unit: str) -> None:
    """Start a unit with the host."""
    freshen(machine)
    if not machine.succeeds("systemctl", "is-enabled", "--quiet", unit):
        machine.run("systemctl", "enable", "--quiet", "--no-reload", unit)


def is_active(machine: Machine, unit: str) -> bool:
    """Return whether a unit is active."""
    return machine.succeeds("systemctl", "is-active", "--quiet", unit)


def settle(machine: Machine, unit: str, paths: Sequence[str], *more: str, verb: str = "restart") -> None:
    """Enable a unit. Start it if it is down; restart (or reload) it if its files or settings changed."""
    enable(machine, unit)
    now = machine.fingerprint(paths, *more)
    if not is_active(machine, unit):
        machine.say(f"starting {unit}")
        machine.run("systemctl", "restart", unit)
    elif machine.applied(unit) != now:
        machine.say(f"{unit}: {verb}")
        machine.run("systemctl", verb, unit)
    machine.apply(unit, now)


def _write(machine: Machine, path: str, text: str) -> str:
    target = machine.at(path)
    if not target.is_file() or target.read_text(encoding="utf-8") != text:
        _note(machine)
    machine.put(path, text)
    return path


def _note(machine: Machine) -> None:
    """Record, before a unit is written, that systemd must reload: an interrupted run must not forget it."""
    place = machine.at(UNREAD)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch()


def _is_masked(machine: Machine, unit: str) -> bool:
    place = machine.at(f"{UNITS}/{unit}")
    return place.is_symlink() and str(place.readlink()) == "/dev/null"


def environment_file(values: Mapping[str, str]) -> str:
    """Return settings in the format that systemd and our program read: one quoted line each."""
    for name, value in values.items():
        if any(letter in value for letter in '\n\r"\\'):
            raise ValueError(f"{name} has a character that a settings file cannot hold")
    return "".join(f'{name}="{value}"\n' for name, value in values.items())
