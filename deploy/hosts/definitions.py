"""The definition of each host: packages, units, ports it listens on, and what memory each unit may take."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from deploy.hosts.facts import Role

MIB = 1024 * 1024
MOST_MEMORY = 1536 * MIB  # of a t3.small's 2 GiB; the rest is the kernel's, its caches' and the system's own
UID = 900  # of user and group `anb`, the same on every host: NFS compares numbers
USER = "anb"
SHARE = "/srv/anb"
MEDIA = f"{SHARE}/media"
STATE = "/var/lib/anb"
WORK = f"{STATE}/work"
RELEASES = "/opt/anb/releases"
CURRENT = "/opt/anb/current"
SECRETS = "/etc/anb/anb.env"

# On every host: its program's library, time, updates, SSH.
EVERYWHERE = (
    "ca-certificates",
    "chrony",
    "logrotate",
    "openssh-server",
    "python3-boto3",
    "unattended-upgrades",
)


@dataclass(frozen=True)
class Host:
    """What one kind of host is made of."""

    packages: tuple[str, ...]
    ports: tuple[int, ...]  # TCP; what the security groups let in, besides SSH
    memory: Mapping[str, int]  # unit -> bytes at most; together within MOST_MEMORY

    @property
    def units(self) -> tuple[str, ...]:
        """Return the units of the host."""
        return tuple(self.memory)


def _host(packages: tuple[str, ...], ports: tuple[int, ...], memory: Mapping[str, int]) -> Host:
    return Host(
        tuple(sorted((*EVERYWHERE, *packages))), ports, MappingProxyType({n: size * MIB for n, size in memory.items()})
    )


HOSTS: Mapping[Role, Host] = MappingProxyType(
    {
        "web": _host(
            ("bubblewrap", "certbot", "nfs-common", "nginx", "openssl"),
            (80, 443),
            # The slice holds two web processes while one takes over from another.
            {"anb-web.slice": 1248, "anb-nginx.service": 160, "anb-metrics.service": 96},
        ),
        "worker": _host(
            ("bubblewrap", "nfs-common"),
            (),
            {
                "anb-worker.service": 1152,
                "anb-reconcile.service": 128,
                "anb-backup.service": 160,
                "anb-metrics.service": 96,
            },
        ),
        "file": _host(
            ("nfs-kernel-server", "valkey-server"),
            (2049, 6379),
            {"valkey-server.service": 512, "anb-metrics.service": 96},
        ),
        "database": _host(
            ("openssl", "stunnel4"),
            (5432,),
            {"anb-postgres.service": 640, "anb-database-tls.service": 64, "anb-metrics.service": 96},
        ),
    }
)


def disks(role: Role) -> tuple[str, ...]:
    """Return where the disks of a host are looked at; the file server's share may be one of its own."""
    return ("/", SHARE) if role == "file" else ("/",)


def packages(role: Role) -> tuple[str, ...]:
    """Return the Debian packages of a host."""
    return HOSTS[role].packages
