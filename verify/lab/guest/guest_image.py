"""The lab's changes to Debian for a guest: kernel modules, a login, the path of the seed."""

import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
SEED = "/var/lib/cloud/seed/nocloud"

# Debian starts what it installs, but each host's definition decides what runs there.
STOPPED = (
    "nginx.service", "valkey-server.service", "nfs-server.service", "rpcbind.service", "rpcbind.socket",
    "nfs-blkmap.service", "ssh.service", "chrony.service", "unattended-upgrades.service", "certbot.timer",
)  # fmt: skip
# Slow with this kernel, and useless in a guest without hardware.
MASKED = (
    "systemd-networkd-persistent-storage.service", "systemd-udev-load-credentials.service", "systemd-binfmt.service",
    "proc-sys-fs-binfmt_misc.automount", "proc-sys-fs-binfmt_misc.mount", "systemd-hwdb-update.service",
    "modprobe@.service", "systemd-pstore.service", "getty@.service", "getty-static.service",
    "serial-getty@.service", "fstrim.timer",
    "apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "systemd-firstboot.service",
    "dev-hugepages.mount", "systemd-network-generator.service", "systemd-machine-id-commit.service",
)  # fmt: skip
# They look for things that such a guest lacks, at each start and each reload of units.
GENERATORS = (
    "debug", "getty", "gpt-auto", "hibernate-resume", "rc-local", "run", "ssh", "system-update", "sysv", "tpm2",
)  # fmt: skip
# Hardware rules take most of a boot; only disks and the network need them.
UDEV_TRIGGER = "udevadm trigger --type=devices --action=add --subsystem-match=block --subsystem-match=net"

FILES = {
    "etc/fstab": f"none {SEED} hostfs ro,nofail,x-systemd.before=cloud-init-main.service 0 0\n",
    "etc/hostname": "debian\n",
    "etc/resolv.conf": "nameserver 169.254.169.253\n",
    "etc/cloud/ds-identify.cfg": "policy: enabled\ndatasource: NoCloud\n",
    # cloud-init's other modules take a minute with this kernel, and no host uses them.
    "etc/cloud/cloud.cfg.d/95-lab.cfg": (
        "datasource_list: [NoCloud]\nsystem_info:\n  network:\n    renderers: [networkd]\nssh_genkeytypes: [ed25519]\n"
        "cloud_init_modules: [write_files, set_hostname, update_hostname, ssh]\n"
        "cloud_config_modules: [runcmd]\ncloud_final_modules: [scripts_user]\n"
    ),
    "etc/systemd/system/cloud-init-main.service.d/lab.conf": f"[Unit]\nRequiresMountsFor={SEED}\n",
    "etc/systemd/system/systemd-udev-trigger.service.d/lab.conf": f"[Service]\nExecStart=\nExecStart={UDEV_TRIGGER}\n",
    # Not Debian's getty: it waits for a device that udev does not announce here, which would block the boot.
    "etc/systemd/system/lab-shell.service": (
        "[Unit]\nDescription=A shell of root on the first serial line\n\n"
        "[Service]\nExecStart=-/sbin/agetty --autologin root --noclear --keep-baud 115200 ttyS0 vt100\n"
        "Restart=always\n\n"
        "[Install]\nWantedBy=multi-user.target\n"
    ),
    "etc/systemd/system/lab-agent.service": (
        "[Unit]\nDescription=The lab's way in\nDefaultDependencies=no\nAfter=systemd-remount-fs.service\n\n"
        "[Service]\nExecStart=/usr/bin/python3 -I /usr/local/lib/lab-agent.py\nRestart=always\nOOMScoreAdjust=-900\n\n"
        "[Install]\nWantedBy=sysinit.target\n"
    ),
}


def sources() -> list[Path]:
    """Return the files whose content decides what is added."""
    return [HERE / "guest_image.py", HERE / "agent.py"]


def furnish(root: Path, modules: Path, authority: Path) -> None:
    """Prepare a folder with Debian as a guest's root."""
    for kernel in modules.iterdir():
        shutil.copytree(kernel, root / "usr/lib/modules" / kernel.name, symlinks=True, ignore=_drivers)
        _run("depmod", "-b", root, kernel.name)
    shutil.copy(HERE / "agent.py", root / "usr/local/lib/lab-agent.py")
    shutil.copy(authority, root / "usr/local/share/ca-certificates/lab.crt")
    _run("chroot", root, "update-ca-certificates")
    (root / SEED.removeprefix("/")).mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(text, encoding="utf-8")
    _services(root)
    _generators(root / "etc/systemd/system-generators")
    for stamp in ("etc/.updated", "var/.updated"):  # so that the first boot does not rebuild caches
        (root / stamp).touch()


def _services(root: Path) -> None:
    there = [unit for unit in STOPPED if (root / "usr/lib/systemd/system" / unit).exists()]
    _run("systemctl", f"--root={root}", "--quiet", "disable", *there)
    _run("systemctl", f"--root={root}", "--quiet", "mask", *MASKED)
    _run(
        "systemctl",
        f"--root={root}",
        "--quiet",
        "enable",
        "lab-agent.service",
        "lab-shell.service",
        "systemd-networkd.service",
    )


def _generators(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in GENERATORS:
        (folder / f"systemd-{name}-generator").symlink_to("/dev/null")


def _drivers(folder: str, names: list[str]) -> set[str]:
    return {"drivers", "sound"} & set(names) if folder.endswith("/kernel") else set()


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
