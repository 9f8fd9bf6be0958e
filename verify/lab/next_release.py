"""The release after this one: a copy of the tree with a higher version and one more migration."""

import re
import subprocess
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path

from deploy.hosts.bundle import Bundle, build

from verify.lab.workspace import ROOT, LabWorkspace

MIGRATION = '''"""One more column, as a release may bring."""

import sqlalchemy as sa
from alembic import op

revision = "{number}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("seasons", sa.Column("lab_note", sa.Text(), nullable=True))
'''


def build_successor(workspace: LabWorkspace) -> Bundle:
    """Return the bundle of the next release. Takes as long as any other build."""
    workspace.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=workspace.cache, prefix="making-") as folder:
        root = Path(folder) / "tree"
        _copy(root)
        release = _raise_version(root / "pyproject.toml")
        _add_migration(root / "src/anb/db/migrations/versions")
        return build(workspace.cache / "bundles", f"{release}-lab", root)


def _copy(root: Path) -> None:
    """Copy the files of this commit."""
    packed = subprocess.run(["git", "-C", str(ROOT), "archive", "HEAD"], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(root, filter="data")


def _raise_version(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    found = re.search(r'^version = "(\d+)\.(\d+)\.(\d+)"$', text, re.MULTILINE)
    assert found, "pyproject.toml has no version"
    version = f"{found[1]}.{int(found[2]) + 1}.0"
    path.write_text(text.replace(found[0], f'version = "{version}"', 1), encoding="utf-8")
    return version


def _add_migration(folder: Path) -> str:
    newest = max(path.name[:4] for path in folder.glob("[0-9]*.py"))
    number = f"{int(newest) + 1:04}"
    (folder / f"{number}_one_more_column.py").write_text(
        MIGRATION.format(number=number, before=newest), encoding="utf-8"
    )
    return number
