"""nginx in front of the web application: its configuration, and nginx as a child process."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from anb.engines import nginx_pages, nginx_program
from anb.engines.errors import CannotStart
from anb.engines.nginx_limits import RETRY_AFTER, NginxLimits, limits
from anb.engines.nginx_problems import PROBLEMS, texts, too_many_bytes
from anb.sentences import LANGUAGE_COOKIE, Language, Sentence, catalogues
from anb.settings import MIB, UPLOAD_OVERHEAD_BYTES
from anb.settings.rates import RateNetworks, networks

HTTP2_DIRECTIVE = (1, 25, 1)
# The paths that take a whole clip; every other body is limited to 64 kB.
UPLOAD_PATHS = ("/api/videos/upload", "/upload")
# The paths that take chunks; a chunk may be the whole clip.
CHUNK_PATHS = ("/api/uploads",)
# The paths that take a photo of a person; the application's own limit, whose refusal names it, is lower.
PHOTO_PATHS = ("/api/me/photo", "/account/profile/photo")
PHOTO_BYTES = 32 * MIB
# Encodings that a Debian module may add to gzip, which every nginx has.
CODINGS = ("zstd", "brotli")
# Lists whose answers are the same for every client.
SHARED_PATHS = ("/api/public/videos", "/api/public/rankings")
# Parts of pages that are the same for everyone of a language; pages load them again when counts change.
FRAGMENTS = "/fragments/"
LOG = "/api/public/log/"

# The first 48 bits of an IPv6 address as nginx writes it, with `::` for the longest run of zeros.
BLOCK6 = "[0-9a-f]+:(?::|[0-9a-f]+:(?::|[0-9a-f]+:))"

# Live streams: the zone that counts each, and its path; `^…$` of it is a regular expression.
STREAM_PATHS = {"job_streams": "/api/jobs/[^/]+/events", "list_streams": "/api/public/events"}
# A school behind one address has hundreds of people who follow their clips, and hundreds who watch the ranking.
STREAMS_BY_ADDRESS = 500  # of each kind


@dataclass(frozen=True)
class Tls:
    """TLS for a site: its `listen` addresses then speak TLS, and plain HTTP only redirects there."""

    certificate: Path
    key: Path
    plain: tuple[str, ...] = ("80",)  # where plain HTTP is redirected
    challenges: Path | None = None  # where the answers to the authority's challenges (ACME) are kept
    hsts: bool = False  # only with a trusted certificate: with HSTS, browsers let no one pass a bad one
    subdomains: bool = True  # whether HSTS holds for subdomains too


@dataclass(frozen=True)
class NginxSite:
    """The values that the configuration is rendered from, the same for a laptop and a server."""

    listen: tuple[str, ...]  # such as 127.0.0.1:8080
    upstream: str  # host:port, or unix:/path
    media_root: Path
    runtime: Path  # pid, cache and temporary files: a local disk
    logs: Path
    upload_max_bytes: int
    user: str | None = None  # the user of the workers, where the master is root
    workers: int | str = "auto"
    uploads: str | None = None  # host:port or unix:/path of the process that takes uploads; else the web application
    streams: str | None = None  # host:port or unix:/path of the live streams; without it there are none
    streams_by_address: int = STREAMS_BY_ADDRESS
    tls: Tls | None = None
    # Connections that are still open this long after a graceful stop or a reload are closed.
    shutdown: str = "1s"
    upload_paths: tuple[str, ...] = UPLOAD_PATHS
    chunk_paths: tuple[str, ...] = CHUNK_PATHS
    photo_paths: tuple[str, ...] = PHOTO_PATHS
    shared_paths: tuple[str, ...] = SHARED_PATHS
    # Limits of simultaneous upload requests: from one address (except this machine), and in total.
    uploads_of_address: int = 200  # a school
    uploads_of_all: int = 600  # well below the application's own limit
    requests: int = RateNetworks().rate_requests  # per second, of one address block
    exempt_networks: tuple[str, ...] = tuple(networks(RateNetworks().rate_exempt_networks))
    version: tuple[int, ...] = (1, 26)  # of the nginx that reads it; Debian 13's, which our servers run
    modules: tuple[Path, ...] = ()  # compression modules to load: see `compression_modules`
    origins: tuple[str, ...] = ()  # other sites whose pages may read our refusals

    @property
    def has_http2_directive(self) -> bool:
        """Say whether HTTP/2 is a directive of its own; in older versions it is a parameter of `listen`."""
        return self.version >= HTTP2_DIRECTIVE

    @property
    def limits(self) -> NginxLimits:
        """Return the limits that nginx enforces."""
        return limits(self.requests, self.uploads_of_address, self.uploads_of_all, self.streams_by_address)

    @property
    def upload_places(self) -> list[tuple[str, str, int]]:
        """Return nginx's location for each upload path, the upstream that serves it, and the most bytes of a file."""
        clips = self.upload_max_bytes
        return [
            *((f"= {path}", "$receiver", clips) for path in self.upload_paths),
            *((f"^~ {path}", "uploads", clips) for path in self.chunk_paths),
            *((f"= {path}", "$receiver", PHOTO_BYTES) for path in self.photo_paths),
        ]

    @property
    def shared_places(self) -> list[str]:
        """Return nginx's locations whose answers are cached for all clients."""
        return [*(f"= {path}" for path in self.shared_paths), f"^~ {FRAGMENTS}", f"^~ {LOG}"]

    @property
    def codings(self) -> list[str]:
        """Return nginx's names of the compressions it can use, the preferred one last."""
        return ["gzip", *(name for name in CODINGS if any(f"_{name}_filter" in path.name for path in self.modules))]

    def switched(self, state: str) -> str:
        """Return the directives that switch compression on or off."""
        return " ".join(f"{name} {state};" for name in self.codings)


