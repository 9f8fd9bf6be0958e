"""Publish a bundle: upload it, then point `releases/current` at it."""

import json
from typing import Any

from deploy.hosts.bundle import Bundle

POINTER = "releases/current"


def publish(bundle: Bundle, bucket: str, s3: Any, *, current: bool = True) -> str:  # noqa: ANN401 - boto3 has no types
    """Upload a bundle, unless the bucket has it, and make it the current release. Return its key."""
    key = key_of(bundle.release)
    s3.upload_file(str(bundle.path), bucket, key)
    s3.put_object(Bucket=bucket, Key=f"{key}.sha256", Body=f"{bundle.sha256}  anb.tar.gz\n".encode())
    if current:
        point(bundle.release, bundle.sha256, bucket, s3)
    return key


def point(release: str, sha256: str, bucket: str, s3: Any) -> None:  # noqa: ANN401 - as above
    """Make an uploaded release the current one, which hosts fetch."""
    pointer = {"release": release, "key": key_of(release), "sha256": sha256}
    s3.put_object(Bucket=bucket, Key=POINTER, Body=json.dumps(pointer).encode(), ContentType="application/json")


def key_of(release: str) -> str:
    """Return the key of a release in the bucket."""
    return f"releases/{release}/anb.tar.gz"
