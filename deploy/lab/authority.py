"""The lab's own certificate authority: the hosts trust it, so that TLS to the cloud's names is real."""

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
        """The authority's own certificate, for trust stores."""
        return self.folder / "authority.crt"

    @property
    def served(self) -> tuple[Path, Path]:
        """The certificate and key that the cloud's services answer with."""
        return self.folder / "cloud.crt", self.folder / "cloud.key"


def found(folder: Path, names: tuple[str, ...]) -> Authority:
    """Return the authority of a folder, made now if there is none; it certifies the services anew, by these names."""
    authority = Authority(folder)
    folder.mkdir(parents=True, exist_ok=True)
    key = folder / "authority.key"
    if not authority.certificate.exists():
        _found(key, authority.certificate)
    _certify(authority, key, names)
    return authority


def _found(key: Path, certificate: Path) -> None:
    _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", DAYS,
             "-subj", "/CN=ANB lab", "-addext", "basicConstraints=critical,CA:TRUE",
             "-addext", "keyUsage=critical,keyCertSign", "-keyout", key, "-out", certificate)  # fmt: skip


def _certify(authority: Authority, key: Path, names: tuple[str, ...]) -> None:
    folder = authority.folder
    certificate, served_key = authority.served
    extensions = folder / "cloud.ext"
    extensions.write_text(f"subjectAltName={','.join(f'DNS:{name}' for name in names)}\n", encoding="ascii")
    request = folder / "cloud.csr"
    _openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-subj", "/CN=cloud of the lab", "-keyout", served_key, "-out", request)  # fmt: skip
    _openssl("x509", "-req", "-in", request, "-CA", authority.certificate, "-CAkey", key, "-CAcreateserial",
             "-days", DAYS, "-extfile", extensions, "-out", certificate)  # fmt: skip


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
