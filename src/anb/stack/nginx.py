"""nginx in front of the web application: its configuration, and nginx as a child."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from anb.settings import UPLOAD_OVERHEAD_BYTES
from anb.stack import binaries
from anb.stack.errors import CannotStart
from anb.stack.nginx_problems import PROBLEMS, too_many_bytes

# The doors a clip comes in by; every other body may have 64 kB.
UPLOAD_PATHS = ("/api/videos/upload", "/upload")
# Where one comes in pieces: a piece may be the whole.
PIECE_PATHS = ("/api/uploads",)
# Lists that never depend on who asks.
SHARED_PATHS = ("/api/public/videos", "/api/public/rankings")


@dataclass(frozen=True)
class Tls:
    """What makes a site speak TLS: what it listens on does then, and plain HTTP only points there."""

    certificate: Path
    key: Path
    plain: tuple[str, ...] = ("80",)  # where HTTP is answered with a redirection
    challenges: Path | None = None  # where the authority's questions (ACME) are answered from
    hsts: bool = False  # only with a certificate that browsers trust: they would not let anybody past another one


@dataclass(frozen=True)
class Site:
    """What the configuration is made of; the same for a laptop and for a server."""

    listen: tuple[str, ...]  # such as 127.0.0.1:8080
    upstream: str  # host:port, or unix:/path
    media_root: Path
    runtime: Path  # pid, cache and temporary files: a local disk
    logs: Path
    upload_max_bytes: int
    user: str | None = None  # whom the workers are, where the master is root
    workers: int | str = "auto"
    tls: Tls | None = None
    # What is still open so long after a graceful stop or a change of configuration is closed.
    shutdown: str = "1s"
    upload_paths: tuple[str, ...] = UPLOAD_PATHS
    piece_paths: tuple[str, ...] = PIECE_PATHS
    shared_paths: tuple[str, ...] = SHARED_PATHS

    @property
    def upload_places(self) -> list[str]:
        """Return what nginx calls the places that take clips, whole or in pieces."""
        return [f"= {path}" for path in self.upload_paths] + [f"^~ {path}" for path in self.piece_paths]


def render(site: Site) -> str:
    """Return the configuration. Raises CannotStart for a path that nginx has no way to write down."""
    environment = Environment(
        loader=PackageLoader("anb.stack", package_path=""),
        autoescape=False,  # noqa: S701 - a configuration, not a page; `quoted` guards its strings
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"quoted": _quoted, "folder": _folder}
    return environment.get_template("nginx.conf.j2").render(
        site=site,
        problems=PROBLEMS,
        upload=too_many_bytes(site.upload_max_bytes),
        overhead=UPLOAD_OVERHEAD_BYTES,
    )


def write(path: Path, site: Site) -> None:
    """Write the configuration."""
    path.write_text(render(site), encoding="utf-8")


def command(configuration: Path, runtime: Path) -> list[str]:
    """Return nginx's command."""
    return [str(binaries.nginx()), "-e", "stderr", "-p", f"{runtime}/", "-c", str(configuration)]


def user() -> str | None:
    """Return whom the workers must be: as root they would become `nobody` and could not read our sockets."""
    return "root" if os.geteuid() == 0 else None


def _folder(path: Path) -> str:
    return f"{path}/"


def _quoted(text: object) -> str:
    """Write a string as nginx reads it. It has no way to escape `$`, and ours need no line ends."""
    plain = str(text)
    if "$" in plain or "\n" in plain:
        raise CannotStart(f"nginx cannot take a path with $ or a line end: {plain!r}. Choose another ANB_DATA_DIR")
    return json.dumps(plain, ensure_ascii=False)
