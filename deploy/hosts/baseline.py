"""The configuration of every host: user, packages, folders, time, logs, updates, SSH, and the metrics unit."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from anb.engines import minimums
from deploy.hosts import services
from deploy.hosts.definitions import HOSTS, STATE, UID, USER, WORK
from deploy.hosts.facts import Facts, Role
from deploy.hosts.machine import Machine

DEBIAN = "13"
APT = ("apt-get", "-qq", "-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Retries=3")
# When a host reboots for a security update, in UTC: after three in Bogotá, never two kinds at once.
REBOOTS: Mapping[Role, str] = MappingProxyType(
    {"database": "08:15", "file": "08:30", "worker": "08:45", "web": "09:00"}
)
FIGURES = "anb-metrics.service"
# Debian's own, which installing our packages does not start.
CARETAKERS = ("chrony.service", "logrotate.timer", "apt-daily.timer", "apt-daily-upgrade.timer")
# Configuration of other programs: template -> (path, unit to notify).
FILES = {
    "sshd.conf": ("/etc/ssh/sshd_config.d/10-anb.conf", ("systemctl", "reload-or-restart", "ssh.service")),
    "journald.conf": ("/etc/systemd/journald.conf.d/anb.conf", ("systemctl", "restart", "systemd-journald.service")),
    "chrony.sources": ("/etc/chrony/sources.d/anb.sources", ("systemctl", "restart", "chrony.service")),
    "apt.conf": ("/etc/apt/apt.conf.d/60anb", ()),
    "sysctl.conf": ("/etc/sysctl.d/60-anb.conf", ("sysctl", "-q", "-p", "/etc/sysctl.d/60-anb.conf")),
}


def converge(machine: Machine, facts: Facts, release: str) -> None:
    """Set up what every role needs."""
    install_packages(machine, HOSTS[facts.role].packages)
    patch(machine, HOSTS[facts.role].packages)
    _user(machine)
    for path, mode in ((STATE, 0o755), (WORK, 0o700)):
        machine.folder(path, mode, USER, USER)
    machine.put("/etc/tmpfiles.d/anb.conf", f"d /run/anb 0750 {USER} {USER}\n")
    machine.run("systemd-tmpfiles", "--create", "/etc/tmpfiles.d/anb.conf")
    machine.put("/usr/local/bin/anb", services.rendered("anb"), 0o755)
    for name, (path, tell) in FILES.items():
        if machine.put(path, services.rendered(name, reboot=REBOOTS[facts.role])) and tell:
            machine.run(*tell)
    for unit in CARETAKERS:
        # A host must come up even if one of them fails.
        runs = machine.succeeds("systemctl", "is-active", "--quiet", unit)
        if not runs and not machine.succeeds("systemctl", "enable", "--now", "--quiet", unit):
            machine.say(f"{unit} does NOT run: see journalctl -u {unit}")
    if facts.ssm_agent:
        _session_manager(machine, facts.region)
    memory = HOSTS[facts.role].memory[FIGURES]
    services.install(machine, FIGURES, release=release, memory=memory)


def install_packages(machine: Machine, wanted: Sequence[str]) -> None:
    """Install the missing packages. If none is missing, no network is needed."""
    done = machine.run("dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *wanted, check=False)
    there = {line.split()[0] for line in done.stdout.splitlines() if line.endswith(" installed")}
    missing = [name for name in wanted if name not in there]
    if missing:
        machine.say(f"installing {', '.join(missing)}")
        # Services of a new package must not start before our configuration is written.
        machine.put("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)
        try:
            machine.run(*APT, "update")
            machine.run(*APT, "install", "--no-install-recommends", *missing)
        finally:
            machine.remove("/usr/sbin/policy-rc.d")


def behind(machine: Machine, wanted: Sequence[str]) -> list[str]:
    """Return the packages older than Debian's known fixes, each with its revision."""
    found = []
    for name in sorted(set(wanted) & set(minimums.known().debian)):
        least = minimums.known().debian[name].get(DEBIAN, "")
        revision = machine.run("dpkg-query", "-W", "-f", "${Version}", name, check=False).stdout.strip()
        if least and revision and not machine.succeeds("dpkg", "--compare-versions", revision, "ge", least):
            found.append(f"{name} {revision}, at least {least}")
    return found


def patch(machine: Machine, wanted: Sequence[str]) -> None:
    """Upgrade packages that lack known fixes, without waiting for the updates at night."""
    if late := behind(machine, wanted):
        machine.say(f"behind known fixes: {'; '.join(late)}")
        machine.run(*APT, "update", check=False)
        names = [line.split()[0] for line in late]
        machine.run(*APT, "install", "--only-upgrade", "--no-install-recommends", *names, check=False)
        for line in behind(machine, wanted):
            machine.say(f"STILL behind known fixes: {line}; see `anb-host status`")


def _user(machine: Machine) -> None:
    """Create the user of all our processes. Its number is the same on every host, for NFS."""
    if not machine.succeeds("getent", "group", USER):
        machine.run("groupadd", "--system", "--gid", str(UID), USER)
    if not machine.succeeds("getent", "passwd", USER):
        options = ("--system", "--uid", str(UID), "--gid", USER, "--home-dir", STATE, "--no-create-home")
        machine.run("useradd", *options, "--shell", "/usr/sbin/nologin", USER)


def _session_manager(machine: Machine, region: str) -> None:
    """Install Session Manager's agent. A host works without it, so a failure here does not stop the setup."""
    if machine.succeeds("dpkg-query", "-W", "amazon-ssm-agent"):
        return
    package = "/var/cache/anb-ssm-agent.deb"
    source = f"https://s3.{region}.amazonaws.com/amazon-ssm-{region}/latest/debian_amd64/amazon-ssm-agent.deb"
    fetch = "import sys, urllib.request; urllib.request.urlretrieve(sys.argv[1], sys.argv[2])"
    for command in (("python3", "-c", fetch, source, package), ("dpkg", "-i", package)):
        done = machine.run(*command, check=False, seconds=120)
        if done.returncode:
            machine.say(f"Session Manager's agent is NOT installed: {done.stderr.strip().splitlines()[-1:]}")
            return
    machine.say("installed Session Manager's agent")


def watch(machine: Machine) -> None:
    """Start sending this host's metrics, once everything measured exists."""
    services.settle(machine, FIGURES, [f"{services.UNITS}/{FIGURES}"])
