"""A release from the bucket to the host: complete and verified, or nothing."""

import gzip
import hashlib
import io
import json
import re
import subprocess
import tarfile
import time
from pathlib import Path

import pytest
from deploy.hosts import bootstrap, bundle
from deploy.hosts.bundle import Bundle, CannotBundle
from deploy.hosts.publish import key_of, point, publish

from support.hosts import Bucket


def packed(tmp_path: Path, release: str) -> Bundle:
    folder = tmp_path / "made" / release
    (folder / "site" / "anb").mkdir(parents=True)
    (folder / "site" / "anb" / "__init__.py").write_text(f'RELEASE = "{release}"\n', encoding="utf-8")
    path = tmp_path / f"anb-{release}.tar.gz"
    bundle._pack(folder, path)
    return Bundle(release, path, hashlib.sha256(path.read_bytes()).hexdigest())


@pytest.fixture
def releases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bootstrap, "RELEASES", tmp_path / "releases")
    return tmp_path / "releases"


class TestPublishing:
    def test_the_pointer_moves_last_and_names_what_was_uploaded(self, tmp_path: Path) -> None:
        bucket, made = Bucket(), packed(tmp_path, "r1")
        assert publish(made, "b", bucket) == key_of("r1")
        assert list(bucket.objects)[-1] == "releases/current"
        pointer = json.loads(bucket.objects["releases/current"])
        assert hashlib.sha256(bucket.objects[pointer["key"]]).hexdigest() == pointer["sha256"] == made.sha256

    def test_the_pointer_can_go_back(self, tmp_path: Path) -> None:
        bucket, old = Bucket(), packed(tmp_path, "r1")
        for made in (old, packed(tmp_path, "r2")):
            publish(made, "b", bucket)
        point(old.release, old.sha256, "b", bucket)
        assert bootstrap.wanted(bucket, "b", "")[0] == "r1"


class TestFetching:
    def test_the_published_release_arrives(self, tmp_path: Path, releases: Path) -> None:
        bucket = Bucket()
        publish(packed(tmp_path, "r1"), "b", bucket)
        folder = bootstrap.fetch(bucket, "b", *bootstrap.wanted(bucket, "b", ""))
        assert folder == releases / "r1"
        assert (folder / "site" / "anb" / "__init__.py").read_text() == 'RELEASE = "r1"\n'
        assert [path.name for path in releases.iterdir()] == ["r1"]

    def test_any_release_can_be_asked_for_by_name(self, tmp_path: Path) -> None:
        bucket = Bucket()
        for release in ("r1", "r2"):
            publish(packed(tmp_path, release), "b", bucket)
        release, key, sha256 = bootstrap.wanted(bucket, "b", "r1")
        assert (release, hashlib.sha256(bucket.objects[key]).hexdigest()) == ("r1", sha256)

    def test_bytes_that_are_not_what_was_published_never_become_a_release(self, tmp_path: Path, releases: Path) -> None:
        bucket = Bucket()
        publish(packed(tmp_path, "r1"), "b", bucket)
        bucket.objects[key_of("r1")] = packed(tmp_path, "r2").path.read_bytes()
        with pytest.raises(bootstrap.BootstrapError, match="not what was published"):
            bootstrap.fetch(bucket, "b", *bootstrap.wanted(bucket, "b", ""))
        assert not (releases / "r1").exists()
        assert not list(releases.glob(".*.tar.gz"))

    def test_what_is_there_is_not_fetched_again(self, releases: Path) -> None:
        (releases / "r1").mkdir(parents=True)
        assert bootstrap.fetch(None, "b", "r1", "k", "s") == releases / "r1"

    def test_a_release_nobody_published_is_refused_at_once(self) -> None:
        with pytest.raises(bootstrap.BootstrapError, match="no release in bucket b"):
            bootstrap.wanted(Bucket(), "b", "r9")

    def test_a_first_release_is_waited_for(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        bucket, made = Bucket(), packed(tmp_path, "r1")
        monkeypatch.setattr(time, "sleep", lambda _: publish(made, "b", bucket))
        assert bootstrap.wanted(bucket, "b", "")[0] == "r1"


class TestPackages:
    def test_they_come_by_https_as_nothing_else_may_leave(self, tmp_path: Path) -> None:
        (tmp_path / "sources.list.d").mkdir()
        source = tmp_path / "sources.list.d" / "debian.sources"
        source.write_text("URIs: http://mirror.example/debian\n", encoding="utf-8")
        bootstrap.https_only(tmp_path)
        assert source.read_text() == "URIs: https://mirror.example/debian\n"


class TestBundle:
    def test_it_is_the_same_bytes_from_the_same_files_and_roots(self, tmp_path: Path) -> None:
        first, second = packed(tmp_path, "r1"), tmp_path / "again.tar.gz"
        bundle._pack(tmp_path / "made" / "r1", second)
        assert second.read_bytes() == first.path.read_bytes()
        with tarfile.open(fileobj=io.BytesIO(gzip.decompress(second.read_bytes()))) as archive:
            assert {(member.uid, member.gid, member.uname) for member in archive} == {(0, 0, "root")}

    @pytest.mark.parametrize("name", ["../etc", "a b", "", "-x", "a/b"])
    def test_a_release_whose_name_would_be_a_path_is_refused(self, name: str, tmp_path: Path) -> None:
        with pytest.raises(CannotBundle, match="cannot be called"):
            bundle.build(tmp_path, name or " ")

    def test_a_release_is_called_after_version_commit_and_changes(self, tmp_path: Path) -> None:
        def git(*words: str) -> None:
            identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
            command = ["git", "-C", str(tmp_path), *identity, *words]
            subprocess.run(command, check=True, capture_output=True)

        project = tmp_path / "pyproject.toml"
        project.write_text('[project]\nversion = "1.2.3"\n', encoding="utf-8")
        git("init")
        git("add", ".")
        git("commit", "-m", "first")
        clean = bundle.release_of(tmp_path)
        assert re.fullmatch(r"1\.2\.3-[0-9a-f]{8}", clean)
        names = {clean}
        for line in ("# one\n", "# two\n"):
            project.write_text(project.read_text(encoding="utf-8") + line, encoding="utf-8")
            names.add(bundle.release_of(tmp_path))
        (tmp_path / "src").mkdir()
        for line in ("new = 1", "new = 2"):
            (tmp_path / "src" / "new.py").write_text(line, encoding="utf-8")
            names.add(bundle.release_of(tmp_path))
        assert len(names) == 5
        assert all(name.startswith(clean) for name in names)
