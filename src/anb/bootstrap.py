"""Build the ports from the settings: the only module that names an adapter, besides `mail_bootstrap`."""

from datetime import timedelta

from celery import Celery

from anb.adapters.celery_queue import PROCESS, CeleryQueue, celery_app
from anb.adapters.clock import SystemClock
from anb.adapters.credentials import Argon2Passwords, NoTokens, SignedTokens
from anb.adapters.media.encoder import FfmpegEncoder
from anb.adapters.media.photo_maker import LibavPhotos
from anb.adapters.media.prober import LibavProber
from anb.adapters.rate_counters import SharedCounters
from anb.adapters.sandbox.runner import Layer, Sandbox
from anb.adapters.secret_box import NoSecrets, SealedSecrets
from anb.adapters.storage.disk import SharedDisk
from anb.adapters.storage.inventory import SharedInventory
from anb.adapters.storage.partial import SharedPartialFiles
from anb.ports import Lifetimes, Ports, Prober, SecretBox, Tokens
from anb.ports.issuers import Issuers
from anb.settings import SandboxMode, Settings

__all__ = [
    "PROCESS",
    "build_celery",
    "build_issuers",
    "build_ports",
    "build_prober",
    "build_tokens",
    "check",
    "sandbox_layers",
]

PROBES = "probes"  # the folder of the slots that probes and photos share


def build_celery(settings: Settings) -> Celery:
    """Make the Celery application of this process."""
    return celery_app(settings)


def build_ports(settings: Settings, celery: Celery | None = None) -> Ports:
    """Choose the adapter of each port."""
    sandbox, root = Sandbox(settings.sandbox), settings.media_root
    return Ports(
        media=SharedDisk(root),
        partial_files=SharedPartialFiles(root),
        inventory=SharedInventory(root),
        queue=CeleryQueue(celery or celery_app(settings)),
        prober=build_prober(settings),
        encoder=FfmpegEncoder(settings.job_stall_seconds, sandbox=sandbox),
        photos=LibavPhotos(settings.work_dir / PROBES, settings.probes, settings.photo_seconds, sandbox),
        clock=SystemClock(),
        passwords=Argon2Passwords(settings),
        tokens=build_tokens(settings),
        rates=SharedCounters(str(settings.redis_url)),
        secrets=build_secrets(settings),
        lifetimes=_lifetimes(settings),
    )


def build_prober(settings: Settings) -> Prober:
    """Make the prober."""
    return LibavProber(settings.work_dir / PROBES, settings.probes, settings.probe_seconds, Sandbox(settings.sandbox))


def build_tokens(settings: Settings) -> Tokens:
    """Make the signer of tokens; the live streams need no other port."""
    key = settings.secret_key  # only processes that browsers talk to have one
    return SignedTokens(key.get_secret_value(), settings.token_seconds, SystemClock()) if key else NoTokens()


def build_secrets(settings: Settings) -> SecretBox:
    """Make what seals secrets in the database."""
    key = settings.secret_key
    return SealedSecrets(key.get_secret_value()) if key else NoSecrets()


def build_issuers(settings: Settings) -> Issuers | None:
    """Make the client of the issuers that people may sign in with, if there are any."""
    if not settings.oidc_issuers:
        return None
    from anb.adapters.openid.client import OpenIdIssuers  # noqa: PLC0415 - 7 MB of libraries that only it needs

    return OpenIdIssuers(settings.oidc_issuers, SystemClock())


def check(settings: Settings) -> None:
    """Refuse to start where the settings ask for more than this machine has. Raises NoSandbox."""
    if settings.sandbox == "require":
        sandbox_layers(settings.sandbox)


def sandbox_layers(mode: SandboxMode) -> list[Layer]:
    """Say which layers around probes and edits hold on this machine. Raises NoSandbox where `mode` asks for more."""
    return Sandbox(mode).layers()


def _lifetimes(settings: Settings) -> Lifetimes:
    """Return how long sessions live."""
    return Lifetimes(
        timedelta(seconds=settings.session_seconds),
        timedelta(seconds=settings.session_most_seconds),
        timedelta(seconds=settings.session_renewal_seconds),
        timedelta(seconds=settings.token_seconds),
        timedelta(seconds=settings.refresh_grace_seconds),
    )
