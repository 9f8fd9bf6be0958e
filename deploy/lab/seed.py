"""What a host finds at its first boot: the user data of the deployed template, and its place in the network."""

import json
from pathlib import Path

from deploy.lab.addresses import GATEWAY, Place

INTERFACE = "vec0"  # what the guest's kernel calls its network


def write(folder: Path, place: Place, instance: str, user_data: str) -> None:
    """Write the seed that cloud-init reads; another instance id makes it a first boot again."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files(place, instance, user_data).items():
        (folder / name).write_text(text, encoding="utf-8")


def files(place: Place, instance: str, user_data: str) -> dict[str, str]:
    """Return the three files of a NoCloud seed. JSON is YAML too."""
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
