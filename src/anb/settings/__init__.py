"""Every setting of every part, in frozen classes; each is read from the environment variable ANB_<NAME>."""

from anb.settings.loading import WrongSetting, env_file, load, load_for_counting, load_for_web, of_here, read_env_file
from anb.settings.process import RedisUrl, SandboxMode, Settings
from anb.settings.stack import StackSettings
from anb.settings.video import MIB, UPLOAD_OVERHEAD_BYTES, Limits

__all__ = [
    "MIB",
    "UPLOAD_OVERHEAD_BYTES",
    "Limits",
    "RedisUrl",
    "SandboxMode",
    "Settings",
    "StackSettings",
    "WrongSetting",
    "env_file",
    "load",
    "load_for_counting",
    "load_for_web",
    "of_here",
    "read_env_file",
]
