"""Peers for comparison: the same nginx and the same server, doing the same work without the platform."""

from dataclasses import replace
from pathlib import Path

from anb.engines import nginx
from anb.local.plan import LIVE, answers
from anb.local.supervisor.service_spec import ServiceSpec
from verify.bench.bench_platform import Rig
from verify.kit.ports import free_port

STORE = """\
{user}
daemon off;
worker_processes 2;
pid "{folder}/nginx.pid";
error_log stderr warn;
events {{ worker_connections 2048; multi_accept on; }}
http {{
    access_log off;
    sendfile on;
    sendfile_max_chunk 1m;
    aio threads;
    tcp_nopush on;
    client_body_temp_path "{folder}/bodies";
    proxy_temp_path "{folder}/unused";
    fastcgi_temp_path "{folder}/unused";
    uwsgi_temp_path "{folder}/unused";
    scgi_temp_path "{folder}/unused";
    server {{
        listen 127.0.0.1:{port};
        location = /ready {{ return 204; }}
        location = /store {{
            client_max_body_size 200m;
            client_body_in_file_only on;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_set_header X-Stored $request_body_file;
            proxy_pass http://127.0.0.1:{port}/stored;
        }}
        location = /stored {{ return 200 '{{"stored": "$http_x_stored"}}'; }}
        location /files/ {{ alias "{files}/"; }}
    }}
}}
"""


def plain_nginx(rig: Rig) -> int:
    """Start an nginx that stores request bodies as files and sends the share's files. Return its port."""
    folder, port = rig.folder / "plain", free_port()
    folder.mkdir()
    user = f"user {nginx.user()};" if nginx.user() else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(STORE.format(user=user, folder=folder, port=port, files=rig.plan.media_root))
    _add_nginx(rig, "plain", configuration, port, "/ready")
    return port


def door(
    rig: Rig,
    name: str,
    upstream: Path,
    ready: str = LIVE,
    *,
    streams: Path | None = None,
    shared_paths: tuple[str, ...] = (),
) -> int:
    """Start an nginx like the platform's for another application, without its shared lists. Return its port."""
    folder, port = rig.folder / f"door-{name}", free_port()
    folder.mkdir()
    site = replace(
        rig.plan._site(folder),  # noqa: SLF001 - the same site, without its cache
        listen=(f"127.0.0.1:{port}",),
        upstream=f"unix:{upstream}",
        shared_paths=shared_paths,
    )
    if streams is not None:
        site = replace(site, streams=f"unix:{streams}")
    configuration = folder / "nginx.conf"
    nginx.write(configuration, site)
    _add_nginx(rig, f"door-{name}", configuration, port, ready)
    return port


def _add_nginx(rig: Rig, name: str, configuration: Path, port: int, ready: str) -> None:
    folder = configuration.parent
    url = f"http://127.0.0.1:{port}{ready}"
    rig.add(ServiceSpec(name, name, nginx.command(configuration, folder), folder, ready=lambda: answers(url)))
