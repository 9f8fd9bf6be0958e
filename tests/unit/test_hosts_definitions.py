"""The definitions agree with each other and with the deployment document."""

from dataclasses import replace
from typing import get_args
from urllib.parse import parse_qs, urlsplit

import pytest
from deploy.hosts import authorities, database, share, valkey
from deploy.hosts.application import settings
from deploy.hosts.definitions import HOSTS, packages
from deploy.hosts.facts import ROLES
from deploy.hosts.services import environment_file, rendered

from anb.settings.factors import FactorSettings, GuardedRole
from support.hosts import FACTS, KEY, PASSWORD, QUEUE, secrets


class TestPorts:
    def test_they_are_the_documents(self) -> None:
        assert {role: HOSTS[role].ports for role in ROLES} == {
            "web": (80, 443), "worker": (), "file": (2049, 6379), "database": (5432,),
        }  # fmt: skip


class TestDatabase:
    def test_one_web_and_four_workers_fit_its_connections(self) -> None:
        assert database.connections(workers=4) <= database.MAX_CONNECTIONS - database.RESERVED

    def test_the_settings_have_the_pools_that_the_sum_counts(self) -> None:
        assert settings(FACTS["web"], secrets())["ANB_DATABASE_POOL"] == str(database.WEB_POOL)
        assert settings(FACTS["web"], secrets())["ANB_WEB_PROCESSES"] == str(database.WEB_PROCESSES)
        assert settings(FACTS["web"], secrets())["ANB_UPLOAD_POOL"] == str(database.UPLOAD_POOL)
        assert settings(FACTS["worker"], secrets())["ANB_DATABASE_POOL"] == str(database.WORKER_POOL)
        assert settings(FACTS["worker"], secrets())["ANB_WORKER_PROCESSES"] == str(database.WORKER_PROCESSES)

    def test_it_is_only_spoken_to_by_tls_and_shows_a_certificate_for_its_name(self) -> None:
        url = urlsplit(settings(FACTS["web"], secrets())["ANB_DATABASE_URL"])
        assert (url.hostname, url.port, url.path) == ("anb.example.internal", 5432, "/anb")
        assert parse_qs(url.query) == {"sslmode": ["verify-full"], "sslrootcert": [authorities.PLACE]}

    def test_processes_have_an_account_of_their_own_from_which_nobody_guesses_the_owners(self) -> None:
        accounts = {urlsplit(settings(FACTS[role], secrets())["ANB_DATABASE_URL"]) for role in ("web", "worker")}
        (account,) = {(url.username, url.password) for url in accounts}
        assert account == ("anb_app", secrets().application()["password"])
        assert PASSWORD not in str(account)
        assert len(account[1] or "") == 64

    def test_only_the_web_server_signs(self) -> None:
        assert settings(FACTS["web"], secrets())["ANB_SECRET_KEY"] == KEY
        assert "ANB_SECRET_KEY" not in settings(FACTS["worker"], secrets())

    def test_on_servers_every_role_needs_a_second_factor_unless_told_otherwise(self) -> None:
        named = settings(FACTS["web"], secrets())["ANB_SECOND_FACTOR_ROLES"]
        assert _needing(named) == set(get_args(GuardedRole))
        off = replace(FACTS["web"], settings={"ANB_SECOND_FACTOR_ROLES": ""})
        assert _needing(settings(off, secrets())["ANB_SECOND_FACTOR_ROLES"]) == set()


class TestShare:
    def test_one_version_one_port_and_root_is_nobody(self) -> None:
        text = rendered("nfs.conf")
        for line in (
            "vers2=n",
            "vers3=n",
            "vers4.0=n",
            "vers4.1=n",
            "vers4.2=y",
            "udp=n",
            "lease-time=15",
            "grace-time=15",
        ):
            assert line in text.splitlines()
        assert rendered("exports", share="/srv/anb").count("root_squash") == 3

    def test_the_mount_waits_and_nothing_on_it_is_executed(self) -> None:
        text = rendered("srv-anb.mount", server="172.31.0.3", share="/srv/anb")
        for option in ("vers=4.2", "hard", "proto=tcp", "noatime", "nosuid", "nodev", "noexec"):
            assert option in text.partition("Options=")[2].splitlines()[0].split(",")
        assert f"/{share.MOUNT.removesuffix('.mount').replace('-', '/')}" == "/srv/anb"


class TestQueue:
    def test_tasks_last_and_are_never_evicted(self) -> None:
        lines = rendered("valkey.conf", bind="127.0.0.1 172.31.0.3", port=6379, data="/var/lib/valkey").splitlines()
        for line in ("appendonly yes", "appendfsync everysec", "maxmemory-policy noeviction", "protected-mode yes"):
            assert line in lines

    def test_the_platform_may_not_wipe_it_and_nobody_comes_without_a_password(self) -> None:
        text = rendered("valkey.acl", user="anb", user_hash=valkey._hash(QUEUE), operator_hash="0")
        assert "user default off ~* &* +@all" in text.splitlines()
        assert "-@dangerous" in text
        assert QUEUE not in text

    @pytest.mark.parametrize(("host", "bind"), [("172.31.0.3", "127.0.0.1 172.31.0.3"), ("file.internal", "0.0.0.0")])  # noqa: S104
    def test_it_listens_on_its_address(self, host: str, bind: str) -> None:
        assert valkey._bind(host) == bind


class TestPackages:
    def test_each_host_has_what_it_needs_and_no_more(self) -> None:
        assert "bubblewrap" in packages("web")
        assert "bubblewrap" in packages("worker")
        assert "nginx" not in packages("worker")
        assert not {"postgresql", "ffmpeg", "rpcbind"} & {name for role in ROLES for name in packages(role)}


class TestSettingsFile:
    def test_a_value_that_would_end_the_line_is_refused(self) -> None:
        with pytest.raises(ValueError, match="ANB_X"):
            environment_file({"ANB_X": 'a"\nANB_Y=b'})


def _needing(setting: str) -> frozenset[str]:
    return frozenset(FactorSettings.model_validate({"second_factor_roles": setting}).second_factor_roles)
