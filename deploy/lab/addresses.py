"""Who is where in the lab: the addresses and the places of the network that never change."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, ip_network

VPC = ip_network("172.31.0.0/16")  # the default VPC, as moto has it
GATEWAY = IPv4Address("172.31.0.1")
INTERNET = ip_network("203.0.113.0/24")  # of documentation: nobody has it
INTERNET_GATEWAY = IPv4Address("203.0.113.1")
CLIENT = IPv4Address("203.0.113.10")
OPERATOR = IPv4Address("203.0.113.200")  # the one who may come in by SSH
CLOUD = IPv4Address("198.51.100.1")  # where the lab answers for AWS
METADATA = IPv4Address("169.254.169.254")
RESOLVER = IPv4Address("169.254.169.253")
DATABASE = IPv4Address("172.31.250.10")  # moto gives RDS a name and no address


@dataclass(frozen=True)
class Place:
    """A host's place in the network."""

    name: str  # also of its tap
    address: IPv4Address

    @property
    def interface(self) -> IPv4Interface:
        """The address with the size of the VPC, in which every host reaches every other without a router."""
        return IPv4Interface((self.address, VPC.prefixlen))

    @property
    def mac(self) -> str:
        """A hardware address of our own, from the address."""
        return "02:00:" + ":".join(f"{byte:02x}" for byte in self.address.packed)
