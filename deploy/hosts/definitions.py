"""The definition of each host: packages, units, open ports, and each unit's memory limit."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from anb.settings import MIB
from deploy.hosts.facts import Role

MOST_MEMORY = 1664 * MIB  # of a t3.small's 2 GiB; the rest is for the kernel, its caches and the system
UID = 900  # of user and group `anb`, the same on every host: NFS compares numbers
USER = "anb"
SHARE = "/srv/anb"
MEDIA = f"{SHARE}/media"
STATE = "/var/lib/anb"
WORK = f"{STATE}/work"
RELEASES = "/opt/anb/releases"
CURRENT = "/opt/anb/current"
SECRETS = "/etc/anb/anb.env"
MAIL = "/etc/anb/mail.env"  # of the process that sends mails, which gets no other file
COUNT = "/etc/anb/count.env"  # the key of the log of votes, for the reconciler and no other process
OWNER = "/etc/anb/owner.env"  # the database's owner, for migrations and restores; none of our processes gets it

# On every host: library of metrics, time, updates, SSH.
EVERYWHERE = (
    "ca-certificates",
    "chrony",
    "logrotate",
    "openssh-server",
    "python3-boto3",
    "unattended-upgrades",
)


@dataclass(frozen=True)
class HostDefinition:
    """Everything that one kind of host consists of."""

    packages: tuple[str, ...]
    ports: tuple[int, ...]  # TCP; those that the security groups allow, except SSH
    memory: Mapping[str, int]  # unit -> its limit in bytes; together within MOST_MEMORY

    @property
    def units(self) -> tuple[str, ...]:
        """Return the units of the host."""
        return tuple(self.memory)


def _host(packages: tuple[str, ...], ports: tuple[int, ...], memory: Mapping[str, int]) -> HostDefinition:
    return HostDefinition(
        tuple(sorted((*EVERYWHERE, *packages))), ports, MappingProxyType({n: size * MIB for n, size in memory.items()})
    )


HOSTS: Mapping[Role, HostDefinition] = MappingProxyType(
    {
        "web": _host(
            ("bubblewrap", "certbot", "libnginx-mod-http-brotli-filter", "nfs-common", "nginx", "openssl"),
            (80, 443),
            # The slice holds two instances during a takeover, each with two processes for pages and one for uploads.
            # Streams: 118 MB, and 43 kB for each of at most 2,500; in nginx 23 kB.
            {"anb-web.slice": 1088, "anb-streams.service": 256, "anb-nginx.service": 224, "anb-metrics.service": 96},
        ),
        "worker": _host(
            ("bubblewrap", "nfs-common"),
            (),
            {
                "anb-worker.service": 1152,
                "anb-reconcile.service": 128,
                "anb-mail.service": 128,
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
    """Return the monitored disks of a host. The file server's share may be a disk of its own."""
    return ("/", SHARE) if role == "file" else ("/",)


def packages(role: Role) -> tuple[str, ...]:
    """Return the Debian packages of a host."""
    return HOSTS[role].packages
