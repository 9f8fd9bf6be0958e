"""The secrets of the platform, as AWS Secrets Manager keeps them. None goes into a log, a command or user data."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.hosts.machine import CannotConverge

SECRET_KEY, QUEUE, DATABASE = "anb/secret-key", "anb/queue", "anb/database"


@dataclass
class Secrets:
    """Reads secrets once, with the rights of this host."""

    client: Any
    _known: dict[str, str] = field(default_factory=dict, repr=False)

    def read(self, name: str) -> str:
        """Return a secret. Raises CannotConverge, which names it and says why."""
        if name not in self._known:
            try:
                self._known[name] = self.client.get_secret_value(SecretId=name)["SecretString"]
            except Exception as error:
                raise CannotConverge(f"the secret {name} cannot be read: {error}") from error
        return self._known[name]

    def database(self) -> Mapping[str, str]:
        """Return user and password of the database."""
        account: dict[str, str] = json.loads(self.read(DATABASE))
        return {"username": account.get("username", "anb"), "password": account["password"]}
