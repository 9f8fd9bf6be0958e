"""A running lab: its hosts, their facts, the open connections. Stored in its folder."""

import json
import shutil
import sys
from dataclasses import asdict, dataclass, field
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from deploy.aws.reachability import Arrow

from verify.lab import kernel, network, rules, seed
from verify.lab.addresses import OUTSIDERS, Place
from verify.lab.host_client import HostClient
from verify.lab.kernel import LinuxKernel
from verify.lab.process_registry import ProcessRegistry

# Groups are named after services, roles after hosts.
PARTIES = {"database": "rds"}


@dataclass(frozen=True)
class LabHost:
    """A host of the deployed template."""

    name: str
    role: str
    address: str
    instance: str  # its id; a new one makes the boot a first boot
    mib: int
    user_data: str

    @property
    def place(self) -> Place:
        """Return its place in the network."""
        return Place(self.name, IPv4Address(self.address), PARTIES.get(self.role, self.role))


@dataclass
class LabSite:
    """A running lab, or one that is being started."""

    folder: Path
    image: Path
    kernel: LinuxKernel
    machines: dict[str, LabHost] = field(default_factory=dict)
    ways: set[Arrow] = field(default_factory=set)
    severed: set[str] = field(default_factory=set)
    known: dict[str, str] = field(default_factory=dict)  # the bucket, names of releases, and more

    @property
    def parts(self) -> ProcessRegistry:
        """Return the lab's processes."""
        return ProcessRegistry.of(self.folder)

    @property
    def places(self) -> list[Place]:
        """Return the place of each host and each outsider."""
        return [*(machine.place for machine in self.machines.values()), *OUTSIDERS]

    def host(self, name: str) -> Path:
        """Return the folder of a host: its disk, its seed, its console log."""
        return self.folder / "hosts" / name

    def line(self, name: str) -> HostClient:
        """Return the client of a host."""
        return HostClient(name, str(self.machines[name].place.line.ip), self.host(name))

    def boot(self, machine: LabHost) -> None:
        """Create a host and start it: its disk from the image, its seed from the machine's user data."""
        folder = self.host(machine.name)
        shutil.rmtree(folder, ignore_errors=True)
        seed.write(folder / "seed", machine.place, machine.instance, machine.user_data)
        self.machines[machine.name] = machine
        network.attach(machine.place)
        self.enforce()
        cpu = kernel.processor(list(self.machines).index(machine.name))
        kept = kernel.command(self.kernel, machine.place, folder, self.image, machine.mib, cpu)
        self.parts.start(machine.name, "vpc", [sys.executable, "-m", "verify.lab.vm_supervisor", folder, *kept])
        self.save()

    def destroy(self, name: str) -> None:
        """Remove a host with its disk."""
        self.parts.stop(name)
        network.detach(self.machines.pop(name).place)
        shutil.rmtree(self.host(name), ignore_errors=True)
        self.enforce()
        self.save()

    def sever(self, name: str) -> None:
        """Cut a host off from the network at the bridge. It keeps running and is not notified."""
        self.severed.add(name)
        self.enforce()

    def reconnect(self, name: str) -> None:
        """Reconnect a host to the network."""
        self.severed.discard(name)
        self.enforce()

    def enforce(self) -> None:
        """Apply the rules for the current connections."""
        network.enforce(rules.render(self.places, self.ways, self.severed))

    def save(self) -> None:
        """Store the state of the lab."""
        kept: dict[str, Any] = {
            "image": str(self.image),
            "kernel": str(self.kernel.home),
            "machines": [asdict(machine) for machine in self.machines.values()],
            "ways": [asdict(way) for way in sorted(self.ways)],
            "known": self.known,
        }
        (self.folder / "site.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")


def load(folder: Path) -> LabSite:
    """Return the lab in a folder. Raises FileNotFoundError if there is none."""
    kept = json.loads((folder / "site.json").read_text(encoding="utf-8"))
    machines = [LabHost(**machine) for machine in kept["machines"]]
    return LabSite(
        folder,
        Path(kept["image"]),
        LinuxKernel(Path(kept["kernel"])),
        {machine.name: machine for machine in machines},
        {Arrow(**way) for way in kept["ways"]},
        known=kept["known"],
    )
