"""The engines' configuration, as text: pure functions of what goes in."""

from dataclasses import replace
from pathlib import Path

import pytest

from anb.settings import UPLOAD_OVERHEAD_BYTES, Limits
from anb.stack import nginx_problems
from anb.stack.errors import CannotStart
from anb.stack.nginx import PIECE_PATHS, UPLOAD_PATHS, Site, Tls, render
from anb.stack.postgres import Postgres
from anb.stack.valkey import Valkey, client
from anb.videos.domain import NoRoom, TooManyBytes
from anb.web.problems import NoSuchMethod, NotHere, ServiceUnavailable

SITE = Site(
    listen=("127.0.0.1:8080",),
    upstream="unix:/a folder/web.sock",
    media_root=Path("/a folder/media"),
    runtime=Path("/a folder/nginx"),
    logs=Path("/a folder/logs"),
    upload_max_bytes=Limits().upload_max_bytes,
)


class TestNginx:
    def test_the_upload_takes_a_file_of_the_limit_and_its_framing(self) -> None:
        limit = f"client_max_body_size {104_857_600 + UPLOAD_OVERHEAD_BYTES};"
        assert render(SITE).count(limit) == len(UPLOAD_PATHS) + len(PIECE_PATHS)

    def test_a_server_gets_its_own_addresses_from_the_same_template(self) -> None:
        server = replace(SITE, listen=("80", "[::]:80"), upstream="127.0.0.1:8000", user="www-data", workers="auto")
        text = render(server)
        for line in ('listen "80" default_server;', 'listen "[::]:80";', 'server "127.0.0.1:8000"', "user www-data;"):
            assert line in text
        assert "user " not in render(SITE)

    @pytest.mark.parametrize("name", ["a$b", "a\nb"])
    def test_a_path_it_cannot_write_is_refused(self, name: str) -> None:
        with pytest.raises(CannotStart, match="nginx cannot take"):
            render(replace(SITE, media_root=Path("/tmp", name)))  # noqa: S108

    def test_quotes_in_a_path_stay_inside_the_string(self) -> None:
        assert r'alias "/a\"b/";' in render(replace(SITE, media_root=Path('/a"b')))


class TestNginxTls:
    TLS = Tls(Path("/tls/certificate.pem"), Path("/tls/key.pem"), challenges=Path("/var/lib/acme"))
    SERVER = replace(SITE, listen=("443",), tls=TLS, shutdown="3600s")

    def test_what_it_listens_on_speaks_tls_and_http_2(self) -> None:
        lines = [line.strip() for line in render(self.SERVER).splitlines()]
        assert 'listen "443" ssl default_server;' in lines
        assert "http2 on;" in lines
        assert "ssl_protocols TLSv1.2 TLSv1.3;" in lines
        assert 'ssl_certificate_key "/tls/key.pem";' in lines

    def test_plain_http_answers_the_authority_and_points_to_https_with_the_method_kept(self) -> None:
        plain = render(self.SERVER).partition('listen "80" default_server;')[2].partition("    server {")[0]
        assert "return 308 https://$host$request_uri;" in plain
        assert 'root "/var/lib/acme";' in plain
        assert "proxy_pass" not in plain

    def test_browsers_are_told_to_insist_only_where_asked_and_then_with_every_answer(self) -> None:
        assert "Strict-Transport-Security" not in render(self.SERVER)
        text = render(replace(self.SERVER, tls=replace(self.TLS, hsts=True)))
        server = text.partition('listen "443"')[2]
        # A location with headers of its own inherits none.
        for location in server.split("        location ")[1:]:
            assert ("add_header" in location) == ("Strict-Transport-Security" in location), location
        assert "Strict-Transport-Security" in server.split("        location ")[0]

    def test_an_upload_under_way_outlives_a_change_of_configuration(self) -> None:
        assert "worker_shutdown_timeout 3600s;" in render(self.SERVER)
        assert "worker_shutdown_timeout 1s;" in render(SITE)

    def test_a_laptop_has_none_of_it(self) -> None:
        for word in ("ssl", "http2 on", "308", "Strict-Transport-Security"):
            assert word not in render(SITE)


class TestNginxProblems:
    def test_they_are_the_words_of_the_application(self) -> None:
        known = {(problem.status, problem.code): problem for problem in nginx_problems.PROBLEMS}
        for refusal in (NotHere, NoSuchMethod, ServiceUnavailable, NoRoom):
            problem = known[refusal.status, refusal.code]
            assert (problem.es, problem.en) == (refusal.es, refusal.en)
        upload, ours = nginx_problems.too_many_bytes(Limits().upload_max_bytes), TooManyBytes(limit=100)
        assert (upload.status, upload.code) == (ours.status, ours.code)
        assert (upload.es, upload.en) == (ours.text("es"), ours.text("en"))

    def test_every_refusal_of_the_contract_has_one(self) -> None:
        replaced = [status for problem in nginx_problems.PROBLEMS for status in problem.replaces]
        assert {400, 404, 405, 408, 413, 414, 494, 502, 503, 504, 507} <= set(replaced)
        assert len(replaced) == len(set(replaced))


class TestPostgres:
    def test_it_listens_on_no_network_and_keeps_what_it_confirmed(self, tmp_path: Path) -> None:
        command = Postgres(tmp_path, tmp_path / "a, b", "super", "app").command()
        for option in ("listen_addresses=", "fsync=on", "unix_socket_permissions=0700", "wal_level=minimal"):
            assert option in command
        assert f'unix_socket_directories="{tmp_path / "a, b"}"' in command


class TestValkey:
    def test_it_is_durable_private_and_never_forgets_a_message(self, tmp_path: Path) -> None:
        text = Valkey(tmp_path, tmp_path / "v.sock", "pw").configuration().splitlines()
        for line in ("port 0", "appendonly yes", "appendfsync everysec", "maxmemory-policy noeviction"):
            assert line in text
        assert "requirepass pw" in text

    def test_its_address_means_the_same_to_redis_py(self) -> None:
        valkey = Valkey(Path("/a b"), Path("/a b/v?.sock"), "p@ss/word")
        known = client(valkey.url()).connection_pool.connection_kwargs
        assert (known["path"], known["password"], known["db"]) == ("/a b/v?.sock", "p@ss/word", 0)
        assert client("redis://:pw@queue:6380/2").connection_pool.connection_kwargs["port"] == 6380
