"""Units of systemd: written, enabled, and restarted only when what they run on is another than when they started."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from deploy.hosts.machine import Machine

UNITS = "/etc/systemd/system"
UNREAD = "/run/anb-host.unread"


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
    return _write(machine, f"{UNITS}/{unit}", rendered(unit, **known))


def extend(machine: Machine, unit: str, **known: Any) -> str:  # noqa: ANN401 - as above
    """Write our additions to a unit of Debian's; return their path."""
    return _write(machine, f"{UNITS}/{unit}.d/anb.conf", rendered(f"{unit}.conf", **known))


def mask(machine: Machine, *units: str) -> None:
    """Stop units that are not wanted, and see to it that nothing starts them."""
    unwanted = [unit for unit in units if not _is_masked(machine, unit)]
    for unit in unwanted:
        _note(machine)
        machine.link(f"{UNITS}/{unit}", "/dev/null")
    if unwanted:
        machine.say(f"masked {', '.join(unwanted)}")
        freshen(machine)
        machine.run("systemctl", "stop", *unwanted, check=False)  # most are not there at all


def freshen(machine: Machine) -> None:
    """Let systemd read its units again, if one was written since it last did: it takes a while, so once for many."""
    if machine.at(UNREAD).exists():
        machine.run("systemctl", "daemon-reload")
        machine.at(UNREAD).unlink()


def enable(machine: Machine, unit: str) -> None:
    """Let a unit start with the host."""
    freshen(machine)
    if not machine.succeeds("systemctl", "is-enabled", "--quiet", unit):
        machine.run("systemctl", "enable", "--quiet", "--no-reload", unit)


def is_active(machine: Machine, unit: str) -> bool:
    """Say whether a unit is up."""
    return machine.succeeds("systemctl", "is-active", "--quiet", unit)


def settle(machine: Machine, unit: str, paths: Sequence[str], *more: str, verb: str = "restart") -> None:
    """Enable a unit; start it when it is down, and restart (or reload) it when it runs on something old."""
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
    """Note, before a unit is written, that systemd has to read it: a run that is cut short does not forget."""
    place = machine.at(UNREAD)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch()


def _is_masked(machine: Machine, unit: str) -> bool:
    place = machine.at(f"{UNITS}/{unit}")
    return place.is_symlink() and str(place.readlink()) == "/dev/null"


def environment_file(values: Mapping[str, str]) -> str:
    """Write settings as systemd and our own program read them: one line each, quoted."""
    for name, value in values.items():
        if any(letter in value for letter in '\n\r"\\'):
            raise ValueError(f"{name} has a character that a settings file cannot hold")
    return "".join(f'{name}="{value}"\n' for name, value in values.items())
