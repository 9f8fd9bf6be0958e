"""Settings become ports: the only place that names an adapter."""

from celery import Celery

from anb.adapters.celery_queue import PROCESS, CeleryQueue, celery_app
from anb.adapters.clock import SystemClock
from anb.adapters.credentials import Argon2Passwords, SignedTokens
from anb.adapters.disk import SharedDisk
from anb.adapters.ffmpeg import FfmpegEncoder
from anb.adapters.libav import LibavProber
from anb.ports import Ports
from anb.settings import Settings

__all__ = ["PROCESS", "build_celery", "build_ports"]


def build_celery(settings: Settings) -> Celery:
    """Make the Celery application of this process."""
    return celery_app(settings)


def build_ports(settings: Settings, celery: Celery | None = None) -> Ports:
    """Choose who fulfils each port."""
    clock = SystemClock()
    return Ports(
        media=SharedDisk(settings.media_root),
        queue=CeleryQueue(celery or celery_app(settings)),
        prober=LibavProber(settings.work_dir / "probes", settings.probes, settings.probe_seconds),
        encoder=FfmpegEncoder(stall=settings.job_stall_seconds),
        clock=clock,
        passwords=Argon2Passwords(),
        tokens=SignedTokens(settings.secret_key.get_secret_value(), settings.token_seconds, clock),
    )
