"""AWS as the lab's hosts see it: moto behind TLS with the real names, and the metadata with credentials.

A process in the gateway's namespace. One moto with three endpoints: TLS for the hosts, the metadata address, and plain
HTTP on loopback for the lab itself.
"""

import logging
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from deploy.aws import moto_cloudformation
from deploy.hosts import authorities
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from verify.lab.addresses import CLOUD, METADATA

REGION = "us-east-1"
ENDPOINT = "http://127.0.0.1:5000"
# Every name of AWS that a host uses. A wildcard matches a single label.
NAMES = (
    *(f"*.s3.{REGION}.amazonaws.com", "*.s3.amazonaws.com", f"*.{REGION}.amazonaws.com", "*.amazonaws.com"),
    authorities.SERVER,
)


def serve(certificate: Path, key: Path, authority: Path) -> None:
    """Serve until the process ends."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    moto = publishing(DomainDispatcherApplication(create_backend_app), authority.read_bytes())
    doors = (
        (str(CLOUD), 443, (str(certificate), str(key))),
        (str(METADATA), 80, None),
        ("127.0.0.1", int(ENDPOINT.rpartition(":")[2]), None),
    )
    servers = [
        make_server(address, port, moto, threaded=True, request_handler=MotoRequestHandler, ssl_context=tls)
        for address, port, tls in doors
    ]
    moto_cloudformation.teach(ENDPOINT)
    threads = [threading.Thread(target=server.serve_forever) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def publishing(moto: WSGIApplication, authority: bytes) -> WSGIApplication:
    """Wrap moto, and serve the one address that is not a service of AWS: the published authorities of RDS."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("HTTP_HOST", "").partition(":")[0] != authorities.SERVER:
            return moto(environ, start_response)
        start_response("200 OK", [("Content-Type", "application/x-pem-file"), ("Content-Length", str(len(authority)))])
        return [authority]

    return answer


if __name__ == "__main__":
    serve(*(Path(word) for word in sys.argv[1:]))
