"""What a program needs in order to run: itself, its libraries and, for ours, Python's. It asks and does not guess."""

import compileall
import os
import subprocess
import sys
import sysconfig
from functools import cache
from importlib.util import cache_from_source, find_spec
from pathlib import Path

from anb.errors import Outage

ASKED_SECONDS = 30
SILENT = 2  # of compileall: bytecode that it cannot write is compiled in each run instead
# Where a system keeps its libraries; used whole, where its loader does not say which of them a program needs.
LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
# List the files of all loaded libraries, by the names they were found under.
TELL = """
import ctypes, sys
import {imports}
kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_void_p * 2), ctypes.c_size_t, ctypes.c_void_p)
def tell(library, _size, _data):
    name = library.contents[1]
    print(ctypes.string_at(name).decode() if name else "")
    return 0
ctypes.CDLL(None).dl_iterate_phdr(kind(tell), None)
"""
# An isolated Python: no user folder, no site-packages, no bytecode written next to the sources.
PYTHON = ("-P", "-s", "-S", "-B")


@cache
def of_program(program: Path) -> frozenset[Path]:
    """Return what a program needs, by asking the system's loader. Raises Outage when it does not run."""
    told = _ask([str(program), "-version"], {"LD_TRACE_LOADED_OBJECTS": "1"})
    libraries = {Path(word) for word in told.split() if word.startswith("/") and Path(word).is_file()}
    if not any(path.name.startswith("ld-") for path in libraries):
        libraries = {Path(folder) for folder in LIBRARIES if Path(folder).is_dir()}
    return frozenset({program, *libraries})


@cache
def of_python(*imports: str) -> frozenset[Path]:
    """Return what our Python needs to import these packages. Raises Outage when it cannot."""
    told = _ask([python(), *PYTHON, "-c", TELL.format(imports=", ".join(("sys", *imports)))], path_of(*imports))
    folders = {Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")}
    for name in imports:
        folders |= set(_folders(name))
        compileall.compile_dir(_folders(name)[0], quiet=SILENT)  # see `bytecode`
    libraries = {Path(line) for line in told.splitlines() if Path(line).is_absolute()}
    outside = {path for path in libraries if not any(path.is_relative_to(folder) for folder in folders)}
    return frozenset({Path(python()), *folders, *outside})


@cache
def bytecode(modules: frozenset[Path]) -> frozenset[Path]:
    """Return the bytecode of these modules; compile it where it is missing and the folder is writable.

    Inside the sandbox nothing can be written: without it Python would compile every module in each program that starts.
    """
    for module in modules:
        compileall.compile_file(module, quiet=SILENT)
    made = (Path(cache_from_source(str(module))) for module in modules)
    return frozenset(path for path in made if path.is_file())


def python() -> str:
    """Return the interpreter itself, not a virtual environment's link to it."""
    return os.path.realpath(sys.executable)


def path_of(*imports: str) -> dict[str, str]:
    """Return the environment in which the interpreter finds only these packages."""
    places = {str(folder.parent): None for name in imports for folder in _folders(name)[:1]}
    return {"PYTHONPATH": os.pathsep.join(places)}


def _folders(package: str) -> list[Path]:
    """Return a package's folder, and the folder of libraries that its wheel brings."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise Outage(f"the package {package} is not installed")
    folder = Path(spec.submodule_search_locations[0])
    libraries = folder.with_name(f"{folder.name}.libs")
    return [folder, libraries] if libraries.is_dir() else [folder]


def _ask(command: list[str], environment: dict[str, str]) -> str:
    try:
        asked = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=ASKED_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Outage(f"{command[0]} cannot be started: {error}") from error
    return asked.stdout
