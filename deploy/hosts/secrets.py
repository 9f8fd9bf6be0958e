"""The secrets of the platform, from AWS Secrets Manager. None appears in a log, a command or user data."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.hosts.machine import CannotConverge
from deploy.hosts.ses import smtp_password

SECRET_KEY, QUEUE, DATABASE = "anb/secret-key", "anb/queue", "anb/database"
VOTE_LOG_KEY = "anb/vote-log-key"  # signs the log of votes
CERTIFICATE = "anb/database-certificate"  # only in the lab
SMTP = "anb/smtp"  # user and password of the mail server, for the workers
APP = "anb_app"  # the account of the application, which owns no tables


@dataclass
class HostSecrets:
    """Reads secrets once, with the rights of this host."""

    client: Any
    _known: dict[str, str] = field(default_factory=dict, repr=False)

    def read(self, name: str) -> str:
        """Return a secret. Raises CannotConverge with its name and the reason."""
        if name not in self._known:
            try:
                self._known[name] = self.client.get_secret_value(SecretId=name)["SecretString"]
            except Exception as error:
                raise CannotConverge(f"the secret {name} cannot be read: {error}") from error
        return self._known[name]

    def database(self) -> Mapping[str, str]:
        """Return user and password of the database's owner."""
        account: dict[str, str] = json.loads(self.read(DATABASE))
        return {"username": account.get("username", "anb"), "password": account["password"]}

    def mail_server(self, region: str) -> Mapping[str, str]:
        """Return user and password of the mail server; the stack's secret has an access key of SES instead of one."""
        account: dict[str, str] = json.loads(self.read(SMTP))
        password = account.get("password") or smtp_password(account["access_key"], region)
        return {"username": account["username"], "password": password}

    def application(self) -> Mapping[str, str]:
        """Return user and password of the application's account.

        Its password is derived from the owner's, so that stacks created before this account existed need no new secret.
        The owner's password cannot be computed from it.
        """
        password = hmac.new(self.database()["password"].encode(), APP.encode(), hashlib.sha256).hexdigest()
        return {"username": APP, "password": password}
