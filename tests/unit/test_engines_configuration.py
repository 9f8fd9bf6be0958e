"""The engines' configuration, as text: pure functions of their arguments."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from anb.engines import nginx_pages, nginx_problems, nginx_program
from anb.engines.errors import CannotStart
from anb.engines.nginx import (
    CHUNK_PATHS,
    PHOTO_PATHS,
    STREAM_PATHS,
    UPLOAD_PATHS,
    NginxSite,
    Tls,
    compression_modules,
    render,
)
from anb.engines.postgres import Postgres
from anb.engines.valkey import Valkey, client
from anb.local.data_folder import DataFolder, LocalSecrets
from anb.local.plan import StackPlan
from anb.settings import UPLOAD_OVERHEAD_BYTES, Limits, StackSettings
from anb.videos.domain import NoRoom, TooManyBytes
from anb.web.problems import NotHere, ServiceUnavailable

SITE = NginxSite(
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
        assert render(SITE).count(limit) == len(UPLOAD_PATHS) + len(CHUNK_PATHS)

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

    def test_each_of_its_processes_has_connections_for_a_crowd_of_slow_uploads(self) -> None:
        """A request takes two: to its client, and to its process. At 2,048, a thousand requests took them all."""
        (most,) = re.findall(r"worker_connections (\d+);", render(SITE))
        assert int(most) >= 16384

    def test_where_clips_are_uploaded_one_address_and_all_together_have_their_most(self) -> None:
        text = render(replace(SITE, uploads_of_address=17, uploads_of_all=71))
        places = len(UPLOAD_PATHS) + len(CHUNK_PATHS) + len(PHOTO_PATHS)
        assert text.count("limit_conn uploads_of_address 17;") == text.count("limit_conn uploads_of_all 71;") == places


class TestNginxTls:
    TLS = Tls(Path("/tls/certificate.pem"), Path("/tls/key.pem"), challenges=Path("/var/lib/acme"))
    SERVER = replace(SITE, listen=("443",), tls=TLS, shutdown="3600s")

    def test_what_it_listens_on_speaks_tls_and_http_2(self) -> None:
        lines = [line.strip() for line in render(self.SERVER).splitlines()]
        assert 'listen "443" ssl default_server;' in lines
        assert "http2 on;" in lines
        assert "ssl_protocols TLSv1.2 TLSv1.3;" in lines
        assert 'ssl_certificate_key "/tls/key.pem";' in lines

    @pytest.mark.parametrize("version", [(1, 22, 1), (1, 25, 0)])
    def test_an_older_nginx_is_told_of_http_2_where_it_listens(self, version: tuple[int, ...]) -> None:
        lines = [line.strip() for line in render(replace(self.SERVER, version=version)).splitlines()]
        assert 'listen "443" ssl http2 default_server;' in lines
        assert "http2 on;" not in lines
        assert 'listen "443" ssl default_server;' in [line.strip() for line in render(self.SERVER).splitlines()]
        assert "http2;" not in render(replace(SITE, version=version))

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

    def test_names_below_the_sites_are_meant_too_unless_somebody_says_no(self) -> None:
        insisting = replace(self.TLS, hsts=True)
        header = 'Strict-Transport-Security "max-age=31536000; includeSubDomains" always;'
        assert header in render(replace(self.SERVER, tls=insisting))
        text = render(replace(self.SERVER, tls=replace(insisting, subdomains=False)))
        assert "includeSubDomains" not in text
        assert 'Strict-Transport-Security "max-age=31536000" always;' in text

    def test_an_upload_under_way_outlives_a_change_of_configuration(self) -> None:
        assert "worker_shutdown_timeout 3600s;" in render(self.SERVER)
        assert "worker_shutdown_timeout 1s;" in render(SITE)

    def test_a_laptop_has_none_of_it(self) -> None:
        for word in ("ssl", "http2 on", "308", "Strict-Transport-Security"):
            assert word not in render(SITE)


class TestNginxProblems:
    def test_they_are_the_words_of_the_application(self) -> None:
        known = {(problem.status, problem.code): problem for problem in nginx_problems.PROBLEMS}
        for refusal in (NotHere, ServiceUnavailable, NoRoom):
            problem = known[refusal.status, refusal.code]
            assert problem.sentence == refusal().sentence
        upload = nginx_problems.too_many_bytes(Limits().upload_max_bytes)
        ours = TooManyBytes(found="$upload_weight", limit=100)
        assert (upload.status, upload.code) == (ours.status, ours.code)
        assert upload.sentence == ours.sentence

    def test_every_refusal_of_the_contract_has_one(self) -> None:
        replaced = [status for problem in nginx_problems.PROBLEMS for status in problem.replaces]
        # What nginx itself answers; only features that we do not use would answer 401, 402, 406 and 409 to 411.
        assert {400, 403, 404, 405, 412, 413, 414, 416, 421, 429} <= set(replaced)
        assert {494, 495, 496, 497, 500, 501, 502, 503, 504, 505, 507} <= set(replaced)
        assert len(replaced) == len(set(replaced))


class TestNginxPages:
    def test_nginx_can_read_every_page(self) -> None:
        for problem in (*nginx_problems.PROBLEMS, nginx_problems.too_many_bytes(Limits().upload_max_bytes)):
            page = nginx_pages.page(problem)
            assert len(page.encode()) < 4096
            assert "'" not in page
            assert set(re.findall(r"\$\w+", page)) <= {
                f"$detail_{problem.name}", "$language", *(f"$page_{name}" for name in nginx_pages.WORDS)
            }  # fmt: skip

    def test_what_compresses_better_is_used_where_it_is(self, tmp_path: Path) -> None:
        assert "brotli" not in render(SITE)
        (tmp_path / "ngx_http_brotli_filter_module.so").touch()
        text = render(replace(SITE, modules=compression_modules(tmp_path)))
        assert f'load_module "{tmp_path}/ngx_http_brotli_filter_module.so";' in text
        assert text.count("brotli on;") == text.count("gzip on;") > 0
        assert text.count("brotli off;") == text.count("gzip off;") > 0
        assert "zstd" not in text


OF_ADDRESS = ["$upload_peer", *(f"$peer_of_{zone}" for zone in STREAM_PATHS)]


def counted_as(text: str, name: str, address: str, *, exempt: int = 0, method: str = "POST") -> str:
    """Return the key by which nginx's map counts a request: from the first regular expression that fits."""
    value = f"{exempt}{method} {address}" if name == "$upload_peer" else f"{exempt}{address}"
    (body,) = re.findall(rf'map (?:"[^"]*"|\S+) \{name} \{{(.*?)\n    \}}', text, re.DOTALL)
    rules = re.findall(r'^ *("[^"]*"|default) (\S+);$', body, re.MULTILINE)
    for key, said in rules:
        found = key.startswith('"~') and re.search(key[2:-1].replace("(?<", "(?P<"), value)
        if found:
            return str(found[said[1:]] if said.startswith("$") else said.strip('"'))
    return address


