"""Who is where in the lab: the addresses and the places of the network that never change."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, ip_network

VPC = ip_network("172.31.0.0/16")  # the default VPC, as moto has it
GATEWAY = IPv4Address("172.31.0.1")
INTERNET = ip_network("203.0.113.0/24")  # of documentation: nobody has it
INTERNET_GATEWAY = IPv4Address("203.0.113.1")
CLOUD = IPv4Address("198.51.100.1")  # where the lab answers for AWS
METADATA = IPv4Address("169.254.169.254")
RESOLVER = IPv4Address("169.254.169.253")
DATABASE = IPv4Address("172.31.250.10")  # moto gives RDS a name and no address
# The lab's own network, by which it gives orders: no host reaches another over it, and no group has a say there.
LINES = ip_network("198.18.0.0/16")
LINES_END = IPv4Interface("198.18.255.254/16")
GATE = "gateway"  # the bridge's port to everything that is not in the VPC


@dataclass(frozen=True)
class Place:
    """A place in the network: of a host, behind its own tap; of an outsider, behind the gate."""

    name: str
    address: IPv4Address
    party: str  # what the security groups know it as: all workers are one
    outside: bool = False

    @property
    def port(self) -> str:
        """The bridge's port that leads there."""
        return GATE if self.outside else self.name

    @property
    def interface(self) -> IPv4Interface:
        """The address with the size of the VPC, in which every host reaches every other without a router."""
        return IPv4Interface((self.address, VPC.prefixlen))

    @property
    def line(self) -> IPv4Interface:
        """Its address on the lab's own network."""
        return IPv4Interface((LINES.network_address + int(self.address) % LINES.num_addresses, LINES.prefixlen))

    @property
    def line_port(self) -> str:
        """The tap by which it is given orders."""
        return f"{self.name}-line"

    @property
    def mac(self) -> str:
        """A hardware address of our own, from the address."""
        return self._mac("02:00")

    @property
    def line_mac(self) -> str:
        """The same for its line: were it another at each boot, nobody would find the host for most of a minute."""
        return self._mac("02:01")

    def _mac(self, prefix: str) -> str:
        return ":".join((prefix, *(f"{byte:02x}" for byte in self.address.packed)))


CLIENT = Place("client", IPv4Address("203.0.113.10"), "client", outside=True)
# The one who may come in by SSH.
OPERATOR = Place("operator", IPv4Address("203.0.113.200"), "operator", outside=True)
OUTSIDERS = (CLIENT, OPERATOR)
SSH_RANGE = f"{OPERATOR.address}/32"
