"""The share: exported by the file server, mounted by web and worker. NFS 4.2 over TCP 2049 only."""

from deploy.hosts import services
from deploy.hosts.definitions import MEDIA, SHARE, USER
from deploy.hosts.facts import Facts
from deploy.hosts.machine import Machine

MOUNT = "srv-anb.mount"
NOT_NEEDED = ("rpcbind.service", "rpcbind.socket", "rpc-statd.service", "rpc-statd-notify.service", "rpc-gssd.service",
              "rpc-svcgssd.service", "nfs-idmapd.service", "nfs-blkmap.service")  # fmt: skip
PATIENCE = 600  # seconds a first boot waits for the file server


def export(machine: Machine) -> None:
    """Export the share."""
    machine.folder(SHARE)
    machine.folder(MEDIA, 0o750, USER, USER)
    services.mask(machine, *NOT_NEEDED)
    paths = ["/etc/nfs.conf.d/anb.conf", "/etc/exports.d/anb.exports"]
    machine.put(paths[0], services.rendered("nfs.conf"))
    if machine.put(paths[1], services.rendered("exports", share=SHARE)):
        machine.run("exportfs", "-ra", check=False)  # a server that is not up yet reads them when it starts
    services.settle(machine, "nfs-server.service", [paths[0]])


def declare(machine: Machine, facts: Facts) -> None:
    """Write the mount unit."""
    if not machine.at(SHARE).exists():  # a mounted share belongs to the file server
        machine.folder(SHARE)
    services.install(machine, MOUNT, server=facts.file_host, share=SHARE)
    services.mask(machine, *NOT_NEEDED)


def mount(machine: Machine, facts: Facts) -> None:
    """Mount the share, once the file server exports it."""
    services.enable(machine, MOUNT)
    now = machine.fingerprint([f"{services.UNITS}/{MOUNT}"])
    if machine.applied(MOUNT) not in ("", now):
        machine.say("the file server has changed: mounting again")
        machine.run("systemctl", "restart", MOUNT)

    def is_there() -> bool:
        if services.is_active(machine, MOUNT):
            return True
        machine.run("systemctl", "start", "--no-block", MOUNT)
        return False

    machine.wait(f"the share of {facts.file_host}", is_there, PATIENCE)
    machine.wait(f"{MEDIA} on it", lambda: machine.succeeds("runuser", "-u", USER, "--", "test", "-w", MEDIA), 60)
    machine.apply(MOUNT, now)
