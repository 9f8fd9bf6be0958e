"""The facts of a host: its role, and the addresses of the others. They contain no secret."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

Role = Literal["web", "worker", "file", "database"]
ROLES: tuple[Role, ...] = get_args(Role)
PLACE = Path("/etc/anb/host.json")


class WrongFacts(ValueError):
    """The facts are invalid; the text says why."""


@dataclass(frozen=True)
class Facts:
    """The facts of one host, as cloud-init writes them to `/etc/anb/host.json`."""

    role: Role
    bucket: str
    region: str
    file_host: str  # address of the file server
    database_host: str
    public_url: str = ""  # the address of the site; empty: the address of the request
    domain: str = ""  # with one, an authority issues the certificate
    contact: str = ""  # mail address for the authority that issues it
    ssm_agent: bool = False
    ses: bool = False  # mails leave by SES, from the domain
    smtp_login: bool = False  # the mail server asks for the user and password of a secret
    settings: Mapping[str, str] = field(default_factory=dict)  # further ANB_* values

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise WrongFacts(f"role {self.role!r} is none of {', '.join(ROLES)}")
        wrong = [name for name in self.settings if not name.startswith("ANB_")]
        if wrong:
            raise WrongFacts(f"settings must begin with ANB_: {', '.join(wrong)}")

    def to_json(self) -> str:
        """Return the facts as the host stores them."""
        return json.dumps(asdict(self) | {"settings": dict(self.settings)}, indent=2, ensure_ascii=False) + "\n"


def parse(text: str) -> Facts:
    """Parse facts from JSON. Raises WrongFacts."""
    try:
        known: dict[str, Any] = json.loads(text)
        return Facts(**known)
    except (ValueError, TypeError) as error:
        raise WrongFacts(f"the facts of this host are wrong: {error}") from error


def read(path: Path = PLACE) -> Facts:
    """Read the facts of this host. Raises WrongFacts."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongFacts(f"the facts of this host cannot be read: {error}") from error
