"""The lab as it stands: which hosts there are, what they are told, which ways are open; kept in its folder."""

import json
import shutil
import sys
from dataclasses import asdict, dataclass, field
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from deploy.aws.reachability import Arrow
from deploy.lab import fabric, kernel, rules, seed
from deploy.lab.addresses import OUTSIDERS, Place
from deploy.lab.kernel import Kernel
from deploy.lab.line import Line
from deploy.lab.parts import Parts

# Groups are named after services, roles after hosts.
PARTIES = {"database": "rds"}


@dataclass(frozen=True)
class Machine:
    """A host as the deployed template has it."""

    name: str
    role: str
    address: str
    instance: str  # its id; another one makes a boot the first
    mib: int
    user_data: str

    @property
    def place(self) -> Place:
        """Its place in the network."""
        return Place(self.name, IPv4Address(self.address), PARTIES.get(self.role, self.role))


@dataclass
class Site:
    """A lab that stands, or will."""

    folder: Path
    image: Path
    kernel: Kernel
    machines: dict[str, Machine] = field(default_factory=dict)
    ways: set[Arrow] = field(default_factory=set)
    severed: set[str] = field(default_factory=set)
    known: dict[str, str] = field(default_factory=dict)  # the bucket, names of releases, and such

    @property
    def parts(self) -> Parts:
        """The lab's processes."""
        return Parts.of(self.folder)

    @property
    def places(self) -> list[Place]:
        """Where each host is, and each outsider."""
        return [*(machine.place for machine in self.machines.values()), *OUTSIDERS]

    def host(self, name: str) -> Path:
        """Return the folder of a host: its disk, its seed, its console's log."""
        return self.folder / "hosts" / name

    def line(self, name: str) -> Line:
        """Return the line into a host."""
        return Line(name, str(self.machines[name].place.line.ip), self.host(name))

    def boot(self, machine: Machine) -> None:
        """Make a host and give it power: its disk is the image's, its seed what the machine is told."""
        folder = self.host(machine.name)
        shutil.rmtree(folder, ignore_errors=True)
        seed.write(folder / "seed", machine.place, machine.instance, machine.user_data)
        self.machines[machine.name] = machine
        fabric.attach(machine.place)
        self.enforce()
        cpu = kernel.processor(list(self.machines).index(machine.name))
        kept = kernel.command(self.kernel, machine.place, folder, self.image, machine.mib, cpu)
        self.parts.start(machine.name, "vpc", [sys.executable, "-m", "deploy.lab.keeper", folder, *kept])
        self.save()

    def destroy(self, name: str) -> None:
        """Take a host away, with its disk."""
        self.parts.stop(name)
        fabric.detach(self.machines.pop(name).place)
        shutil.rmtree(self.host(name), ignore_errors=True)
        self.enforce()
        self.save()

    def sever(self, name: str) -> None:
        """Cut a host off from the network, by the bridge: it stays powered, and knows nothing of it."""
        self.severed.add(name)
        self.enforce()

    def mend(self, name: str) -> None:
        """Let a host back into the network."""
        self.severed.discard(name)
        self.enforce()

    def enforce(self) -> None:
        """Put the ways that are open now in force."""
        fabric.enforce(rules.render(self.places, self.ways, self.severed))

    def save(self) -> None:
        """Write down what stands."""
        kept: dict[str, Any] = {
            "image": str(self.image),
            "kernel": str(self.kernel.home),
            "machines": [asdict(machine) for machine in self.machines.values()],
            "ways": [asdict(way) for way in sorted(self.ways)],
            "known": self.known,
        }
        (self.folder / "site.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")


def load(folder: Path) -> Site:
    """Return the lab that stands in a folder. Raises FileNotFoundError where none does."""
    kept = json.loads((folder / "site.json").read_text(encoding="utf-8"))
    machines = [Machine(**machine) for machine in kept["machines"]]
    return Site(
        folder,
        Path(kept["image"]),
        Kernel(Path(kept["kernel"])),
        {machine.name: machine for machine in machines},
        {Arrow(**way) for way in kept["ways"]},
        known=kept["known"],
    )
