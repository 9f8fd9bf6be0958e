"""The lab's network: which arrows the bridge gets, and what each host learns about its place."""

import json
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from deploy.aws.reachability import Arrow
from verify.lab import kernel, names, rules, seed
from verify.lab.addresses import CLIENT, CLOUD, DATABASE, OUTSIDERS, Place
from verify.lab.kernel import LinuxKernel

WEB = Place("web", IPv4Address("172.31.1.10"), "web")
WORKER = Place("worker", IPv4Address("172.31.1.11"), "worker")
SECOND = Place("worker-2", IPv4Address("172.31.1.12"), "worker")
FILE = Place("file", IPv4Address("172.31.1.20"), "file")
HOSTS = [WEB, WORKER, SECOND, FILE, *OUTSIDERS]
NFS = Arrow("worker", "file", "tcp", 2049, 2049)
HTTPS = Arrow("client", "web", "tcp", 443, 443)


def lines(ways: list[Arrow], severed: tuple[str, ...] = ()) -> list[str]:
    return [line.strip() for line in rules.render(HOSTS, ways, severed).splitlines()]


class TestRules:
    def test_without_arrows_nothing_passes_but_questions_to_the_world(self) -> None:
        accepted = [line for line in lines([]) if line.endswith("accept")]
        assert "type filter hook forward priority 0; policy drop;" in lines([])
        assert all("gateway" in line or line == "ether type arp accept" for line in accepted)

    def test_an_arrow_lets_a_connection_begin_one_way_only(self) -> None:
        there = 'iifname "worker" oifname "file" ip saddr 172.31.1.11 ip daddr 172.31.1.20 tcp dport 2049 accept'
        back = (
            'iifname "file" oifname "worker" ip saddr 172.31.1.20 ip daddr 172.31.1.11 tcp sport 2049'
            " tcp flags & (syn | ack) != syn accept"
        )
        between = [line for line in lines([NFS]) if '"worker"' in line and '"file"' in line]
        assert sorted(between) == sorted([there, back])

    def test_an_arrow_of_a_group_is_one_of_each_host_in_it(self) -> None:
        assert sum("dport 2049" in line for line in lines([NFS])) == 2

    def test_an_outsider_comes_through_the_gate(self) -> None:
        (there,) = [line for line in lines([HTTPS]) if "dport 443" in line and str(CLIENT.address) in line]
        assert there.startswith('iifname "gateway" oifname "web" ip saddr 203.0.113.10 ip daddr 172.31.1.10')

    def test_an_arrow_to_nobody_here_is_no_rule(self) -> None:
        assert lines([Arrow("web", "rds", "tcp", 5432, 5432)]) == lines([])

    def test_who_is_severed_gets_and_sends_nothing_whatever_else_is_allowed(self) -> None:
        told = lines([NFS], severed=("worker",))
        first = told.index('iifname "worker" drop')
        assert told[first + 1] == 'oifname "worker" drop'
        assert first < min(number for number, line in enumerate(told) if line.endswith("accept"))

    def test_nobody_speaks_with_anothers_address(self) -> None:
        assert 'iifname "worker" ip saddr != 172.31.1.11 drop' in lines([NFS])

    @pytest.mark.parametrize(
        ("source", "target", "port", "open_"),
        [(WORKER, FILE, 2049, True), (SECOND, FILE, 2049, True), (WORKER, FILE, 22, False), (FILE, WORKER, 2049, False),
         (CLIENT, WEB, 443, True), (CLIENT, FILE, 2049, False)],
    )  # fmt: skip
    def test_what_should_be_open_follows_from_the_arrows(
        self, source: Place, target: Place, port: int, open_: bool
    ) -> None:
        assert rules.opens([NFS, HTTPS], source, target, port) is open_


class TestSeed:
    def test_a_host_is_told_its_address_its_name_and_the_user_data_as_it_is(self) -> None:
        told = seed.files(WEB, "i-1", "#cloud-config\n")
        network = json.loads(told["network-config"])["ethernets"][seed.INTERFACE]
        assert network["addresses"] == ["172.31.1.10/16"]
        assert network["match"]["macaddress"] == "02:00:ac:1f:01:0a"
        assert json.loads(told["meta-data"]) == {"instance-id": "i-1", "local-hostname": "web"}
        assert told["user-data"] == "#cloud-config\n"


class TestNames:
    def test_amazons_names_are_the_labs_cloud_and_the_database_is_its_host(self) -> None:
        told = names.command({"anb.rds.amazonaws.com": DATABASE})
        assert f"--address=/amazonaws.com/{CLOUD}" in told
        assert f"--host-record=anb.rds.amazonaws.com,{DATABASE}" in told
        assert "--no-resolv" in told


class TestKernel:
    def test_a_host_has_its_memory_its_disk_over_the_image_and_its_tap(self, tmp_path: Path) -> None:
        told = kernel.command(LinuxKernel(Path("/")), WEB, tmp_path, tmp_path / "image", 2048, 1)
        assert told[:4] == ["taskset", "--cpu-list", "1", "linux.uml"]
        assert "mem=2048M" in told
        assert f"ubd0={tmp_path}/root.cow,{tmp_path}/image" in told
        assert any(word.startswith("vec0:transport=tap,ifname=web,depth=128,gro=1") for word in told)
        assert "vec1:transport=tap,ifname=web-line,mac=02:01:ac:1f:01:0a" in told
        assert "lab.line=198.18.1.10/16" in told

    def test_a_kernel_that_the_lab_brought_sees_its_own_libraries_and_of_this_machine_the_hosts_folder(
        self, tmp_path: Path
    ) -> None:
        told = kernel.command(LinuxKernel(tmp_path / "kernel"), WEB, tmp_path / "web", tmp_path / "image", 2048, 0)
        walls, line = told[: told.index("--")], told[told.index("--") + 1 :]
        shown = {walls[number + 1] for number, word in enumerate(walls) if word.endswith("bind")}
        assert shown == {f"{tmp_path}/kernel/usr", f"{tmp_path}/web", f"{tmp_path}/image", "/dev", "/proc"}
        assert line[:2] == ["linux.uml", "seccomp=auto"]

    def test_one_that_cannot_be_had_or_is_another_is_done_without(self, tmp_path: Path) -> None:
        said: list[str] = []
        (tmp_path / "other.deb").write_bytes(b"another")
        for source in ((tmp_path / "none.deb").as_uri(), (tmp_path / "other.deb").as_uri()):
            assert kernel.obtain(tmp_path / "cache", said.append, source) == LinuxKernel(Path("/"))
        assert "none.deb" in said[0]
        assert "its SHA-256 is" in said[1]
        assert list((tmp_path / "cache").iterdir()) == []

    def test_hosts_are_spread_over_the_processors_that_may_be_used(self) -> None:
        assert [kernel.processor(number, {5, 2}) for number in range(5)] == [2, 5, 2, 5, 2]
