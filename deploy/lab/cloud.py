"""AWS as the lab's hosts see it: moto behind TLS on the real names, and the metadata that hands out credentials.

A process of its own in the gateway's namespace. One moto, three doors: TLS for the hosts, the metadata address, and a
plain one on loopback for the lab itself.
"""

import logging
import sys
import threading
from pathlib import Path

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from deploy.aws import rehearsal
from deploy.lab.addresses import CLOUD, METADATA

REGION = "us-east-1"
ENDPOINT = "http://127.0.0.1:5000"
# Every name under which a host asks AWS for something; a wildcard stands for one label alone.
NAMES = (f"*.s3.{REGION}.amazonaws.com", "*.s3.amazonaws.com", f"*.{REGION}.amazonaws.com", "*.amazonaws.com")


def serve(certificate: Path, key: Path) -> None:
    """Answer until ended."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    moto = DomainDispatcherApplication(create_backend_app)
    doors = (
        (str(CLOUD), 443, (str(certificate), str(key))),
        (str(METADATA), 80, None),
        ("127.0.0.1", int(ENDPOINT.rpartition(":")[2]), None),
    )
    servers = [
        make_server(address, port, moto, threaded=True, request_handler=MotoRequestHandler, ssl_context=tls)
        for address, port, tls in doors
    ]
    rehearsal.teach(ENDPOINT)
    threads = [threading.Thread(target=server.serve_forever) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), Path(sys.argv[2]))
