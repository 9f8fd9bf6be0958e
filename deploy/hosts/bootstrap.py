#!/usr/bin/python3
"""anb-host: fetch the published release, verify it, and let it set up this host.

    anb-host update [--release R]   take the published release, or another: an upgrade or a downgrade
    anb-host status | backup | restore | metrics [...]   run a command of the installed release

Needs only Debian's Python. Installs boto3 if it is missing.
"""

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

FACTS = Path("/etc/anb/host.json")
RELEASES = Path("/opt/anb/releases")
CURRENT = Path("/opt/anb/current")
LOCK = Path("/run/anb-host.lock")
APT = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Retries=3"]
PATIENCE = 1800  # seconds to wait for a first release to be published
# For boto3: the system's authorities, not its own; and regional addresses of buckets, in the oldest region too.
AWS = {"AWS_CA_BUNDLE": "/etc/ssl/certs/ca-certificates.crt", "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT": "regional"}


class BootstrapError(Exception):
    """anb-host cannot continue; the text says why."""


def say(text: object) -> None:
    """Print a line for the journal."""
    print(f"anb-host: {text}", flush=True)


def s3_client(facts: dict[str, Any]) -> Any:  # noqa: ANN401 - boto3 has no types
    """Return a client of S3."""
    try:
        import boto3  # noqa: PLC0415 - may be missing
    except ImportError:
        say("installing boto3")
        https_only()
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in ([*APT, "update"], [*APT, "install", "--no-install-recommends", "python3-boto3"]):
            subprocess.run(command, check=True, env=environment)
        import boto3  # noqa: PLC0415 - was missing
    os.environ.update(AWS)
    return boto3.client("s3", region_name=facts["region"])


def https_only(apt: Path = Path("/etc/apt")) -> None:
    """Use HTTPS for packages: hosts may connect to port 443 only."""
    for path in [apt / "sources.list", *apt.glob("sources.list.d/*"), *apt.glob("mirrors/*")]:
        if path.is_file() and "http://" in path.read_text():
            path.write_text(path.read_text().replace("http://", "https://"))


def read(client: Any, bucket: str, key: str) -> str:  # noqa: ANN401 - as above
    """Return a small object of the bucket."""
    return str(client.get_object(Bucket=bucket, Key=key)["Body"].read().decode())


def wanted(client: Any, bucket: str, release: str, patience: float = PATIENCE) -> tuple[str, str, str]:  # noqa: ANN401
    """Return a release, its key and its SHA-256. Wait until one is published."""
    deadline = time.monotonic() + patience
    while True:
        try:
            if release:
                key = f"releases/{release}/anb.tar.gz"
                return release, key, read(client, bucket, key + ".sha256").split()[0]
            pointer = json.loads(read(client, bucket, "releases/current"))
            return pointer["release"], pointer["key"], pointer["sha256"]
        except Exception as error:
            if release or time.monotonic() > deadline:
                raise BootstrapError(f"no release in bucket {bucket}: {error}") from error
            say(f"waiting for a release in bucket {bucket}: {error}")
            time.sleep(10)


def fetch(client: Any, bucket: str, release: str, key: str, sha256: str) -> Path:  # noqa: ANN401
    """Download, verify and unpack a release, completely or not at all."""
    target = RELEASES / release
    if target.is_dir():
        return target
    say(f"fetching release {release}")
    RELEASES.mkdir(parents=True, exist_ok=True)
    unpacked, archive = RELEASES / f".{release}.new", RELEASES / f".{release}.tar.gz"
    shutil.rmtree(unpacked, ignore_errors=True)
    unpacked.mkdir()
    client.download_file(bucket, key, str(archive))
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        archive.unlink()
        raise BootstrapError(f"release {release} is not what was published: its SHA-256 is {found}, not {sha256}")
    subprocess.run(["tar", "-xzf", str(archive), "--no-same-owner", "-C", str(unpacked)], check=True)
    archive.unlink()
    unpacked.rename(target)
    return target


def exec_release(folder: Path, *words: str) -> NoReturn:
    """Replace this process with the release's program."""
    environment = os.environ | AWS | {"PYTHONPATH": str(folder / "site"), "PYTHONUNBUFFERED": "1"}
    os.execve(sys.executable, [sys.executable, "-P", "-m", "deploy.hosts", *words], environment)  # noqa: S606 - a list built by us


def update(release: str) -> None:
    """Set up this host with the published release or another one."""
    facts = json.loads(FACTS.read_text())
    lock = LOCK.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("another anb-host is running on this host; waiting for it to end")
        fcntl.flock(lock, fcntl.LOCK_EX)
    os.set_inheritable(lock.fileno(), True)  # noqa: FBT003 - held until the release's program ends
    client = s3_client(facts)
    release, key, sha256 = wanted(client, facts["bucket"], release)
    exec_release(fetch(client, facts["bucket"], release, key, sha256), "converge", "--release", release)


def main(words: list[str]) -> None:
    """Run a command."""
    os.umask(0o022)
    if words[:1] not in (["update"], ["-h"], ["--help"], []):
        if not CURRENT.exists():
            raise BootstrapError("no release is installed yet; see: journalctl -u anb-provision")
        exec_release(CURRENT.resolve(), *words)
    parser = argparse.ArgumentParser(prog="anb-host", description=__doc__)
    parser.add_argument("verb", choices=["update", "status", "backup", "restore", "metrics"])
    parser.add_argument("--release", default="")
    update(parser.parse_args(words).release)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (BootstrapError, OSError, subprocess.CalledProcessError) as error:
        say(f"failed: {error}")
        sys.exit(1)