class TestWhoIsCounted:
    """Requests are counted by address block, uploads and streams by address; IPv6, where a home has many, by block."""

    TEXT = render(SITE)

    @pytest.mark.parametrize("name", ["$address_block", *OF_ADDRESS])
    @pytest.mark.parametrize(
        ("one", "other", "far"),
        [
            ("2001:db8:7:1:a:b:c:d", "2001:db8:7:2::9", "2001:db8:8:1:a:b:c:d"),
            ("2001:db8::1", "2001:db8::2", "2001:db9::1"),
            ("fd00::1", "fd00::2", "fd01::1"),
        ],
    )
    def test_a_block_of_ipv6_is_one(self, name: str, one: str, other: str, far: str) -> None:
        of = [counted_as(self.TEXT, name, address) for address in (one, other, far)]
        assert of[0] == of[1] != of[2]
        assert "" not in of

    def test_uploads_and_streams_are_counted_by_address_and_requests_by_block(self) -> None:
        addresses = ("192.0.2.7", "192.0.2.8")
        for name in OF_ADDRESS:
            assert tuple(counted_as(self.TEXT, name, one) for one in addresses) == addresses
        assert {counted_as(self.TEXT, "$address_block", one) for one in addresses} == {"192.0.2"}

    @pytest.mark.parametrize("name", ["$address_block", *OF_ADDRESS])
    @pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::1"])
    def test_what_an_operator_exempts_is_not_counted(self, name: str, address: str) -> None:
        assert counted_as(self.TEXT, name, address, exempt=1) == ""

    @pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
    def test_this_machine_is_no_peer_of_uploads(self, address: str) -> None:
        assert counted_as(self.TEXT, "$upload_peer", address) == ""

    def test_who_only_looks_is_not_counted_among_uploads(self) -> None:
        assert {counted_as(self.TEXT, "$upload_peer", "192.0.2.7", method=one) for one in ("GET", "HEAD")} == {""}


class TestLaptopsNginx:
    """`anb up` loads the modules of Debian's nginx; the wheel's nginx loads none."""

    @pytest.mark.parametrize(("patched", "loads"), [(True, True), (False, False)])
    def test_modules_are_those_of_the_nginx_that_runs(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, patched: bool, loads: bool
    ) -> None:
        (tmp_path / "ngx_http_brotli_filter_module.so").touch()
        monkeypatch.setattr(nginx_program, "MODULES", tmp_path)
        chosen = nginx_program.Nginx(Path("/usr/sbin/nginx"), "1.26.3", patched=patched)
        monkeypatch.setattr(nginx_program, "choose", lambda: chosen)
        secrets = LocalSecrets("super", "owner", "app", "valkey", "s" * 32, "l" * 32, "demo")
        plan = StackPlan(StackSettings(), DataFolder(tmp_path), secrets)
        assert ("load_module" in render(plan._site(tmp_path))) is loads


class TestPostgres:
    def test_it_listens_on_no_network_and_keeps_what_it_confirmed(self, tmp_path: Path) -> None:
        command = Postgres(tmp_path, tmp_path / "a, b", "super", "owner", "app").command()
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
