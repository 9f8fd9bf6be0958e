"""The data of a host's first boot: the user data of the deployed template, and its network configuration."""

import json
from pathlib import Path

from verify.lab.addresses import GATEWAY, Place

INTERFACE = "vec0"  # name of the network interface in the guest's kernel


def write(folder: Path, place: Place, instance: str, user_data: str) -> None:
    """Write the seed for cloud-init. Another instance id makes the boot a first boot again."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files(place, instance, user_data).items():
        (folder / name).write_text(text, encoding="utf-8")


def files(place: Place, instance: str, user_data: str) -> dict[str, str]:
    """Return the three files of a NoCloud seed. JSON is also YAML."""
    network = {
        "version": 2,
        "ethernets": {
            INTERFACE: {
                "match": {"macaddress": place.mac},
                "addresses": [str(place.interface)],
                "routes": [{"to": "0.0.0.0/0", "via": str(GATEWAY)}],
            }
        },
    }
    return {
        "user-data": user_data,
        "meta-data": json.dumps({"instance-id": instance, "local-hostname": place.name}),
        "network-config": json.dumps(network),
    }
