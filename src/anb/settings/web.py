"""Settings of the web application: its address, its concurrency, and the lifetime of its signatures."""

from pathlib import Path

from pydantic import AnyHttpUrl, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class WebSettings(BaseSettings):
    """How the web application is reached, and how long its signatures are valid."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True)

    public_url: AnyHttpUrl | None = Field(None, description="Address people use; if unset, the one of the request.")
    hsts_subdomains: bool = Field(default=True, description="With our own TLS: HSTS includes subdomains of the site.")
    offline_page: bool = Field(
        default=True,
        description="Browsers keep one page for times without a network, by a service worker. "
        "Off: they remove the worker and what it kept at their next visit.",
    )
    contact: str = Field(
        "",
        max_length=300,
        description="Where people ask about the contest, as its rules show it: an e-mail address, or a text. "
        "If unset: where they ask for the rights on their data.",
    )
    prizes: str = Field(
        "", max_length=2000, description="The prizes of the present or next season, as its rules show them."
    )
    web_socket: Path | None = Field(None, description="Unix socket of the web application, for nginx on this host.")
    web_host: str = Field("127.0.0.1", description="Address the web application listens on if no socket is set.")
    web_port: int = Field(8000, gt=0, lt=65536, description="Port of the web application.")
    web_processes: int = Field(
        1,
        gt=0,
        le=64,
        description="Processes that answer pages and the API, each with 130 MiB, its own threads and connections. "
        "Python uses one core per process, so a server has as many as cores.",
    )
    web_threads: int = Field(
        24, gt=0, description="Requests that a process handles at once; each may hold one connection."
    )
    web_stop_seconds: int = Field(
        8, gt=0, description="How long a stopping web process may take to finish its requests."
    )
    mail_is_sent: bool | None = Field(
        None,
        description="Whether mails leave the site, so that pages may promise them. "
        "If unset: whether a mail server is set.",
    )
    sign_up_at_once: bool = Field(
        default=False,
        description="Our sign-up page signs people in at once, which tells which e-mails have accounts; "
        "without mail it does so anyway. `anb up` sets it when it catches the mails itself.",
    )
    token_seconds: int = Field(3600, gt=0, description="How long an access token is valid.")
    signature_seconds: int = Field(3600, gt=0, description="How long a signed address is valid.")
