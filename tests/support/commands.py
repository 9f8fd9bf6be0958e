"""Runs commands of `anb` on a world's database."""

import logging
from collections.abc import Callable, Iterator
from functools import cache

import pytest
import structlog
from typer.main import get_command
from typer.testing import CliRunner, Result

from anb.cli import app
from support.worlds import World

Anb = Callable[..., Result]
_commands = cache(get_command)  # making the commands of `anb` takes longer than most of them do


def anb_on(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anb]:
    """Yield a function that runs `anb` with the world's settings; logging is as before afterwards."""
    known = world.settings
    monkeypatch.setenv("ANB_DATABASE_URL", str(known.database_url))
    monkeypatch.setenv("ANB_REDIS_URL", str(known.redis_url))
    monkeypatch.setenv("ANB_MEDIA_ROOT", str(known.media_root))
    monkeypatch.setenv("ANB_DATA_DIR", str(known.work_dir))
    monkeypatch.setenv("COLUMNS", "240")
    monkeypatch.setattr("typer.testing._get_command", _commands)
    logging_before, handlers = structlog.get_config(), logging.getLogger().handlers[:]
    yield lambda *words: CliRunner().invoke(app, [*map(str, words)])
    structlog.configure(**logging_before)  # a command logs to its standard error of that moment
    logging.getLogger().handlers[:] = handlers
