"""The fixed addresses and places of the lab's network."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, ip_network

VPC = ip_network("172.31.0.0/16")  # the default VPC, as in moto
GATEWAY = IPv4Address("172.31.0.1")
INTERNET = ip_network("203.0.113.0/24")  # reserved for documentation, so unused
INTERNET_GATEWAY = IPv4Address("203.0.113.1")
CLOUD = IPv4Address("198.51.100.1")  # where the lab's cloud answers for AWS
METADATA = IPv4Address("169.254.169.254")
RESOLVER = IPv4Address("169.254.169.253")
DATABASE = IPv4Address("172.31.250.10")  # moto gives RDS a name but no address
# The lab's control network: hosts cannot reach each other on it, and security groups do not apply.
LINES = ip_network("198.18.0.0/16")
LINES_END = IPv4Interface("198.18.255.254/16")
GATE = "gateway"  # the bridge's port to everything outside the VPC


@dataclass(frozen=True)
class Place:
    """A place in the network: a host behind its own tap, or an outsider behind the gateway."""

    name: str
    address: IPv4Address
    party: str  # its name in the security groups: all workers share one
    outside: bool = False

    @property
    def port(self) -> str:
        """Return the bridge's port of this place."""
        return GATE if self.outside else self.name

    @property
    def interface(self) -> IPv4Interface:
        """Return the address with the VPC's prefix, with which every host reaches every other without a router."""
        return IPv4Interface((self.address, VPC.prefixlen))

    @property
    def line(self) -> IPv4Interface:
        """Return its address on the control network."""
        return IPv4Interface((LINES.network_address + int(self.address) % LINES.num_addresses, LINES.prefixlen))

    @property
    def line_port(self) -> str:
        """Return its tap on the control network."""
        return f"{self.name}-line"

    @property
    def mac(self) -> str:
        """Return a locally administered hardware address derived from the address."""
        return self._mac("02:00")

    @property
    def line_mac(self) -> str:
        """Return the same for the control network. If it changed at a boot, ARP caches would be wrong for a minute."""
        return self._mac("02:01")

    def _mac(self, prefix: str) -> str:
        return ":".join((prefix, *(f"{byte:02x}" for byte in self.address.packed)))


CLIENT = Place("client", IPv4Address("203.0.113.10"), "client", outside=True)
# The outsider that may use SSH.
OPERATOR = Place("operator", IPv4Address("203.0.113.200"), "operator", outside=True)
# The mail server of another company.
MAIL = Place("mail", IPv4Address("203.0.113.25"), "mail", outside=True)
MAIL_NAME, MAIL_PORT = "mail.anb.example", 587
OUTSIDERS = (CLIENT, OPERATOR, MAIL)
SSH_RANGE = f"{OPERATOR.address}/32"
