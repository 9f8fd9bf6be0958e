"""The lab's certificate authority. The hosts trust it, so TLS to the names of AWS is real."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

DAYS = "3650"


@dataclass(frozen=True)
class Authority:
    """A folder with the authority's certificate and the key of the cloud's services."""

    folder: Path

    @property
    def certificate(self) -> Path:
        """Return the authority's certificate, for trust stores."""
        return self.folder / "authority.crt"

    @property
    def served(self) -> tuple[Path, Path]:
        """Return certificate and key of the cloud's services."""
        return self.folder / "cloud.crt", self.folder / "cloud.key"


def found(folder: Path, names: tuple[str, ...]) -> Authority:
    """Return the authority of a folder, created if necessary. It issues a new certificate for the services' names."""
    authority = Authority(folder)
    folder.mkdir(parents=True, exist_ok=True)
    key = folder / "authority.key"
    if not authority.certificate.exists():
        _found(key, authority.certificate)
    _certify(authority, authority.served, names)
    return authority


def certified(authority: Authority, stem: str, name: str) -> tuple[str, str]:
    """Return a certificate of the authority for another server, and its key."""
    certificate, key = (path.read_text(encoding="ascii") for path in issued(authority, stem, name))
    return certificate, key


def issued(authority: Authority, stem: str, name: str) -> tuple[Path, Path]:
    """Return the files of a certificate for another server, and of its key."""
    pair = authority.folder / f"{stem}.crt", authority.folder / f"{stem}.key"
    _certify(authority, pair, (name,))
    return pair


def _found(key: Path, certificate: Path) -> None:
    _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", DAYS,
             "-subj", "/CN=ANB lab", "-addext", "basicConstraints=critical,CA:TRUE",
             "-addext", "keyUsage=critical,keyCertSign", "-keyout", key, "-out", certificate)  # fmt: skip


def _certify(authority: Authority, made: tuple[Path, Path], names: tuple[str, ...]) -> None:
    certificate, key = made
    extensions = certificate.with_suffix(".ext")
    extensions.write_text(f"subjectAltName={','.join(f'DNS:{name}' for name in names)}\n", encoding="ascii")
    request = certificate.with_suffix(".csr")
    _openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-subj", "/CN=server of the lab", "-keyout", key, "-out", request)  # fmt: skip
    _openssl("x509", "-req", "-in", request, "-CA", authority.certificate,
             "-CAkey", authority.folder / "authority.key", "-CAcreateserial",
             "-days", DAYS, "-extfile", extensions, "-out", certificate)  # fmt: skip


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
