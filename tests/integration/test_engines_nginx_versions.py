"""Each nginx on this machine accepts the configuration, with TLS and without."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from anb.engines import binaries, nginx
from anb.engines.nginx import NginxSite, Tls
from support.stack_upstream import PROGRAMS


def certificate(folder: Path) -> Tls:
    key, made = folder / "key.pem", folder / "certificate.pem"
    openssl = [shutil.which("openssl") or "openssl", "req", "-x509", "-newkey", "ec", "-nodes", "-subj", "/CN=a"]
    command = [*openssl, "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", str(key), "-out", str(made)]
    subprocess.run(command, check=True, capture_output=True)
    return Tls(made, key, plain=("127.0.0.1:18080",), hsts=True)


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
def test_it_takes_the_configuration(program: str, tls: bool, tmp_path: Path) -> None:
    version = binaries.version(Path(program), "-v")
    site = NginxSite(
        listen=("127.0.0.1:18081",),
        upstream=f"unix:{tmp_path}/web.sock",
        media_root=tmp_path,
        runtime=tmp_path,
        logs=tmp_path,
        upload_max_bytes=100,
        user=nginx.user(),
        version=tuple(map(int, version.split("."))),
    )
    nginx.write(tmp_path / "nginx.conf", replace(site, tls=certificate(tmp_path)) if tls else site)
    tested = subprocess.run(
        [program, "-t", "-e", "stderr", "-p", f"{tmp_path}/", "-c", str(tmp_path / "nginx.conf")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert tested.returncode == 0, f"{version}: {tested.stderr}"
    assert "[warn]" not in tested.stderr