def render(site: NginxSite) -> str:
    """Return the configuration. Raises CannotStart for a path that nginx's syntax cannot hold."""
    environment = Environment(
        loader=PackageLoader("anb.engines", package_path=""),
        autoescape=False,  # noqa: S701 - a configuration, not a page; `quoted` guards its strings
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,  # a part ends where its last line does
    )
    environment.filters |= {"quoted": _quoted, "folder": _folder}
    return environment.get_template("nginx.conf.j2").render(
        site=site,
        problems=PROBLEMS,
        upload=too_many_bytes(site.upload_max_bytes),
        overhead=UPLOAD_OVERHEAD_BYTES,
        block6=BLOCK6,
        stream_paths=STREAM_PATHS,
        retry_after=RETRY_AFTER,
        page_of=nginx_pages.page,
        page_style=nginx_pages.STYLE_SOURCE,
        languages=list(catalogues()),
        language_cookie=LANGUAGE_COOKIE,
        words=_words(site),
    )


def _words(site: NginxSite) -> dict[str, dict[Language, str]]:
    """Return what nginx says, by the variable that holds it: a text in each language, the default one first."""
    upload = too_many_bytes(site.upload_max_bytes)
    sentences = {f"detail_{problem.name}": problem.sentence for problem in (*PROBLEMS, upload)}
    sentences |= {f"page_{name}": sentence for name, sentence in nginx_pages.WORDS.items()}
    sentences["announced"] = Sentence("amount.bytes", {"bytes": "$content_length"})
    sentences["unannounced"] = Sentence("amount.more_megabytes", {"megabytes": upload.fields["limit"]})
    return {name: texts(sentence) for name, sentence in sentences.items()}


def compression_modules(folder: Path | None) -> tuple[Path, ...]:
    """Return the compression modules in nginx's modules folder, such as /usr/lib/nginx/modules."""
    if folder is None:
        return ()
    return tuple(path for name in CODINGS if (path := folder / f"ngx_http_{name}_filter_module.so").is_file())


def write(path: Path, site: NginxSite) -> None:
    """Write the configuration."""
    path.write_text(render(site), encoding="utf-8")


def command(configuration: Path, runtime: Path) -> list[str]:
    """Return nginx's command."""
    return [str(nginx_program.choose().program), "-e", "stderr", "-p", f"{runtime}/", "-c", str(configuration)]


def user() -> str | None:
    """Return the workers' user: without it, root's workers become `nobody`, who cannot reach our sockets."""
    return "root" if os.geteuid() == 0 else None


def _folder(path: Path) -> str:
    return f"{path}/"


def _quoted(text: object) -> str:
    """Quote a string for nginx. Its syntax cannot escape `$`, and our strings need no line ends."""
    plain = str(text)
    if "$" in plain or "\n" in plain:
        raise CannotStart(f"nginx cannot take a path with $ or a line end: {plain!r}. Choose another ANB_DATA_DIR")
    return json.dumps(plain, ensure_ascii=False)
