"""Settings become ports: the only place that names an adapter."""

from celery import Celery

from anb.adapters.celery_queue import PROCESS, CeleryQueue, celery_app
from anb.adapters.clock import SystemClock
from anb.adapters.credentials import Argon2Passwords, SignedTokens
from anb.adapters.disk import SharedDisk
from anb.adapters.ffmpeg import FfmpegEncoder
from anb.adapters.inventory import SharedInventory
from anb.adapters.libav import LibavProber
from anb.adapters.pieces import SharedPieces
from anb.adapters.sandbox import Layer, Sandbox
from anb.ports import Ports
from anb.settings import SandboxMode, Settings

__all__ = ["PROCESS", "build_celery", "build_ports", "check", "sandbox_layers"]


def build_celery(settings: Settings) -> Celery:
    """Make the Celery application of this process."""
    return celery_app(settings)


def build_ports(settings: Settings, celery: Celery | None = None) -> Ports:
    """Choose who fulfils each port."""
    clock, sandbox, root = SystemClock(), Sandbox(settings.sandbox), settings.media_root
    return Ports(
        media=SharedDisk(root),
        pieces=SharedPieces(root),
        inventory=SharedInventory(root),
        queue=CeleryQueue(celery or celery_app(settings)),
        prober=LibavProber(settings.work_dir / "probes", settings.probes, settings.probe_seconds, sandbox),
        encoder=FfmpegEncoder(settings.job_stall_seconds, sandbox=sandbox),
        clock=clock,
        passwords=Argon2Passwords(),
        tokens=SignedTokens(settings.secret_key.get_secret_value(), settings.token_seconds, clock),
    )


def check(settings: Settings) -> None:
    """Refuse to start where the settings ask for more than this machine has. Raises NoSandbox."""
    if settings.sandbox == "require":
        sandbox_layers(settings.sandbox)


def sandbox_layers(mode: SandboxMode) -> list[Layer]:
    """Say which layers around probes and edits hold on this machine. Raises NoSandbox where `mode` asks for more."""
    return Sandbox(mode).layers()
