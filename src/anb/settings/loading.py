"""Read settings once, from the environment or from the file that `anb up` writes."""

import os
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_settings import BaseSettings

from anb.errors import AnbError
from anb.settings.process import Settings

S = TypeVar("S", bound=BaseSettings)


class WrongSetting(AnbError):
    """A setting is missing or invalid; the text names each with its reason."""


def load(kind: type[S], **known: Any) -> S:  # noqa: ANN401 - handed to pydantic, which types it
    """Read settings from the environment. Raises WrongSetting, which names each wrong value and why."""
    try:
        return kind(**known)
    except ValidationError as error:
        raise WrongSetting("\n".join(_complaints(error))) from None


def load_for_web() -> Settings:
    """Read the settings of a process that serves people, which needs the key. Raises WrongSetting."""
    settings = load(Settings)
    if settings.secret_key is None:
        raise WrongSetting("ANB_SECRET_KEY: Field required: the web application signs tokens and addresses with it")
    if settings.oidc_issuers and settings.public_url is None:
        raise WrongSetting("ANB_PUBLIC_URL: Field required: issuers send people back to this address")
    return settings


def load_for_counting() -> Settings:
    """Read the settings of the process that seals the log of votes, which needs its key. Raises WrongSetting."""
    settings = load(Settings)
    if settings.vote_log_key is None:
        raise WrongSetting("ANB_VOTE_LOG_KEY: Field required: the reconciler signs the log of votes with it")
    return settings


def read_env_file(path: Path) -> dict[str, str]:
    """Return the settings in a KEY=VALUE file, such as the one that `anb up` writes; empty if it does not exist."""
    if not path.is_file():
        return {}
    lines = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines())
    return {name: value for name, separator, value in lines if separator}


def env_file(path: Path) -> None:
    """Set the environment variables that are missing from a KEY=VALUE file."""
    for name, value in read_env_file(path).items():
        if name.startswith("ANB_"):
            os.environ.setdefault(name, value)


def of_here() -> Settings:
    """Read the settings of the environment, or of the stack that runs here. Raises WrongSetting."""
    env_file(Path(os.environ.get("ANB_DATA_DIR", "var")) / "anb.env")
    return load(Settings)


def _complaints(error: ValidationError) -> list[str]:
    return [
        f"ANB_{'_'.join(str(part) for part in item['loc']).upper() or 'SETTINGS'}: {item['msg']}"
        for item in error.errors(include_url=False, include_input=False)
    ]
