"""Other sites whose pages may use the API."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

# As browsers write it: scheme, host, and a port if it is not the default; neither path nor wildcard.
_ORIGIN = re.compile(r"https?://(?!.*:(?:80|443)$)(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?")


def _split(text: object) -> object:
    return tuple(one for one in re.split(r"[,\s]+", text) if one) if isinstance(text, str) else text


def _origin(text: str) -> str:
    if not _ORIGIN.fullmatch(text):
        raise ValueError(f"{text!r} is no origin; write it as browsers do, such as https://app.example")
    return text


Origins = Annotated[tuple[Annotated[str, AfterValidator(_origin)], ...], NoDecode, BeforeValidator(_split)]


def origins_of(settings: Mapping[str, str]) -> tuple[str, ...]:
    """Read the origins from settings that no process has validated yet. Raises ValidationError."""
    return TypeAdapter(Origins).validate_python(settings.get("ANB_CORS_ORIGINS", ""))


class OriginSettings(BaseSettings):
    """Other sites whose pages may use the API (CORS)."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True)

    cors_origins: Origins = Field(
        (),
        description="Other sites whose pages may use the API, with a token: https://app.example,https://other.example.",
    )
