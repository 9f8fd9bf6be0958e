"""The lab's network: namespaces, a bridge as the VPC, and a tap for each host.

It leaves the root namespace alone. `vpc` holds the bridge and the taps; `gateway` is the router to the internet, and
holds the cloud's services; `client`, `operator` and `mail` are hosts of the internet.
"""

import contextlib
import ctypes
import os
import subprocess
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from verify.lab.addresses import (
    CLOUD,
    GATE,
    GATEWAY,
    INTERNET,
    INTERNET_GATEWAY,
    LINES_END,
    METADATA,
    OUTSIDERS,
    RESOLVER,
    VPC,
    Place,
)

PREFIX = "anb-lab-"
NAMESPACES = ("vpc", "gateway", *(outsider.name for outsider in OUTSIDERS))
FOLDER = Path("/run/netns")
CLONE_NEWNET = 0x40000000
# A tap to such a kernel cannot carry segments larger than a frame: they slow the share down to a crawl.
OFFLOADS = ("tso", "gso", "gro", "tx", "rx")


def namespace(name: str) -> Path:
    """Return the handle of a namespace of the lab."""
    return FOLDER / f"{PREFIX}{name}"


def entering(name: str, command: Iterable[str | Path]) -> list[str]:
    """Return a command that runs within a namespace."""
    return ["nsenter", f"--net={namespace(name)}", *(str(word) for word in command)]


@contextlib.contextmanager
def within(name: str) -> Iterator[None]:
    """Switch this thread to a namespace while the block runs."""
    libc = ctypes.CDLL(None, use_errno=True)
    with (
        Path(f"/proc/self/task/{threading.get_native_id()}/ns/net").open("rb") as before,
        namespace(name).open("rb") as there,
    ):
        _enter(libc, there.fileno())
        try:
            yield
        finally:
            _enter(libc, before.fileno())


def make() -> None:
    """Make the namespaces, the bridge, the router and the hosts of the internet."""
    for name in NAMESPACES:
        _run("ip", "netns", "add", f"{PREFIX}{name}")
        _ip(name, "link set lo up")
    for bridge in ("vpc", "lines"):
        _ip("vpc", f"link add {bridge} type bridge forward_delay 0 mcast_snooping 0")
        _ip("vpc", f"link set {bridge} up")
    _ip("vpc", f"address add {LINES_END} dev lines")
    _pair("vpc", GATE, "gateway", "vpc")
    _ip("vpc", f"link set {GATE} master vpc")
    _ip("gateway", f"address add {GATEWAY}/{VPC.prefixlen} dev vpc")
    for address in (METADATA, RESOLVER, CLOUD):
        _ip("gateway", f"address add {address}/32 dev lo")
    for outsider in OUTSIDERS:
        _pair("gateway", outsider.name, outsider.name, "internet")
        _ip("gateway", f"address add {INTERNET_GATEWAY}/32 dev {outsider.name}")
        _ip("gateway", f"route add {outsider.address}/32 dev {outsider.name}")
        _ip(outsider.name, f"address add {outsider.address}/{INTERNET.prefixlen} dev internet")
        _ip(outsider.name, f"route add default via {INTERNET_GATEWAY} onlink dev internet")
    _run(*entering("gateway", ["sysctl", "-qw", "net.ipv4.ip_forward=1"]))


def attach(place: Place) -> None:
    """Connect a host to the VPC's bridge and to the control network with taps."""
    for tap, bridge in ((place.port, "vpc"), (place.line_port, "lines")):
        _ip("vpc", f"tuntap add {tap} mode tap")
        offloads = [word for name in OFFLOADS for word in (name, "off")]
        _run(*entering("vpc", ["ethtool", "-K", tap, *offloads]))
        _ip("vpc", f"link set {tap} master {bridge}")
        _ip("vpc", f"link set {tap} up")


def detach(place: Place) -> None:
    """Remove a host's taps."""
    for tap in (place.port, place.line_port):
        _ip("vpc", f"link delete {tap}")


def enforce(ruleset: str) -> None:
    """Apply the rules, atomically."""
    subprocess.run(entering("vpc", ["nft", "-f", "-"]), input=ruleset, text=True, check=True, capture_output=True)


def inhabitants() -> list[str]:
    """Return the ids of the processes in the namespaces."""
    return [pid for name in _standing() for pid in _run("ip", "netns", "pids", f"{PREFIX}{name}").split()]


def remove() -> None:
    """Remove the namespaces and everything in them, if they exist."""
    for name in _standing():
        _run("ip", "netns", "delete", f"{PREFIX}{name}")


def _standing() -> list[str]:
    return [name for name in NAMESPACES if namespace(name).exists()]


def _pair(one: str, one_name: str, other: str, other_name: str) -> None:
    _ip(one, f"link add {one_name} type veth peer name {other_name} netns {PREFIX}{other}")
    _ip(one, f"link set {one_name} up")
    _ip(other, f"link set {other_name} up")


def _ip(name: str, words: str) -> None:
    _run("ip", "-n", f"{PREFIX}{name}", *words.split())


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL, text=True).stdout


def _enter(libc: ctypes.CDLL, handle: int) -> None:
    if libc.setns(handle, CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"cannot enter a network namespace: {os.strerror(number)}")
