"""Domains and services run without a web server: a bare interpreter imports them all and loads no framework."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import anb

SOURCE = Path(anb.__file__).parent
WEB = ("fastapi", "starlette", "celery", "anb.web")
IMPORT_EACH = """
import importlib, sys
for module in {modules}:
    importlib.import_module(module)
    for name in {unwanted}:
        if name in sys.modules:
            print(module, "loads", name)
print("imported", len({modules}))
"""


def features(file: str) -> list[str]:
    return sorted(f"anb.{path.parent.name}.{path.stem}" for path in SOURCE.glob(f"*/{file}.py"))


def loaded(modules: list[str], unwanted: Iterable[str]) -> list[str]:
    program = IMPORT_EACH.format(modules=modules, unwanted=tuple(unwanted))
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    *findings, end = said.splitlines()
    assert end == f"imported {len(modules)}"
    return findings


def test_no_service_loads_a_web_framework() -> None:
    services = features("service")
    assert {"anb.videos.service", "anb.jobs.service", "anb.resumable.service"} <= set(services)
    assert loaded(services, WEB) == []


def test_no_domain_loads_a_framework_or_the_database() -> None:
    domains = features("domain")
    assert {"anb.videos.domain", "anb.jobs.domain", "anb.resumable.domain"} <= set(domains)
    assert loaded(domains, (*WEB, "sqlalchemy", "anb.db")) == []


def test_a_web_process_loads_no_library_of_second_factors_before_somebody_uses_one() -> None:
    assert loaded(["anb.app", "anb.factors.service"], ("webauthn", "pyotp", "segno", "cbor2")) == []


def test_the_process_that_sends_mails_loads_nothing_that_it_does_not_need() -> None:
    """Its unit may take 128 MiB (deploy.hosts.definitions); these libraries would take 40 of them."""
    modules = ["anb.cli", "anb.mail.sender", "anb.mail_bootstrap"]
    assert loaded(modules, ("celery", "kombu", "redis", "alembic", "cryptography", "fastapi", "anb.bootstrap")) == []
